"""Where peers listen, as others tell it (R7.16)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.cluster import Cluster
from support.cores.dag import FakeSigner, fake_verify, make_charter

from p2pnode_protocols.messages.frames import read_frame, write_frame
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello
from p2pnode_protocols.messages.standing import Contacts
from p2pnode_protocols.record.bodies import AddDevice
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.steps.inputs import PeerUp, Submit
from p2pnode_protocols.steps.notices import ContactTold
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import DeviceKey, WallMs
from p2pnode_protocols.wire.limits import CONTACTS_EARLY_PER_SEAT

PHONE = DeviceKey(b"f" * 32)
ADDRESSES = ("/ip4/10.0.0.7/tcp/4001",)


@pytest.fixture
def behind() -> Cluster:
    """Return a cluster whose last member does not know yet that the phone is the first one's."""
    cluster = Cluster(4)
    cluster.connect()
    cluster.run(100)
    late = cluster.devices[3]
    cluster.cut = {frozenset((late, one)) for one in cluster.devices[:3]}
    seat = cluster.charter.members[0]
    message = crypto.signed_message(crypto.TAG_BIND, cluster.charter.community_id, seat.id)
    cluster.give(cluster.devices[0], Submit(AddDevice(PHONE, FakeSigner(PHONE).sign(message))))
    cluster.run(1_000)
    assert cluster.node(0).core.state.charter.by_device(PHONE) is not None
    assert cluster.node(3).core.state.charter.by_device(PHONE) is None
    return cluster


def catch_up(cluster: Cluster) -> None:
    cluster.cut.clear()
    cluster.tell(3, cluster.devices[2], cluster.node(2).core.status())
    cluster.run(60_000)
    assert cluster.node(3).core.state.charter.by_device(PHONE) is not None


def test_a_contact_without_a_seat_here_counts_once_it_has_one(behind: Cluster) -> None:
    # Two who join at once each hear of the other before they know of its seat.
    behind.tell(3, behind.devices[0], Contacts(((PHONE, ADDRESSES),)))
    assert behind.node(3).noticed(ContactTold) == []
    catch_up(behind)
    assert behind.node(3).noticed(ContactTold) == [
        ContactTold(PHONE, ADDRESSES, behind.charter.members[0].id)
    ]
    behind.run(60_000)
    assert len(behind.node(3).noticed(ContactTold)) == 1


def test_of_contacts_without_a_seat_the_last_are_kept_and_not_more(behind: Cluster) -> None:
    made_up = sorted(
        DeviceKey(number.to_bytes(2, "big") * 16) for number in range(CONTACTS_EARLY_PER_SEAT)
    )
    behind.tell(3, behind.devices[0], Contacts(((PHONE, ADDRESSES),)))
    liar = behind.devices[1]
    behind.tell(3, liar, Contacts(((PHONE, ("/ip4/10.6.6.6/tcp/1",)),)))
    behind.tell(3, liar, Contacts(tuple((one, ADDRESSES) for one in made_up)))
    held = behind.node(3).core.sync.hearsay.early.held()
    assert held[behind.charter.members[1].id][0] == CONTACTS_EARLY_PER_SEAT
    catch_up(behind)
    assert behind.node(3).noticed(ContactTold) == [
        ContactTold(PHONE, ADDRESSES, behind.charter.members[0].id)
    ]


def test_of_what_is_told_of_others_it_is_known_which_seat_says_so(behind: Cluster) -> None:
    """All devices of a seat are one teller, and so are all who have no seat here."""
    first, second = behind.charter.members[:2]
    about = behind.devices[2]
    behind.tell(3, behind.devices[0], Contacts(((about, ADDRESSES),)))
    other = ("/ip4/10.6.6.6/tcp/1",)
    behind.tell(3, behind.devices[1], Contacts(((about, other),)))
    told = [(one.addresses, one.teller) for one in behind.node(3).noticed(ContactTold)]
    assert told == [(ADDRESSES, first.id), (other, second.id)]


def test_who_has_gone_told_nothing(behind: Cluster) -> None:
    stranger = DeviceKey(b"s" * 32)
    behind.tell(3, stranger, Contacts(((PHONE, ADDRESSES),)))
    catch_up(behind)
    assert behind.node(3).noticed(ContactTold) == []


def contacts_to(cluster: Cluster, place: int, device: DeviceKey) -> list[Contacts]:
    sends = cluster.node(place).sends
    told = [one.message for one in sends if isinstance(one, Send) and one.peer == device]
    return [one for one in told if isinstance(one, Contacts)]


def hello(cluster: Cluster, device: DeviceKey, *addresses: str) -> None:
    status = cluster.node(0).core.status()
    cluster.give(cluster.devices[0], PeerUp(device))
    greeting = Hello(PROTOCOL_VERSION, cluster.charter.community_id, status, None, "", addresses)
    cluster.tell(0, device, greeting)


def test_who_listens_nowhere_is_told_of_the_others_all_the_same() -> None:
    cluster = Cluster(4)
    _, first, second, _ = cluster.devices
    hello(cluster, first, *ADDRESSES)
    hello(cluster, second)
    assert contacts_to(cluster, 0, second) == [Contacts(((first, ADDRESSES),))]
    assert contacts_to(cluster, 0, first) == []


def test_who_has_no_seat_is_not_told_of_to_others() -> None:
    cluster = Cluster(4)
    core = cluster.node(0).core
    core.greeting._hosts = frozenset({PHONE})
    hello(cluster, cluster.devices[1], *ADDRESSES)
    hello(cluster, PHONE, *ADDRESSES)
    assert core.sync.peers[PHONE].greeted
    assert contacts_to(cluster, 0, PHONE) == [Contacts(((cluster.devices[1], ADDRESSES),))]
    assert contacts_to(cluster, 0, cluster.devices[1]) == []


def test_more_contacts_than_a_message_holds_go_in_several() -> None:
    charter = make_charter(20)
    members = tuple(
        replace(
            member,
            devices=tuple(
                sorted((*member.devices, *(DeviceKey(bytes([i, j]) * 16) for j in range(1, 16))))
            ),
        )
        for i, member in enumerate(charter.members)
    )
    cluster = Cluster(20, replace(charter, members=members, created_ms=WallMs(1_000_000)))
    core = cluster.node(0).core
    devices = sorted(device for member in members for device in member.devices)
    core.contacts.addresses.update(dict.fromkeys(devices, ADDRESSES))
    hello(cluster, cluster.devices[1])
    parts = contacts_to(cluster, 0, cluster.devices[1])
    assert [one for part in parts for one, _ in part.contacts] == [
        one for one in devices if one != cluster.devices[1]
    ]
    for part in parts:
        frame = write_frame([part])
        assert read_frame(frame, Opener(cluster.charter.community_id, fake_verify)) == (part,)
