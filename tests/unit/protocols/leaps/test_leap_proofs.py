"""A leap of which anything is changed proves nothing: R7.17."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import pytest
from support.cores.dag import FakeSigner, fake_verify
from support.cores.leaping import (
    Leaping,
    asked,
    hello_of,
    make_town,
    whole,
)

from p2pnode_protocols.agreement.chain import EpochLink, ReceiptSet, read_link
from p2pnode_protocols.agreement.receipts import Statement, sign_receipt
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.gossip.leaping.carried import UNREAD_BYTES, read_leap
from p2pnode_protocols.messages.leaps import Leapt
from p2pnode_protocols.record.questions.proposal import RECORD_BYTES
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.steps.inputs import PeerUp
from p2pnode_protocols.steps.notices import PeerRefused
from p2pnode_protocols.steps.writes import SaveEpoch
from p2pnode_protocols.wire.codec import Value, decode, encode
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, Round
from p2pnode_protocols.wire.limits import LINK_BYTES, PULL_BYTES, SNAPSHOT_BYTES


@pytest.fixture
def town() -> Leaping:
    return make_town()


Damage = Callable[[Leaping, list[Value]], Value]


def parts(data: bytes) -> list[Value]:
    value = decode(data, SNAPSHOT_BYTES)
    assert isinstance(value, list)
    return value


def links_of(value: list[Value]) -> list[EpochLink[Charter]]:
    assert isinstance(value[0], list)
    return [read_link(one, Charter.read) for one in value[0]]


def with_link(value: list[Value], place: int, link: EpochLink[Charter]) -> Value:
    links = links_of(value)
    links[place] = link
    return [[one.to_wire() for one in links], *value[1:]]


def drop_link(_: Leaping, value: list[Value]) -> Value:
    return [links_of_wire(value)[1:], *value[1:]]


def links_of_wire(value: list[Value]) -> list[Value]:
    assert isinstance(value[0], list)
    return value[0]


def cut_short(_: Leaping, value: list[Value]) -> Value:
    return [links_of_wire(value)[:-1], *value[1:]]


def no_links(_: Leaping, value: list[Value]) -> Value:
    return [[], *value[1:]]


def changed(**fields: object) -> Damage:
    def damage(_: Leaping, value: list[Value]) -> Value:
        return with_link(value, 1, replace(links_of(value)[1], **fields))  # type: ignore[arg-type]

    return damage


def too_few(_: Leaping, value: list[Value]) -> Value:
    link = links_of(value)[0]
    short = ReceiptSet(link.receipts.statement, link.receipts.signatures[1:])
    return with_link(value, 0, replace(link, receipts=short))


def one_twice(_: Leaping, value: list[Value]) -> Value:
    link = links_of(value)[0]
    first, *rest = link.receipts.signatures
    double = ReceiptSet(link.receipts.statement, (first, first, *rest[1:]))
    return with_link(value, 0, replace(link, receipts=double))


def forged(_: Leaping, value: list[Value]) -> Value:
    link = links_of(value)[0]
    (key, _signature), *rest = link.receipts.signatures
    wrong = ReceiptSet(link.receipts.statement, ((key, bytes(64)), *rest))
    return with_link(value, 0, replace(link, receipts=wrong))


def by_strangers(town: Leaping, value: list[Value]) -> Value:
    link = links_of(value)[0]
    statement = link.receipts.statement
    signed = []
    for number in range(4):
        signer = FakeSigner(DeviceKey(bytes([number]) * 32))
        receipt = sign_receipt(town.charter.community_id, signer, statement)
        signed.append((receipt.device, receipt.signature))
    return with_link(value, 0, replace(link, receipts=ReceiptSet(statement, tuple(signed))))


def resigned(town: Leaping, value: list[Value]) -> Value:
    """A liar's own charter, with the liar's own receipt."""
    link = links_of(value)[-1]
    statement = replace(link.receipts.statement, root=b"x" * 32)
    signer = FakeSigner(town.devices[0])
    receipt = sign_receipt(town.charter.community_id, signer, statement)
    sets = ReceiptSet(statement, ((receipt.device, receipt.signature),))
    return with_link(value, len(links_of(value)) - 1, replace(link, receipts=sets))


def other_state(town: Leaping, value: list[Value]) -> Value:
    founding = found_epoch(town.charter)
    return [value[0], founding.snapshot, *value[2:]]


def records_of(value: list[Value]) -> list[Value]:
    assert isinstance(value[2], list)
    _chain, records = value[2]
    assert isinstance(records, list)
    return records


def with_records(value: list[Value], records: list[Value], chain: bytes = bytes(32)) -> Value:
    return [value[0], value[1], [chain, records], *value[3:]]


def without_a_proposal(_: Leaping, value: list[Value]) -> Value:
    return with_records(value, records_of(value)[1:])


def after_another_chain(_: Leaping, value: list[Value]) -> Value:
    return with_records(value, records_of(value), b"x" * 32)


def one_proposal_more(_: Leaping, value: list[Value]) -> Value:
    return with_records(value, [*records_of(value)[:1], *records_of(value)])


def other_outcome(_: Leaping, value: list[Value]) -> Value:
    first, *rest = records_of(value)
    assert isinstance(first, list)
    record, said = first
    assert isinstance(record, bytes)
    return with_records(value, [[record.replace(b"passed", b"lapsed"), said], *rest])


def something_said(_: Leaping, value: list[Value]) -> Value:
    first, *rest = records_of(value)
    assert isinstance(first, list)
    return with_records(value, [[first[0], b"s" * 32], *rest])


def more_than_records(_: Leaping, value: list[Value]) -> Value:
    # An id beside the record was believed, and whoever voted on it parted two logs.
    first, *rest = records_of(value)
    return with_records(value, [[b"q" * 32, 1, "passed", first], *rest])


@pytest.mark.parametrize(
    "damage",
    [
        drop_link,
        cut_short,
        no_links,
        changed(round=Round(999)),
        changed(author=MemberId(b"x" * 32)),
        changed(state_hash=b"x" * 32),
        too_few,
        one_twice,
        forged,
        by_strangers,
        resigned,
        other_state,
        without_a_proposal,
        after_another_chain,
        one_proposal_more,
        other_outcome,
        something_said,
        more_than_records,
    ],
)
def test_leap_with_anything_changed_is_refused(town: Leaping, damage: Damage) -> None:
    begin = found_epoch(town.charter)
    community = town.charter.community_id
    data = whole(town)
    assert read_leap(community, begin, (), None, data, fake_verify).record.number > 0
    with pytest.raises(PeerFault):
        read_leap(community, begin, (), None, encode(damage(town, parts(data))), fake_verify)


def links_without_end(value: list[Value], filler: Value) -> Value:
    return [[*links_of_wire(value), filler], *value[1:]]


def in_place(place: int) -> Callable[[list[Value], Value], Value]:
    def put(value: list[Value], filler: Value) -> Value:
        return [*value[:place], filler, *value[place + 1 :]]

    return put


def record_of_lists(value: list[Value], filler: Value) -> Value:
    return with_records(value, [*records_of(value), encode(filler)[:RECORD_BYTES]])


def commit_of_lists(value: list[Value], filler: Value) -> Value:
    return [*value[:4], [filler]]


@pytest.mark.parametrize(
    "where",
    [
        in_place(0),
        links_without_end,
        in_place(1),
        in_place(2),
        record_of_lists,
        in_place(3),
        in_place(4),
        commit_of_lists,
    ],
)
def test_nothing_big_is_decoded_of_what_no_quorum_signed(
    town: Leaping, where: Callable[[list[Value], Value], Value]
) -> None:
    # Four megabytes of lists without anything in them: 256 MiB of memory when decoded.
    begin, community = found_epoch(town.charter), town.charter.community_id
    filler: Value = [[[]] * 2_000] * 2_000
    data = encode(where(parts(whole(town)), filler))
    assert len(data) > 4_000_000
    tracemalloc.start()
    with pytest.raises(PeerFault):
        read_leap(community, begin, (), None, data, fake_verify)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * len(data), "a few copies"


def zeros(data: bytes) -> bytes:
    return bytes(SNAPSHOT_BYTES)


def links_from_the_first_on(data: bytes) -> bytes:
    """Return a million links, each of them the second."""
    value = parts(data)
    return encode([[links_of_wire(value)[1]] * 30_000, *value[1:]])


def links_after_genuine_ones(data: bytes) -> bytes:
    value = parts(data)
    return encode([[*links_of_wire(value), *links_of_wire(value)[:1] * 30_000], *value[1:]])


def one_link_without_end(data: bytes) -> bytes:
    value = parts(data)
    filler: Value = [[bytes(60_000)] * 400]
    return encode([[*links_of_wire(value), filler], *value[1:]])


@pytest.mark.parametrize(
    "forge", [zeros, links_from_the_first_on, links_after_genuine_ones, one_link_without_end]
)
def test_of_links_that_prove_nothing_little_is_collected(
    town: Leaping, forge: Callable[[bytes], bytes]
) -> None:
    late, peer = town.devices[3], town.devices[0]
    town.cut = {frozenset((late, one)) for one in town.devices[:3]}
    town.give(late, PeerUp(peer))
    town.tell(3, peer, hello_of(town))
    genuine = whole(town)
    data = forge(genuine)
    assert len(data) > 10_000_000
    digest, told = hashlib.sha256(data).digest(), 0
    while asked(town, 3, peer)[-1].offset == told and told < len(data):
        part = data[told : told + PULL_BYTES]
        town.tell(3, peer, Leapt(0, digest, len(data), told, part))
        told += len(part)
    refused = [one.code for one in town.node(3).notices if isinstance(one, PeerRefused)]
    assert len(refused) == 1
    assert told <= len(genuine) + UNREAD_BYTES + LINK_BYTES + PULL_BYTES


@pytest.mark.parametrize("where", [in_place(0), in_place(1), in_place(2), in_place(4)])
def test_what_is_no_list_or_no_bytes_is_refused_where_it_should_be_one(
    town: Leaping, where: Callable[[list[Value], Value], Value]
) -> None:
    begin, community = found_epoch(town.charter), town.charter.community_id
    for filler in (None, 7, "text", b"bytes", [[]]):
        data = encode(where(parts(whole(town)), filler))
        with pytest.raises(PeerFault):
            read_leap(community, begin, (), None, data, fake_verify)


def test_a_leap_cut_anywhere_or_with_something_after_it_is_refused(town: Leaping) -> None:
    begin, community = found_epoch(town.charter), town.charter.community_id
    data = whole(town)
    cuts = [data[:end] for end in range(0, len(data), 97)]
    for damaged in (*cuts, data + b"\x00", b"\xdd\x00\x00\x00\x05" + data[1:]):
        with pytest.raises(PeerFault):
            read_leap(community, begin, (), None, damaged, fake_verify)


def test_leap_from_another_epoch_is_refused(town: Leaping) -> None:
    begin = next(one for one in town.node(0).writes if isinstance(one, SaveEpoch))
    with pytest.raises(PeerFault, match="other epochs"):
        read_leap(town.charter.community_id, begin, (), None, whole(town), fake_verify)


def test_liar_is_blamed_and_nothing_changes(town: Leaping) -> None:
    late, peer = town.devices[3], town.devices[0]
    town.give(late, PeerUp(peer))
    town.tell(3, peer, hello_of(town))
    data = encode(forged(town, parts(whole(town))))
    digest = hashlib.sha256(data).digest()
    before = town.node(3).core.state.to_bytes()
    writes = len(town.node(3).writes)
    town.tell(3, peer, Leapt(0, digest, len(data), 0, data))
    refused = [one.code for one in town.node(3).notices if isinstance(one, PeerRefused)]
    assert refused == ["bad_proof"]
    assert town.node(3).core.state.to_bytes() == before
    assert len(town.node(3).writes) == writes


def test_receipts_of_a_leap_name_what_they_prove(town: Leaping) -> None:
    links = links_of(parts(whole(town)))
    begun = [one for one in town.node(0).writes if isinstance(one, SaveEpoch)]
    assert [one.receipts.statement for one in links] == [
        Statement(before, after.genesis_index, after.genesis_root, after.id)
        for before, after in zip(
            [found_epoch(town.charter).id, *(one.id for one in begun)], begun, strict=False
        )
    ]
