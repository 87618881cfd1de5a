"""Ops: signed once, read back the same, refused when off: R2.3, R2.4, R2.8, R2.9."""

from __future__ import annotations

import pytest
from support.cores.dag import FakeSigner, fake_verify
from support.cores.town import key_of, text_of

from p2pnode_protocols.record.actions import (
    AmendAction,
    InviteAction,
    NoAction,
    RemoveAction,
    SetAwayAction,
    read_action,
)
from p2pnode_protocols.record.bodies import (
    AddDevice,
    Away,
    Back,
    Body,
    Join,
    Leave,
    Propose,
    Revise,
    RevokeDevice,
    SetNodeKey,
    Vote,
    Withdraw,
    texts_of,
)
from p2pnode_protocols.record.ops import open_op, read_text_ids, sign_op
from p2pnode_protocols.record.texts import Part, TextRef, make_text
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import Value, decode, encode
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, MemberId, OpId, WallMs
from p2pnode_protocols.wire.limits import OP_BYTES, TEXT_BYTES

TOWN, VILLAGE = CommunityId(b"t" * 32), CommunityId(b"v" * 32)
ALICE = MemberId(b"a" * 32)
SOME, OTHER = OpId(b"1" * 32), OpId(b"2" * 32)
KEY = key_of("alice")
TITLE, TEXT = text_of("title"), text_of("text")
TEXTS = (Part(2, TEXT), Part(1, text_of("more")))

BODIES: list[Body] = [
    Propose("tactical", TITLE, (), NoAction(), WallMs(0)),
    Propose("strategic", TITLE, TEXTS, InviteAction("bob", KEY, WallMs(9), 3), WallMs(7)),
    Propose("strategic", TITLE, TEXTS, RemoveAction(ALICE), WallMs(7)),
    Propose("strategic", TITLE, TEXTS, SetAwayAction(ALICE, away=True), WallMs(7)),
    Propose("strategic", TITLE, TEXTS, AmendAction((("name", "x"), ("a.b", [1, 2]))), WallMs(7)),
    Revise(SOME, TITLE, TEXTS, WallMs(3)),
    Withdraw(SOME, None),
    Withdraw(SOME, TEXT),
    Vote(SOME, OTHER, "aside", TEXT),
    Join("bob", KEY, b"s" * 64),
    Away(),
    Back(),
    Leave(),
    AddDevice(KEY, b"s" * 64),
    RevokeDevice(KEY),
    SetNodeKey(KEY),
    SetNodeKey(None),
]
ODD_PARTS: list[Value] = [
    None,
    TITLE.to_wire(),
    [[0, TITLE.to_wire()]],
    [[20_001, TITLE.to_wire()]],
    [[True, TITLE.to_wire()]],
    [[1, None]],
    [[1, TITLE.to_wire(), 1]],
    [[number, TITLE.to_wire()] for number in range(1, 202)],
]


def content(**changes: Value) -> dict[str, Value]:
    return {
        "author": ALICE,
        "device": KEY,
        "nonce": 1,
        "created_ms": 5,
        "kind": "away",
        "body": [],
        **changes,
    }


def signed(fields: dict[str, Value]) -> bytes:
    inner = encode(list(fields.values()))
    message = crypto.signed_message(crypto.TAG_OP, TOWN, inner)
    return encode([inner, FakeSigner(KEY).sign(message)])


def refusal(wire: bytes, community: CommunityId = TOWN) -> str:
    with pytest.raises(PeerFault) as caught:
        open_op(community, wire, fake_verify)
    return caught.value.code


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_op_reads_back_as_it_was_signed(body: Body) -> None:
    op = sign_op(TOWN, ALICE, FakeSigner(KEY), 3, WallMs(5), body)
    assert open_op(TOWN, op.wire, fake_verify) == op


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_texts_are_found_without_reading_the_rest_of_an_op(body: Body) -> None:
    op = sign_op(TOWN, ALICE, FakeSigner(KEY), 3, WallMs(5), body)
    assert read_text_ids(op.wire) == tuple(ref.id for ref in texts_of(body))


def test_op_of_another_community_does_not_verify() -> None:
    op = sign_op(TOWN, ALICE, FakeSigner(KEY), 3, WallMs(5), Away())
    assert refusal(op.wire, VILLAGE) == "bad_signature"
    in_village = sign_op(VILLAGE, ALICE, FakeSigner(KEY), 3, WallMs(5), Away())
    assert in_village.id != op.id


def test_signature_is_checked_with_real_keys() -> None:
    signer = crypto.Ed25519Signer(b"k" * 32)
    op = sign_op(TOWN, ALICE, signer, 1, WallMs(5), Away())
    assert open_op(TOWN, op.wire, crypto.verify_ed25519) == op
    inner, signature = decode(op.wire, OP_BYTES)  # type: ignore[misc]
    forged = encode([inner, bytes([signature[0] ^ 1]) + signature[1:]])  # type: ignore[index]
    with pytest.raises(PeerFault):
        open_op(TOWN, forged, crypto.verify_ed25519)
    assert not crypto.verify_ed25519(DeviceKey(b"\xff" * 32), b"", b"")


def test_block_signature_is_no_op_signature() -> None:
    inner = encode(list(content().values()))
    message = crypto.signed_message(crypto.TAG_BLOCK, TOWN, inner)
    assert refusal(encode([inner, FakeSigner(KEY).sign(message)])) == "bad_signature"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (content(nonce=0), "bad_field"),
        (content(nonce=True), "bad_field"),
        (content(created_ms=-1), "bad_field"),
        (content(created_ms=1 << 60), "bad_field"),
        (content(author=b"short"), "bad_field"),
        (content(kind="dance"), "unknown_kind"),
        (content(body=[1]), "bad_field"),
        (content(body=None), "bad_field"),
        (content(more=1), "bad_field"),
        (content(kind="vote", body=[SOME, OTHER, "maybe", None]), "bad_field"),
        (content(kind="vote", body=[SOME, OTHER, "yes", [TITLE.id, -1]]), "bad_field"),
        (content(kind="vote", body=[SOME, OTHER, "yes", [TITLE.id, TEXT_BYTES + 1]]), "bad_field"),
        (
            content(kind="propose", body=["t", TITLE.to_wire(), [], ["dance"], 0]),
            "unknown_kind",
        ),
        (content(kind="propose", body=["t", TITLE.to_wire(), [], ["none", 1], 0]), "bad_field"),
        (content(kind="propose", body=["t", TITLE.to_wire(), [], ["amend", []], 0]), "bad_field"),
        (content(kind="propose", body=["t", None, [], ["none"], 0]), "bad_field"),
        *(
            (content(kind="propose", body=["t", TITLE.to_wire(), parts, ["none"], 0]), "bad_field")
            for parts in ODD_PARTS
        ),
    ],
)
def test_op_with_a_wrong_field_is_refused(fields: dict[str, Value], code: str) -> None:
    assert refusal(signed(fields)) == code


def test_oversized_ops_and_texts_are_neither_signed_nor_read() -> None:
    changes = tuple((f"name{i}", "x" * 1000) for i in range(30))
    body = Propose("t", TITLE, (), AmendAction(changes), WallMs(0))
    with pytest.raises(PeerFault, match="at most"):
        sign_op(TOWN, ALICE, FakeSigner(KEY), 1, WallMs(5), body)
    assert refusal(b"x" * (OP_BYTES + 1)) == "limit_size"
    with pytest.raises(PeerFault, match="at most"):
        make_text(b"s" * crypto.SALT_BYTES, "x" * (TEXT_BYTES + 1))


def test_texts_are_salted_and_counted_in_bytes() -> None:
    ref, blob = make_text(b"s" * crypto.SALT_BYTES, "né")
    other, _ = make_text(b"z" * crypto.SALT_BYTES, "né")
    assert (ref.size, blob) == (3, b"s" * crypto.SALT_BYTES + "né".encode())
    assert ref.id == crypto.compute_text_id(blob) != other.id


@pytest.mark.parametrize(
    ("body", "refs"),
    [
        (BODIES[0], (TITLE,)),
        (BODIES[1], (TITLE, TEXT, text_of("more"))),
        (BODIES[5], (TITLE, TEXT, text_of("more"))),
        (Withdraw(SOME, None), ()),
        (Vote(SOME, SOME, "yes", TEXT), (TEXT,)),
        (Away(), ()),
    ],
)
def test_ops_tell_which_texts_they_refer_to(body: Body, refs: tuple[TextRef, ...]) -> None:
    assert texts_of(body) == refs


def test_action_of_a_later_version_is_unknown_not_misread() -> None:
    with pytest.raises(PeerFault, match="this version knows") as caught:
        read_action(["federate", 1, 2])
    assert caught.value.code == "unknown_kind"
