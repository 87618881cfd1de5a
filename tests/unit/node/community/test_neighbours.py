"""Whom the net is told to dial, and what a join link says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from support.cores.town import found, key_of

from p2pnode.community.events import Happening, PeerConnected, PeerLost
from p2pnode.community.links import LINK_ADDRESSES
from p2pnode.community.neighbours import (
    JOINERS,
    NEWS_MS,
    OTHERS,
    PARTING_MS,
    REFUSAL_MS,
    Neighbours,
)
from p2pnode.net import NetStatistics, PeerStatistics, compute_peer_id
from p2pnode.store.addresses import Hearsay, PeerAddress
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.steps.notices import ContactTold, PeerGreeted, RefusedByPeer
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, WallMs

ALICE, BOB, CAROL = (key_of(name) for name in ("alice", "bob", "carol"))
TOWN = found(3)
PORT = "/ip4/192.0.2.{}/tcp/17470"


def address(device: DeviceKey, host: int = 7) -> str:
    return f"{PORT.format(host)}/p2p/{compute_peer_id(device)}"


@dataclass
class FakeNet:
    """Remembers whom it was told to stay connected to, and what it learned."""

    addresses: tuple[str, ...] = ()
    wanted: dict[DeviceKey, list[str]] = field(default_factory=dict)
    learned: dict[DeviceKey, list[str]] = field(default_factory=dict)
    hearsay: list[tuple[DeviceKey, bytes, str]] = field(default_factory=list)
    peers: tuple[PeerStatistics, ...] = ()

    def set_peers(self, peers: Mapping[DeviceKey, Sequence[str]]) -> None:
        self.wanted = {device: list(addresses) for device, addresses in peers.items()}

    def add_addresses(self, peer: DeviceKey, addresses: Sequence[str]) -> None:
        self.learned.setdefault(peer, []).extend(addresses)

    def add_tips(self, peer: DeviceKey, teller: bytes, addresses: Sequence[str]) -> None:
        self.hearsay += [(peer, teller, one) for one in addresses]

    def statistics(self) -> NetStatistics:
        return NetStatistics(self.addresses, self.peers, 0, 0)

    def answer(self, peer: DeviceKey, kind: str, make: Callable[[], Message | None]) -> None:
        raise NotImplementedError

    def enqueue(self, peer: DeviceKey, message: Message) -> None:
        raise NotImplementedError

    def disconnect(self, peer: DeviceKey, code: str, detail: str, retry_ms: int) -> None:
        raise NotImplementedError

    def block(self, peer: DeviceKey) -> None:
        raise NotImplementedError

    def unblock(self, peer: DeviceKey) -> None:
        raise NotImplementedError


@dataclass
class FakeBook:
    known: list[PeerAddress] = field(default_factory=list)
    told: list[Hearsay] = field(default_factory=list)

    def addresses(self) -> Sequence[PeerAddress]:
        return self.known

    def note_addresses(self, device: DeviceKey, addresses: Sequence[str], now_ms: WallMs) -> None:
        self.known += [PeerAddress(device, one, now_ms, None) for one in addresses]

    def note_reached(self, device: DeviceKey, address: str, now_ms: WallMs) -> None:
        self.known.append(PeerAddress(device, address, now_ms, now_ms))

    def note_hearsay(
        self, device: DeviceKey, teller: bytes, addresses: Sequence[str], now_ms: WallMs
    ) -> None:
        assert now_ms >= 0
        self.told += [Hearsay(device, teller, one) for one in addresses]

    def hearsay(self) -> Sequence[Hearsay]:
        return self.told

    def forget_others(self, devices: Collection[DeviceKey]) -> None:
        self.known = [one for one in self.known if one.device in devices]
        self.told = [one for one in self.told if one.device in devices]


def up(device: DeviceKey, dialled: str) -> PeerStatistics:
    return PeerStatistics(
        device=device,
        state="up",
        direction="outbound",
        address=dialled,
        addresses=(dialled,),
        up_s=1.0,
        rtt_ms=None,
        clock_offset_ms=None,
        bytes_in=0,
        bytes_out=0,
        frames_in=0,
        frames_out=0,
        messages_in=0,
        messages_out=0,
        drops=0,
        faults=(),
        sessions=1,
        last_error=None,
    )


def test_every_seats_node_but_ones_own_is_wanted() -> None:
    net = FakeNet()
    Neighbours(ALICE, net, FakeBook()).review(TOWN)
    assert net.wanted.keys() == {BOB, CAROL}


def test_seat_without_a_node_is_not_dialled() -> None:
    net = FakeNet()
    seats = [
        replace(one, node_key=None if one.name == "bob" else one.node_key) for one in TOWN.members
    ]
    Neighbours(ALICE, net, FakeBook()).review(TOWN.with_members(seats))
    assert net.wanted.keys() == {CAROL}


def test_link_and_configuration_are_dialled_before_the_charter_is_known() -> None:
    net = FakeNet()
    neighbours = Neighbours(
        ALICE, net, FakeBook(), [address(BOB)], [address(CAROL), address(BOB, 8)]
    )
    neighbours.review(None)
    assert net.wanted.keys() == {BOB, CAROL}
    assert len(net.wanted[BOB]) == 2


def test_addresses_of_the_book_are_added_for_those_wanted_only() -> None:
    net = FakeNet()
    stranger = DeviceKey(b"z" * 32)
    book = FakeBook([PeerAddress(one, "/ip4/1/tcp/1", WallMs(0), None) for one in (BOB, stranger)])
    Neighbours(ALICE, net, book).review(TOWN)
    assert net.wanted == {BOB: ["/ip4/1/tcp/1"], CAROL: []}


def test_told_addresses_are_kept_and_dialled() -> None:
    net, book = FakeNet(), FakeBook()
    neighbours = Neighbours(ALICE, net, book)
    greeted = PeerGreeted(BOB, MemberId(b"m" * 32), "p2pnode/1", (PORT.format(9),))
    neighbours.on_happenings(WallMs(5), [greeted])
    assert net.learned == {BOB: [PORT.format(9)]}
    assert [one.address for one in book.known] == [PORT.format(9)]
    assert neighbours.agents == {BOB: "p2pnode/1"}


def test_what_others_tell_is_kept_and_dialled_apart_from_its_own_word() -> None:
    net, book = FakeNet(), FakeBook()
    neighbours = Neighbours(ALICE, net, book)
    seat = MemberId(b"m" * 32)
    by_seat = ContactTold(BOB, (PORT.format(9),), seat)
    by_stranger = ContactTold(BOB, (PORT.format(8),), None)
    neighbours.on_happenings(WallMs(5), [by_seat, by_stranger])
    expected = [(BOB, seat, PORT.format(9)), (BOB, b"", PORT.format(8))]
    assert net.hearsay == expected
    assert (net.learned, book.known) == ({}, []), "a lie takes no place of what bob says"
    # After a restart …
    again = FakeNet()
    neighbours = Neighbours(ALICE, again, book)
    neighbours.review(TOWN)
    assert again.hearsay == expected
    neighbours.review(TOWN)
    assert again.hearsay == expected, "once is enough"
    assert again.wanted[BOB] == []


def test_of_devices_that_have_no_seat_any_more_no_address_is_kept() -> None:
    """A seat may have ever new ones: 240 a minute, each with 16 addresses."""
    phone, gone = key_of("alice's phone"), key_of("alice's old phone")
    known = [PeerAddress(one, PORT.format(1), WallMs(0), None) for one in (BOB, phone, gone)]
    book = FakeBook(known, [Hearsay(gone, b"", PORT.format(2))])
    neighbours = Neighbours(ALICE, FakeNet(), book, [address(CAROL)])
    neighbours.review(None)
    assert len(book.known) == 3, "who has a seat is not known yet"
    neighbours.review(with_seat(phone))
    assert {one.device for one in book.known} == {BOB, phone}
    assert book.told == []


def test_address_that_worked_is_kept_as_such() -> None:
    book = FakeBook()
    neighbours = Neighbours(ALICE, FakeNet(peers=(up(BOB, PORT.format(9)),)), book)
    neighbours.on_happenings(WallMs(5), [PeerConnected(BOB)])
    assert book.known == [PeerAddress(BOB, address(BOB, 9), WallMs(5), WallMs(5))]


def test_last_seen_is_when_the_connection_ended() -> None:
    neighbours = Neighbours(ALICE, FakeNet(), FakeBook())
    neighbours.on_happenings(WallMs(5), [PeerConnected(BOB)])
    assert neighbours.connected == {BOB: 5}
    neighbours.on_happenings(WallMs(9), [PeerLost(BOB)])
    assert (neighbours.connected, neighbours.last_seen) == ({}, {BOB: 9})
    neighbours.on_happenings(WallMs(11), [PeerConnected(BOB)])
    assert neighbours.last_seen == {}


def test_link_names_others_too_however_many_addresses_this_node_has() -> None:
    own = tuple(address(ALICE, host) for host in range(20))
    net = FakeNet(addresses=own, peers=(up(BOB, PORT.format(77)), up(CAROL, PORT.format(78))))
    neighbours = Neighbours(ALICE, net, FakeBook())
    neighbours.on_happenings(WallMs(1), [PeerConnected(BOB)])
    told = neighbours.link_addresses()
    assert len(told) == LINK_ADDRESSES
    assert told[0] == own[0]
    assert address(BOB, 77) in told
    assert address(CAROL, 78) not in told  # not connected: it may be anywhere by now


# --- who turns this node away --------------------------------------------------------------------


def turned_away(*happenings: tuple[int, Happening], after_ms: int = 1) -> dict[DeviceKey, str]:
    neighbours, now_ms = Neighbours(ALICE, FakeNet(), FakeBook()), 0
    neighbours.review(TOWN)
    for now_ms, one in happenings:
        neighbours.on_happenings(WallMs(now_ms), [one])
    return neighbours.turned_away(WallMs(now_ms + after_ms))


def test_peer_that_hangs_up_on_a_stranger_is_noted_until_a_connection_lasts() -> None:
    refused = RefusedByPeer(BOB, "not_a_member", "device 00 belongs to no seat")
    away = [(1_000, PeerConnected(BOB)), (1_001, refused), (1_002, PeerLost(BOB))]
    words = {BOB: "device 00 belongs to no seat"}
    assert turned_away(*away) == words
    assert turned_away(*away, after_ms=REFUSAL_MS + 1) == {}, "it may have learned since"
    again = (9_000, PeerConnected(BOB))
    assert turned_away(*away, again) == words, "it may hang up in a moment"
    assert turned_away(*away, again, after_ms=PARTING_MS + 1) == {}
    assert turned_away(*away, again, (9_500, PeerLost(BOB))) == {}


def with_seat(device: DeviceKey) -> Charter:
    """Return the charter in which alice has added this device to her seat."""
    alice = TOWN.by_device(ALICE)
    assert alice is not None
    seats = [one for one in TOWN.members if one.id != alice.id]
    return TOWN.with_members([replace(alice, devices=(*alice.devices, device)), *seats])


def test_what_was_refused_before_the_key_had_a_seat_says_nothing_of_that_seat() -> None:
    """A restored device asks to be added; nobody lets it in till then, and all say why."""
    device = key_of("alice's new phone")
    neighbours = Neighbours(device, FakeNet(), FakeBook())
    neighbours.review(TOWN)
    refused = [RefusedByPeer(one, "not_a_member", "no seat") for one in (BOB, CAROL)]
    for one in refused:
        neighbours.on_happenings(WallMs(1_000), [PeerConnected(one.peer), one, PeerLost(one.peer)])
    neighbours.on_happenings(WallMs(2_000), [PeerConnected(BOB), refused[0]])
    assert set(neighbours.turned_away(WallMs(2_001))) == {BOB, CAROL}

    neighbours.review(with_seat(device))
    assert neighbours.turned_away(WallMs(2_002)) == {}
    neighbours.on_happenings(WallMs(2_500), [PeerLost(BOB)])
    assert neighbours.turned_away(WallMs(2_501)) == {}, "what it said, it said before"

    behind = [PeerConnected(BOB), refused[0], PeerLost(BOB)]
    neighbours.on_happenings(WallMs(3_000), behind)
    assert neighbours.turned_away(WallMs(3_001)) == {}, "the news may not be there yet"
    neighbours.on_happenings(WallMs(2_500 + NEWS_MS), behind)
    assert set(neighbours.turned_away(WallMs(2_501 + NEWS_MS))) == {BOB}, "now it would be"


def test_a_seat_that_was_there_from_the_start_is_not_news() -> None:
    device = key_of("alice's new phone")
    neighbours = Neighbours(device, FakeNet(), FakeBook())
    neighbours.review(with_seat(device))
    refused = RefusedByPeer(BOB, "not_a_member", "no seat")
    neighbours.on_happenings(WallMs(1_000), [PeerConnected(BOB), refused, PeerLost(BOB)])
    neighbours.review(with_seat(device))
    assert set(neighbours.turned_away(WallMs(1_001))) == {BOB}


def test_refusal_of_one_op_is_not_taken_for_that() -> None:
    refused = RefusedByPeer(BOB, "not_a_member", "op vote by 00")
    later = 1_001 + PARTING_MS + 1
    assert turned_away((1_000, PeerConnected(BOB)), (1_001, refused), (later, PeerLost(BOB))) == {}
    other = RefusedByPeer(BOB, "limit_rate", "too much")
    assert turned_away((1_000, PeerConnected(BOB)), (1_001, other), (1_002, PeerLost(BOB))) == {}


def test_strangers_with_ever_new_keys_leave_nothing_behind_and_crowd_nobody_out() -> None:
    net, book = FakeNet(), FakeBook()
    neighbours = Neighbours(ALICE, net, book)
    neighbours.review(TOWN)
    hello = PeerGreeted(BOB, MemberId(b"m" * 32), "p2pnode 1", (PORT.format(9),))
    neighbours.on_happenings(WallMs(1), [PeerConnected(BOB), hello, PeerLost(BOB)])
    told = len(book.known)
    for number in range(3 * OTHERS):
        stranger = key_of(f"stranger {number}")
        hello = PeerGreeted(stranger, None, "p2pnode 1", (address(stranger),))
        refused = RefusedByPeer(stranger, "not_a_member", "you are nobody here")
        events = [PeerConnected(stranger), hello, refused, PeerLost(stranger)]
        neighbours.on_happenings(WallMs(2), events)
    assert len(book.known) == told, "nothing on disk"
    assert neighbours.turned_away(WallMs(2)) == {}, "a stranger's opinion is none"
    for table in (neighbours.last_seen, neighbours.agents):
        assert BOB in table
        assert len(table) <= OTHERS + 1
    assert len(neighbours._joiners) <= JOINERS


def test_where_a_joiner_listens_is_kept_from_when_it_has_a_seat() -> None:
    net, book = FakeNet(), FakeBook()
    neighbours = Neighbours(ALICE, net, book)
    neighbours.review(TOWN.with_members([one for one in TOWN.members if one.name != "bob"]))
    hello = PeerGreeted(BOB, None, "p2pnode 1", (PORT.format(9),))
    neighbours.on_happenings(WallMs(5), [PeerConnected(BOB), hello])
    assert book.known == []
    neighbours.review(TOWN)
    assert book.known == [PeerAddress(BOB, PORT.format(9), WallMs(5), None)]
    assert net.wanted[BOB] == [PORT.format(9)]
