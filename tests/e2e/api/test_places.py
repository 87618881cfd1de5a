"""Who holds an open invite, and does nothing with it, keeps nobody out of whom another one lets in.

Real daemons, and strangers with the real handshake that answer pings and say nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio
from support.hosts.nets import DEADLINE_S, Stranger
from support.processes.daemons import Daemon, Start

from p2pnode.community.links import JoinLink
from p2pnode.net import split_address
from p2pnode.net.framing import FrameReader
from p2pnode_protocols.messages.frames import read_frame
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello, Ping, Pong
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.wire.ids import DeviceKey
from p2pnode_protocols.wire.limits import STRANGERS

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # libp2p brings stubs of a trio that has none


def test_holders_of_one_invite_keep_nobody_out_who_has_another(start: Start, home: Daemon) -> None:
    """Their keys, at each node, are as many as one invite has places for."""
    (alice, bob), carol = start("alice", "bob"), home
    carol.start()
    leaked = JoinLink.from_text(alice.invite("mallory", [bob]))
    link = alice.invite("carol", [bob])
    nodes = [one.get("node")["addresses"][0] for one in (alice, bob)]

    async def crowd() -> None:
        async with trio.open_nursery() as nursery:
            with trio.fail_after(DEADLINE_S):
                for number in range(STRANGERS):
                    for address in nodes:
                        stranger = Stranger(bytes([200 + number]) * 32)
                        await nursery.start(_stay, stranger, address, leaked)
            body = {"link": link, "member_name": "carol"}
            joined = await trio.to_thread.run_sync(
                lambda: carol.post("node/joins", body, wait="final")
            )
            assert joined["stage"] == "admitted", joined
            nursery.cancel_scope.cancel()

    trio.run(crowd)


async def _stay(
    stranger: Stranger,
    address: str,
    link: JoinLink,
    *,
    task_status: TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Show an invite to a node and stay; started once the node has let it in."""
    device, _ = split_address(address)
    reader, opener = FrameReader(), Opener(link.community)
    async with stranger.session(DeviceKey(device), address, community=link.community) as wire:
        admission = link.admission(stranger.device)
        await stranger.say(
            wire, Hello(PROTOCOL_VERSION, link.community, None, admission, "test", ())
        )
        while True:
            for frame in reader.feed(await wire.receive()):
                for message in read_frame(frame, opener):
                    if isinstance(message, Ping):
                        await stranger.say(wire, Pong(message.token, message.wall_ms))
                    elif isinstance(message, Hello):
                        task_status.started()
