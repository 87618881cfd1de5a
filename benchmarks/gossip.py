"""GossipSub of py-libp2p beside our direct streams: delivery and latency on one machine.

    python3 dev.py bench gossip

All nodes are in one process and connected to each other, so both sides have one core and the
same Noise and Yamux under them. First single messages with pauses, then a burst; each is
200 bytes and due at every other node (docs/adr/0004).
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import trio
from libp2p import new_host
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.custom_types import TProtocol
from libp2p.peer.peerinfo import PeerInfo
from libp2p.pubsub.gossipsub import GossipSub
from libp2p.pubsub.pubsub import Pubsub
from libp2p.tools.anyio_service import background_trio_service
from measuring.command import Effort, run
from measuring.figures import Found, figure
from multiaddr import Multiaddr  # type: ignore[import-untyped]

from p2pnode.net import Endpoint, Net, NetConfig
from p2pnode.net.interface import NetEvent
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.steps.inputs import PeerUp, Received
from p2pnode_protocols.wire.ids import CommunityId

NODES, MESSAGES = 8, 200
MESSAGE_BYTES = 200
GAP_S = 0.05  # between single messages: no two are under way at once
SETTLE_S = 10.0  # for what was sent to arrive, or never
TOPIC = "benchmark"


@dataclass
class Arrivals:
    """When each message was sent, and how long it took to each node that has it."""

    due: int  # arrivals at all nodes together
    sent_s: dict[bytes, float] = field(default_factory=dict)
    taken_ms: list[float] = field(default_factory=list)
    complete: trio.Event = field(default_factory=trio.Event)

    def make(self) -> bytes:
        blob = os.urandom(MESSAGE_BYTES)
        self.sent_s[blob] = time.perf_counter()
        return blob

    def note(self, blob: bytes) -> None:
        sent_s = self.sent_s.get(blob)
        if sent_s is None:
            return  # a straggler of the round before
        self.taken_ms.append((time.perf_counter() - sent_s) * 1000)
        if len(self.taken_ms) == self.due:
            self.complete.set()

    def begin(self) -> None:
        """Forget what was measured."""
        self.sent_s.clear()
        self.taken_ms.clear()
        self.complete = trio.Event()


Publish = Callable[[int, bytes], Awaitable[None]]  # which node, what


@asynccontextmanager
async def gossipsub(count: int, arrivals: Arrivals) -> AsyncIterator[Publish]:
    """Run nodes that speak GossipSub with its usual mesh: degree 6, heartbeat every second."""
    async with AsyncExitStack() as stack:
        hosts = [new_host(key_pair=create_new_key_pair()) for _ in range(count)]
        nodes: list[Pubsub] = []
        for host in hosts:
            await stack.enter_async_context(host.run([Multiaddr("/ip4/127.0.0.1/tcp/0")]))
            router = GossipSub(
                [TProtocol("/meshsub/1.1.0")],
                degree=6,
                degree_low=4,
                degree_high=12,
                heartbeat_initial_delay=0.1,
                heartbeat_interval=1,
            )
            node = Pubsub(host, router)
            await stack.enter_async_context(background_trio_service(node))
            await stack.enter_async_context(background_trio_service(router))
            await node.wait_until_ready()
            nodes.append(node)
        for place, host in enumerate(hosts):
            for other in hosts[:place]:
                await host.connect(PeerInfo(other.get_id(), other.get_addrs()))

        async def listen(node: Pubsub, own: bytes) -> None:
            subscription = await node.subscribe(TOPIC)
            while True:
                message = await subscription.get()
                if message.from_id != own:
                    arrivals.note(message.data)

        async def publish(place: int, blob: bytes) -> None:
            await nodes[place].publish(TOPIC, blob)

        async with trio.open_nursery() as nursery:
            for node, host in zip(nodes, hosts, strict=True):
                nursery.start_soon(listen, node, host.get_id().to_bytes())
            await trio.sleep(5)  # a few heartbeats: the mesh is made
            yield publish
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def direct(count: int, arrivals: Arrivals) -> AsyncIterator[Publish]:
    """Run our own net, one stream per direction and peer; a publish is a push to each."""
    community = CommunityId(bytes(32))
    config = NetConfig(listen=("/ip4/127.0.0.1/tcp/0",), mdns=False)
    up = [0] * count

    async def listen(place: int, events: trio.MemoryReceiveChannel[NetEvent]) -> None:
        async for event in events:
            match event:
                case PeerUp():
                    up[place] += 1
                case Received(message=Push(texts=texts)):
                    for blob in texts:
                        arrivals.note(blob)
                case _:
                    pass

    async with trio.open_nursery() as nursery:
        nets: list[Net] = []
        for place in range(count):
            send, receive = trio.open_memory_channel[NetEvent](64)
            seed = place.to_bytes(32, "big")
            endpoint = Endpoint(config, seed)
            net = Net(endpoint, community, lambda _device: True, Opener(community), send)
            nursery.start_soon(listen, place, receive)
            await nursery.start(endpoint.run)
            await nursery.start(net.run)
            nets.append(net)
        for net in nets:
            net.set_peers({other.device: other.addresses for other in nets if other is not net})
        with trio.fail_after(30):
            while min(up) < count - 1:
                await trio.lowlevel.checkpoint()

        async def publish(place: int, blob: bytes) -> None:
            for other in nets:
                if other is not nets[place]:
                    nets[place].enqueue(other.device, Push(texts=(blob,)))
            await trio.lowlevel.checkpoint()

        yield publish
        nursery.cancel_scope.cancel()


async def publish_all(
    system: str, publish: Publish, arrivals: Arrivals, nodes: int, total: int
) -> list[Found]:
    """Publish `total` messages from all nodes in turn, with pauses and without."""
    found: list[Found] = []
    for kind, gap_s in (("one at a time", GAP_S), ("in a burst", 0.0)):
        arrivals.begin()
        for number in range(total):
            await publish(number % nodes, arrivals.make())
            await trio.sleep(gap_s)
        with trio.move_on_after(SETTLE_S):
            await arrivals.complete.wait()
        taken = list(arrivals.taken_ms)
        lost = 100 * (arrivals.due - len(taken)) / arrivals.due
        work = f"messages to all, {kind}"
        if taken:
            found.append(figure(f"{work}: delay", taken, "ms", nodes=nodes, system=system))
        found.append(figure(f"{work}: lost", [lost], "%", nodes=nodes, system=system))
    return found


async def publish_with(system: str, nodes: int, total: int) -> list[Found]:
    arrivals = Arrivals(total * (nodes - 1))
    make = gossipsub if system == "GossipSub" else direct
    async with make(nodes, arrivals) as publish:
        return await publish_all(system, publish, arrivals, nodes, total)


def measure(effort: Effort) -> Iterator[Found]:
    logging.disable(logging.CRITICAL)  # py-libp2p's, of what GossipSub loses
    for system in ("p2pnode", "GossipSub"):
        yield from trio.run(publish_with, system, effort(NODES, 3), effort(MESSAGES, 5))


if __name__ == "__main__":
    run(__doc__, measure)
