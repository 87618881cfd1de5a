"""Join links and device bindings: round trip, and every damage is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pnode.community.links import LINK_ADDRESSES, Binding, JoinLink, bind
from p2pnode.errors import RequestError
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.crypto import Ed25519Signer, signed_message, verify_ed25519
from p2pnode_protocols.wire.ids import CommunityId, MemberId, WallMs

COMMUNITY = CommunityId(b"c" * 32)
SECRET = b"s" * 32
ADDRESS = "/ip4/192.0.2.7/tcp/17470/p2p/12D3KooWHp9431G72dHoj3G6JiCF2UiCdVJEwCwRb3fy7vSaUpB2"
LINK = JoinLink(
    COMMUNITY, SECRET, WallMs(1_700_000_000_000), (ADDRESS, ADDRESS.replace("7/", "8/"))
)

addresses = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="/"), max_size=40).map(
        lambda host: f"/dns4/{host}/tcp/1/p2p/x"
    ),
    max_size=LINK_ADDRESSES,
)


@given(
    st.binary(min_size=32, max_size=32),
    st.none() | st.binary(min_size=32, max_size=32),
    st.integers(0, 1 << 53),
    addresses,
)
def test_link_reads_back_as_written(
    community: bytes, secret: bytes | None, expires_ms: int, found: list[str]
) -> None:
    link = JoinLink(CommunityId(community), secret, WallMs(expires_ms), tuple(found))
    assert JoinLink.from_text(link.to_text()) == link


def test_blanks_breaks_and_capitals_of_a_copy_do_not_matter() -> None:
    text = LINK.to_text()
    broken = f"  <{text[:40].upper()}\n {text[40:]}>\n"
    assert JoinLink.from_text(broken) == LINK


@given(st.data())
def test_changed_or_lost_character_is_noticed(data: st.DataObject) -> None:
    text = LINK.to_text()
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(["", "a", "7", "q", ":", "!"]))
    damaged = text[:place] + other + text[place + 1 :]
    if damaged == text:
        return
    with pytest.raises(RequestError) as caught:
        JoinLink.from_text(damaged)
    assert caught.value.code == "bad_link"


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    for read in (JoinLink.from_text, Binding.from_text):
        with pytest.raises(RequestError):
            read(text)


def test_link_is_no_binding_and_a_binding_no_link() -> None:
    with pytest.raises(RequestError, match="p2pnode:bind:1"):
        Binding.from_text(LINK.to_text())


def test_secret_stays_out_of_the_representation() -> None:
    assert SECRET.hex() not in repr(LINK)
    assert repr(SECRET) not in repr(LINK)


def test_proofs_are_the_invites_signatures_of_their_kinds() -> None:
    device = Ed25519Signer(b"d" * 32).device
    for proof, tag in (
        (LINK.admission(device), crypto.TAG_ADMIT),
        (LINK.join_proof(device), crypto.TAG_JOIN),
    ):
        assert proof is not None
        key, signature = proof
        assert key == Ed25519Signer(SECRET).device
        assert verify_ed25519(key, signed_message(tag, COMMUNITY, device), signature)


def test_link_without_a_seat_proves_nothing() -> None:
    link = JoinLink(COMMUNITY, None, WallMs(0), ())
    assert link.admission(Ed25519Signer(b"d" * 32).device) is None
    assert link.join_proof(Ed25519Signer(b"d" * 32).device) is None


def test_binding_reads_back_and_is_for_one_seat_of_one_community() -> None:
    signer, seat = Ed25519Signer(b"d" * 32), MemberId(b"m" * 32)
    binding = Binding.from_text(bind(signer, COMMUNITY, seat).to_text())
    assert binding.device == signer.device
    message = signed_message(crypto.TAG_BIND, COMMUNITY, seat)
    assert verify_ed25519(binding.device, message, binding.signature)
