"""What people and programs on this machine, and their chat windows, hand to a node as text."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from zeroconf import ServiceInfo

from p2pnode.answers.lists import read_cursor, write_cursor
from p2pnode.api import models
from p2pnode.api.bodies import read_json
from p2pnode.community import links
from p2pnode.community.references import find_device, find_member, find_peer, find_proposal
from p2pnode.net.addresses import AddressError, expand_addresses, parse_address
from p2pnode.net.dialling.mdns import make_service, read_service
from p2pnode.net.identity import compute_peer_id, split_address
from p2pnode_cli.commands.seats.charter import read_changes
from p2pnode_cli.failures import Failure
from p2pnode_cli.shown import spans
from p2pnode_cli.typed import moments
from p2pnode_protocols.wire.codec import encode
from p2pnode_protocols.wire.crypto import compute_member_id
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import KINDS, OpId, from_text, resolve, to_short, to_text

from . import genuine, values
from .parts import Part, expect, mutate_part, seeds_of, try_part

NOW_MS = genuine.START_MS
_KINDS = tuple(KINDS)
_UNRESOLVED = ("ambiguous_id", "bad_id", "unknown_member", "unknown_proposal")
_UNFOUND = ("not_a_member", "unknown_device", "unknown_peer")
_KNOWN = tuple(hashlib.sha256(bytes([n])).digest() for n in range(40))


def _text(data: bytes) -> str:
    """Return the text; surrogates by themselves included, as JSON can spell them."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def _reads(read: Callable[[str], None]) -> Callable[[bytes], None]:
    return lambda data: read(_text(data))


def _id(text: str) -> None:
    kind = _KINDS[len(text) % len(_KINDS)] if "_" not in text else text.strip()[:3].rstrip("_")
    if kind not in KINDS:
        return
    data = from_text(kind, text)
    assert to_text(kind, data).endswith(text.strip().lower().rpartition("_")[2])


def _prefix(text: str) -> None:
    for kind in ("pro", "mem", "dev"):
        try:
            found = resolve(kind, text, _KNOWN)
        except UsageError as error:
            expect(error.code in _UNRESOLVED, error)
            continue
        assert (
            to_text(kind, found)
            .partition("_")[2]
            .startswith(text.strip().lower().rpartition("_")[2])
        )


def _join_link(text: str) -> None:
    link = links.JoinLink.from_text(text)
    assert links.JoinLink.from_text(link.to_text()) == link
    if link.secret is not None:
        assert text not in repr(link)
        assert link.admission(genuine.JOINER.device) is not None


def _binding(text: str) -> None:
    binding = links.Binding.from_text(text)
    assert links.Binding.from_text(binding.to_text()) == binding


def _sealed(data: bytes) -> None:
    """A link with the right checksum over any content: what lies behind it."""
    for prefix, read in (("p2pnode:join:1", _join_link), ("p2pnode:bind:1", _binding)):
        checksum = hashlib.sha256(prefix.encode() + b"\0" + data).digest()[:4]
        try:
            read(prefix + base64.b32encode(checksum + data).decode().rstrip("="))
        except links.RequestError as refusal:
            expect(refusal.code == "bad_link", refusal)
            expect("checksum" not in refusal.detail, "the fuzzer spells links wrongly")


def _api_duration(text: str) -> None:
    assert models.parse_duration_ms(text) >= 0


def _cli_time(text: str) -> None:
    for read in (moments.read_length_ms, _moment):
        try:
            found_ms = read(text)
        except ValueError as error:
            helps = any(
                word in str(error) for word in ("write ", "at most 100 years", "is the latest")
            )
            expect(helps, f"a refusal that does not help: {error}")
        else:
            spans.show_closing(found_ms, NOW_MS)


def _moment(text: str) -> int:
    found_ms = moments.read_moment_ms(text, NOW_MS)
    spans.rfc3339(found_ms)  # what is read can be sent
    return found_ms


def _address(text: str) -> None:
    address = parse_address(text)
    assert parse_address(str(address)) == address
    if not address.is_unspecified:
        assert expand_addresses([address]) == (address,)


def _peer_address(text: str) -> None:
    device, _rest = split_address(text)
    assert text.strip().endswith(compute_peer_id(device)), "two spellings of one peer id"


def _reference(text: str) -> None:
    charter = genuine.charter()
    me = charter.members[0].devices[0]
    numbered = [OpId(one) for one in _KNOWN]
    finders: tuple[Callable[[], object], ...] = (
        lambda: find_proposal(text, numbered, numbered[:3]),
        lambda: find_member(text, charter, me),
        lambda: find_device(text, charter.members[0].devices),
        lambda: find_peer(text, charter, [me]),
        lambda: find_peer(text, None, [me]),
    )
    for find in finders:
        try:
            find()
        except (UsageError, links.RequestError) as refusal:
            expect(refusal.code in (*_UNRESOLVED, *_UNFOUND), refusal)


def _cursor(text: str) -> None:
    key = read_cursor("invites", text, (int, bytes))
    assert key is not None
    assert write_cursor("invites", key) == text, "two spellings of one cursor"


def _change(text: str) -> None:
    json.dumps(read_changes(text.split("\n")))


_MODELS: tuple[type[BaseModel], ...] = (
    models.FoundIn,
    models.JoinIn,
    models.InviteIn,
    models.ProposeIn,
    models.ReviseIn,
    models.VoteIn,
    models.WithdrawIn,
    models.AmendIn,
    models.DeviceIn,
    models.NodeKeyIn,
    models.BindingIn,
    models.PeerIn,
)


def _body(text: str) -> None:
    """What the API takes as a request body is text that can be stored and signed."""
    try:
        content = read_json(text.encode(errors="surrogatepass"))
    except RequestValidationError as refusal:
        expect(all(one["msg"] for one in refusal.errors()), "a refusal without words")
        return
    for model in _MODELS:
        try:
            body = model.model_validate(content)
        except ValidationError:
            continue
        body.model_dump_json().encode()
        if isinstance(body, models.ProposeIn | models.ReviseIn):
            body.close_ms(genuine.WallMs(NOW_MS))
        if isinstance(body, models.AmendIn | models.FoundIn):
            models.read_changes(body.changes)


def _announcement(data: bytes) -> None:
    """An mDNS record of anybody on the local network: TXT bytes, and addresses after a NUL."""
    txt, _, addresses = data.partition(b"\0\0")
    info = ServiceInfo(
        "_p2pnode._tcp.local.",
        "x._p2pnode._tcp.local.",
        port=len(data) % 70_000,
        properties=txt,
        addresses=[addresses[:4]]
        if len(addresses) in range(4, 16)
        else [addresses[:16]]
        if len(addresses) >= 16
        else [],
    )
    found = read_service(info, genuine.community())
    if found is not None:
        for address in found[1]:
            parse_address(address)


# --- seeds ------------------------------------------------------------------------------------


def _lines(*texts: str) -> Callable[[], Sequence[bytes]]:
    return lambda: [one.encode() for one in texts]


@functools.cache
def _link() -> links.JoinLink:
    peer = compute_peer_id(genuine.JOINER.device)
    return links.JoinLink(
        genuine.community(),
        b"\x55" * 32,
        genuine.WallMs(NOW_MS),
        (f"/ip4/1.2.3.4/tcp/1/p2p/{peer}",),
    )


def _ids() -> list[bytes]:
    return [to_text(kind, _KNOWN[0]).encode() for kind in _KINDS]


def _prefixes() -> list[bytes]:
    return [to_short("pro", one).encode() for one in _KNOWN[:4]] + [b"aaaa", b" PRO_ABCD "]


def _link_texts() -> list[bytes]:
    return [_link().to_text().encode(), b"<p2pnode:join:1\n abc>"]


def _binding_texts() -> list[bytes]:
    member = compute_member_id(genuine.SPARE.device)
    return [links.Binding(member, genuine.SPARE.device, b"\x66" * 64).to_text().encode()]


def _sealed_contents() -> list[bytes]:
    link = _link()
    return [
        encode([link.community, link.secret, link.expires_ms, link.addresses]),
        encode([link.community, None, 0, []]),
        encode([genuine.SPARE.device, b"\x66" * 64]),
    ]


_ADDRESSES = (
    "/ip4/127.0.0.1/tcp/4001",
    "/ip6/::1/tcp/0",
    "/ip6/fe80::1%eth0/tcp/1",
    "/dns4/a-b.example./tcp/65535",
)


def _peer_addresses() -> list[bytes]:
    peer = compute_peer_id(genuine.JOINER.device)
    return [f"{one}/p2p/{peer}".encode() for one in _ADDRESSES]


def _references() -> list[bytes]:
    charter = genuine.charter()
    return [
        *(one.name.encode() for one in charter.members),
        b"me",
        b"#12",
        b"3",
        to_text("mem", charter.members[0].id).encode(),
        to_short("dev", charter.members[0].devices[0]).encode(),
    ]


def _bodies() -> list[bytes]:
    ratio = {"num": 2, "den": 3}
    contents: tuple[dict[str, Any], ...] = (
        {"name": "town", "member_name": "alice", "changes": {"timing.delta_ms": 50}},
        {"link": "p2pnode:join:1abc", "member_name": "bob"},
        {"name": "erin", "uses": 2, "expires_in": "7d", "vote": "yes", "text": None},
        {"tier": "tactical", "title": "t", "closes_in": "3d", "vote": "aside"},
        {"tier": "tactical", "title": "t", "closes_at": "2030-05-17T14:00:00+02:00"},
        {"tier": "c", "title": "t", "action": {"kind": "set_away", "member": "b", "away": True}},
        {"choice": "no", "reason": "r", "revision": "pro_abcd"},
        {"changes": {"tiers.tactical.threshold": ratio, "name": "x", "a": True}, "title": "t"},
        {"binding": "p2pnode:bind:1abc"},
        {"device": None},
        {"link": "p2pnode:join:1abc", "member": "mem_abcd"},
        {"address": "/ip4/127.0.0.1/tcp/4001"},
        {"text": "\ud800"},
    )
    return [json.dumps(one).encode() for one in contents]


def _announcements() -> list[bytes]:
    service = make_service(
        genuine.community(), genuine.JOINER.device, [parse_address("/ip4/10.0.0.1/tcp/9")]
    )
    assert service is not None
    return [service.text + b"\0\0\x0a\x00\x00\x01", service.text + b"\0\0" + b"\xfe\x80" * 8]


# Only ever added to at the end: the first byte of an input is a place in this list.
PARTS = (
    Part("id", _reads(_id), _ids, ("bad_id",), is_value=False),
    Part("prefix", _reads(_prefix), _prefixes, (), is_value=False),
    Part("join link", _reads(_join_link), _link_texts, ("bad_link",), is_value=False),
    Part("binding", _reads(_binding), _binding_texts, ("bad_link",), is_value=False),
    Part("sealed link", _sealed, _sealed_contents, ("bad_link",)),
    Part(
        "duration",
        _reads(_api_duration),
        _lines("90s", "30m", " 6h ", "999999999w"),
        is_value=False,
        refusals=(ValueError,),
    ),
    Part(
        "time",
        _reads(_cli_time),
        _lines("1h30m", "2w", "2030-05-17T14:00", "0001-01-01T00:00+02:00", "2030-W20-5"),
        is_value=False,
        refusals=(),
    ),
    Part(
        "address", _reads(_address), _lines(*_ADDRESSES), is_value=False, refusals=(AddressError,)
    ),
    Part(
        "peer address",
        _reads(_peer_address),
        _peer_addresses,
        is_value=False,
        refusals=(AddressError,),
    ),
    Part("reference", _reads(_reference), _references, (), is_value=False),
    Part(
        "cursor",
        _reads(_cursor),
        _lines("50", write_cursor("invites", (-5, b"x"))),
        ("bad_cursor",),
        is_value=False,
    ),
    Part(
        "change",
        _reads(_change),
        _lines("tiers.tactical.threshold=2/3\nname=x", "a=66%", "b_ms=14d", "c=-5", "d=true"),
        is_value=False,
        refusals=(Failure,),
    ),
    Part("request body", _reads(_body), _bodies, is_value=False),
    Part("announcement", _announcement, _announcements, is_value=False),
)  # fmt: skip


def check(data: bytes) -> None:
    try_part(PARTS, data)


def seeds() -> Iterator[bytes]:
    return seeds_of(PARTS)


def mutate(data: bytes, source: random.Random) -> bytes:
    return mutate_part(PARTS, data, source, values.edit)
