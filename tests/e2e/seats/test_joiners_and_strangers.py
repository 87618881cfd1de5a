"""Whoever calls a joiner, and has no seat and is not in its link, has no say in its join.

Real daemons, the members' nodes off, and a stranger that says what members say.
"""

from __future__ import annotations

import contextlib

import trio
from support.hosts.nets import DEADLINE_S, Stranger
from support.processes.daemons import Daemon, Start

from p2pnode.net import split_address
from p2pnode.net.errors import LinkClosed
from p2pnode_protocols.gossip.peers.refusals import SHUT_OUT
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello, Refused
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, from_text


def test_a_stranger_neither_ends_a_join_nor_says_how_it_stands(start: Start, home: Daemon) -> None:
    (alice, bob), carol = start("alice", "bob"), home
    carol.start()
    link = alice.invite("carol", [bob])
    for one in (alice, bob):  # where she looks for them later
        (address,) = one.get("node")["addresses"]
        one.set("P2PNODE_NET_PORT", address.split("/tcp/")[1].split("/")[0])
    bob.stop()  # so her seat waits
    carol.post("node/joins", {"link": link, "member_name": "carol"})
    carol.get("status", min_index=alice.get("status")["log"]["index"])
    alice.stop()
    for code in sorted(SHUT_OUT):
        trio.run(_call, carol, code)
        join = carol.get("join")
        assert (join["stage"], join["code"]) == ("joining", None)
        assert "stranger" not in str(join)
    alice.start()
    bob.start()
    carol.stop()  # it is kept over this as well
    carol.start()
    body = {"link": link, "member_name": "carol"}
    assert carol.post("node/joins", body, wait="final")["stage"] == "admitted"


async def _call(daemon: Daemon, code: str) -> None:
    """Say that the join is refused; return when the node has judged what was said after that."""
    (address,) = daemon.get("node")["addresses"]
    device, _ = split_address(address)
    community = CommunityId(from_text("com", daemon.get("join")["community"]))
    stranger = Stranger(code.encode().ljust(32))
    other = Hello(PROTOCOL_VERSION, CommunityId(b"o" * 32), None, None, "test", ())
    with trio.fail_after(DEADLINE_S):
        async with stranger.session(DeviceKey(device), address, community=community) as wire:
            await stranger.say(wire, Refused(code, "a stranger's words"), other)
            assert (await stranger.hear(wire, Refused)).code == "wrong_community"
            with contextlib.suppress(LinkClosed):
                while True:
                    await wire.receive()
