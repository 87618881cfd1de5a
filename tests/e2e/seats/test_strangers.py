"""What a real daemon tells whoever has no seat: raw bytes and whole sessions at its port, probes.

Looked for in all that comes back, in every spelling: keys and ids of members and of their
community, and the log's root. How far the log is (a count) would be a status, which is a
message that no stranger gets.
"""

from __future__ import annotations

import base64
import contextlib
import socket
from collections.abc import Iterator
from hashlib import sha256
from itertools import product

import pytest
import trio
from support.hosts.nets import DEADLINE_S, Stranger
from support.processes.daemons import Daemon, community

from p2pnode.net import split_address
from p2pnode.net.errors import LinkClosed
from p2pnode.net.framing import FrameReader
from p2pnode_protocols.messages.frames import read_frame
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Bye, Hello, Ping, Refused
from p2pnode_protocols.messages.spreading import Pull, Push, Want
from p2pnode_protocols.messages.standing import Status
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, WallMs, from_text


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Daemon]]:
    homes = [Daemon(tmp_path_factory.mktemp("gate") / name) for name in ("one", "two")]
    try:
        alice, bob = community(homes, ["alice", "bob"])
        body = {"tier": "tactical", "title": "A secret question", "vote": "yes"}
        opened = alice.post("proposals", body, wait="final")["proposal"]["id"]
        bob.get("status", min_index=alice.get("status")["log"]["index"])
        bob.post(f"proposals/{opened}/votes", {"choice": "yes"}, wait="final")
        yield [alice, bob]
    finally:
        for one in homes:
            one.kill()


def secrets(alice: Daemon) -> dict[str, bytes]:
    """Return what no stranger may learn, by name; a node's own key is told by the handshake."""
    status = alice.get("status")
    found = {"community": from_text("com", status["community"]["id"])}
    found["epoch"] = from_text("epo", status["epoch"]["id"])
    found["log root"] = bytes.fromhex(status["log"]["root"])
    for member in alice.get("members")["items"]:
        found[f"seat of {member['name']}"] = from_text("mem", member["id"])
        for device in member["devices"]:
            if not device["me"]:
                found[f"device of {member['name']}"] = from_text("dev", device["id"])
    for proposal in alice.get("proposals")["items"]:
        found[f"proposal {proposal['title']}"] = from_text("pro", proposal["id"])
    return found


WORDS = (b"alice", b"bob", b"A secret question", b"store.db")


def leaks(said: bytes, hidden: dict[str, bytes]) -> list[str]:
    """Return what of `hidden` is in `said`: raw, as hex, base32 or base64, whole or begun."""
    folded = said.lower()
    found = []
    for name, value in hidden.items():
        spellings = (
            value[:16],
            value.hex()[:16].encode(),
            base64.b32encode(value)[:16].lower(),
            base64.b64encode(value)[:16].lower(),
        )
        if any(one in said or one in folded for one in spellings):
            found.append(name)
    return found + [word.decode() for word in WORDS if word in said]


def port(daemon: Daemon) -> int:
    (address,) = daemon.get("node")["addresses"]
    return int(address.split("/")[4])


def multistream(*lines: str) -> bytes:
    return b"".join(
        bytes([len(one) + 1]) + one.encode() + b"\n" for one in ("/multistream/1.0.0", *lines)
    )


RAW = {
    "nothing": b"",
    "a probe": b"GET /livez?verbose=true HTTP/1.1\r\nHost: node\r\n\r\n",
    "the API": b"GET /api/v1/communities/only/status HTTP/1.1\r\nHost: node\r\n\r\n",
    "the API through a proxy": b"GET http://node/api/v1/communities/only/members HTTP/1.0\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(512),
    "a list of protocols": multistream("ls"),
    "no encryption": multistream("/plaintext/2.0.0"),
    "encryption and no more": multistream("/noise"),
    "encryption and noise": multistream("/noise") + b"\x00\x20" + bytes(range(32)),
    "an identity": multistream("/ipfs/id/1.0.0"),
    "lines": b"help\nstatus\nmembers\n\n",
    "zeros": bytes(4096),
    "noise": b"".join(sha256(bytes([n])).digest() for n in range(128)),
}


@pytest.mark.parametrize("kind", RAW)
def test_raw_bytes_at_the_port_are_told_nothing_of_the_community(
    members: list[Daemon], kind: str
) -> None:
    alice, _bob = members
    said = bytearray()
    with socket.create_connection(("127.0.0.1", port(alice)), timeout=DEADLINE_S) as connection:
        connection.sendall(RAW[kind])
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while more := connection.recv(65_536):
                said += more
    assert leaks(bytes(said), secrets(alice)) == []
    assert len(said) < 1024
    assert b"HTTP/" not in said
    assert alice.get("status")["committee"]["reachable"] == 2, "nobody else notices"


def _sayings(seen: CommunityId | None) -> dict[str, tuple[object, ...]]:
    other = CommunityId(b"c" * 32) if seen is None else seen
    hello = Hello(PROTOCOL_VERSION, other, None, None, "test", ())
    return {
        "hello": (hello,),
        "a pull": (Pull(0, (), 1000),),
        "hello and pulls": (hello, Pull(0, (), 1000), Pull(1, (), 1000)),
        "hello and wants": (hello, Want((b"w" * 32,))),
        "a push": (Push(),),
        "a ping": (Ping(7, WallMs(1)),),
    }


@pytest.mark.parametrize(("knows", "kind"), list(product([False, True], _sayings(None))), ids=str)
def test_stranger_in_a_whole_session_learns_why_it_is_refused_and_no_more(
    members: list[Daemon], knows: bool, kind: str
) -> None:
    """Also one who knows the community's id, as a link or a certificate tells it."""
    alice, _bob = members
    hidden = secrets(alice)
    known = CommunityId(hidden["community"])
    if knows:
        del hidden["community"]
    said = trio.run(_hear, alice, known if knows else None, kind)
    assert leaks(said, hidden) == []
    if not knows:
        assert said == b"", "the streams are refused to who does not know what they are for"
        return
    messages = [
        message
        for frame in FrameReader().feed(said)
        for message in read_frame(frame, Opener(known))
    ]
    assert {type(one) for one in messages} <= {Refused, Bye}
    assert not any(isinstance(one, Status | Hello | Push) for one in messages)
    assert any(isinstance(one, Refused) for one in messages), messages


async def _hear(alice: Daemon, community_id: CommunityId | None, kind: str) -> bytes:
    """Say it as a stranger, and return all that came until the node hung up."""
    stranger = Stranger(sha256(f"{community_id!r}{kind}".encode()).digest())
    (address,) = alice.get("node")["addresses"]
    device, _ = split_address(address)
    said = bytearray()
    with trio.fail_after(60):
        community = community_id or CommunityId(b"c" * 32)
        try:
            async with stranger.session(DeviceKey(device), address, community=community) as link:
                await stranger.say(link, *_sayings(community_id)[kind])  # type: ignore[arg-type]
                with contextlib.suppress(LinkClosed):
                    while True:
                        said += await link.receive()
        except* LinkClosed:
            assert community_id is None
    return bytes(said)


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
@pytest.mark.parametrize("verbose", [False, True])
def test_probes_say_whether_it_is_well_and_nothing_of_the_community(
    members: list[Daemon], path: str, verbose: bool
) -> None:
    """They are for supervisors: on the socket of this user alone, and short all the same."""
    alice, _bob = members
    answer = alice.ask("GET", path, verbose="true" if verbose else "false")
    assert answer.status == 200
    assert leaks(answer.document.encode(), secrets(alice)) == []
