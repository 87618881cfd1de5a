"""Nets without a core, each a process of its own: they tell where they listen, and meet."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from p2pnode.net import Endpoint, Net, NetConfig, NetEvent
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.steps.inputs import PeerUp
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey

COMMUNITY = CommunityId(bytes(32))


def tell(value: object) -> None:
    print(json.dumps(value), flush=True)


@dataclass(frozen=True, slots=True)
class Place:
    """One net among the others, connected to all of them."""

    net: Net
    seed: bytes
    events: trio.MemoryReceiveChannel[NetEvent]
    peers: tuple[DeviceKey, ...]


@asynccontextmanager
async def meet(number: int) -> AsyncIterator[Place]:
    """Be a net: tell where it listens, read where all do, tell once it is up with all."""
    send, events = trio.open_memory_channel[NetEvent](256)
    config = NetConfig(listen=("/ip4/127.0.0.1/tcp/0",), mdns=False)
    seed = bytes([number + 1]) * 32
    endpoint = Endpoint(config, seed)
    net = Net(endpoint, COMMUNITY, lambda _: True, Opener(COMMUNITY), send)
    async with trio.open_nursery() as nursery:
        await nursery.start(endpoint.run)
        await nursery.start(net.run)
        tell([net.device.hex(), net.addresses])
        everyone = json.loads(sys.stdin.readline())
        told = {DeviceKey(bytes.fromhex(key)): addresses for key, addresses in everyone}
        del told[net.device]
        net.set_peers(told)
        for _ in told:
            while not isinstance(await events.receive(), PeerUp):
                pass
        tell("up")
        yield Place(net, seed, events, tuple(told))
        nursery.cancel_scope.cancel()
