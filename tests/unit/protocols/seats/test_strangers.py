"""What a caller is told before it is admitted: no more than why it is not (R7.20)."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from support.cores.cluster import START_WALL_MS, Cluster
from support.cores.dag import FakeSigner
from unit.protocols.core.test_costs import attributes
from unit.protocols.gossip.test_messages import MESSAGES

from p2pnode_protocols.core.finalizing.epochs import PARTING_MS
from p2pnode_protocols.core.peers.greeting import STAY_MS
from p2pnode_protocols.gossip.peers.peer import REQUESTS_PER_WINDOW
from p2pnode_protocols.messages.frames import Message, write_frame
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Genesis, Hello, Refused
from p2pnode_protocols.messages.spreading import Push, Want
from p2pnode_protocols.messages.standing import Contacts, Links
from p2pnode_protocols.record.actions import InviteAction, NoAction
from p2pnode_protocols.record.bodies import AddDevice, Join, Propose
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Received, Submit
from p2pnode_protocols.steps.sends import Disconnect, Send, Sending, ServeWant
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, MemberId, WallMs, to_short
from p2pnode_protocols.wire.limits import STRANGERS

STRANGER = DeviceKey(b"?" * 32)
GUEST = FakeSigner(DeviceKey(hashlib.sha256(b"guest").digest()))


@pytest.fixture
def cluster() -> Cluster:
    """Return a community that has decided things, so that there is something to give away."""
    cluster = Cluster(4)
    cluster.connect()
    cluster.run(100)
    proposal = cluster.propose(0)
    for place in range(3):
        cluster.vote(place, proposal)
    cluster.run(1_000)
    assert cluster.node(0).core.final_index > 0
    return cluster


def hello(cluster: Cluster, **changes: object) -> Hello:
    told = Hello(PROTOCOL_VERSION, cluster.charter.community_id, None, None, "t", ())
    return replace(told, **changes)  # type: ignore[arg-type]


def secrets(cluster: Cluster) -> list[bytes]:
    """Return what a stranger could learn of a community, as bytes and as people read it."""
    core = cluster.node(0).core
    keys: list[bytes] = [core.community, core.final_root, core.epoch.id, core.genesis_charter]
    keys += [key for seat in core.state.charter.members for key in seat.devices]
    keys += [seat.id for seat in core.state.charter.members]
    forms = [(bytes(key), key.hex()[:8].encode(), _shown(key)) for key in keys if key]
    return [one for several in forms for one in several]


def _shown(key: bytes) -> bytes:
    """Return what all short forms of an id have after their kind."""
    return to_short("com", key[:32].ljust(32)).partition("_")[2].encode()


def told(sends: tuple[Sending, ...], peer: DeviceKey) -> list[bytes]:
    """Return all that goes to a peer, as bytes."""
    found: list[bytes] = []
    for one in sends:
        match one:
            case Send(message=message) if one.peer == peer:
                found.append(write_frame([message]))
            case Disconnect(code=code, detail=detail) if one.peer == peer:
                found.append(write_frame([Refused(code, detail)]))
            case _:
                assert one.peer != peer, f"an answer out of the store: {one}"
    return found


def test_a_stranger_that_only_connects_is_told_nothing(cluster: Cluster) -> None:
    step = cluster.give(cluster.devices[0], PeerUp(STRANGER))
    assert told(step.sends, STRANGER) == []
    cluster.run(60_000)
    assert not [one for one in cluster.node(0).sends if one.peer == STRANGER]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: type(one).__name__)
def test_whatever_a_stranger_says_it_learns_nothing_of_the_community(
    cluster: Cluster, message: Message
) -> None:
    node = cluster.devices[0]
    cluster.give(node, PeerUp(STRANGER))
    before = len(cluster.node(0).sends)
    other, admission = CommunityId(b"o" * 32), (STRANGER, bytes(64))
    first = message if isinstance(message, Hello) else hello(cluster, community=other)
    for one in (message, message, first, message, hello(cluster, invite=admission), message):
        cluster.give(node, Received(STRANGER, one))
        if STRANGER not in cluster.node(0).core.sync.peers:
            cluster.give(node, PeerUp(STRANGER))
    cluster.run(60_000)
    heard = b"".join(told(tuple(cluster.node(0).sends[before:]), STRANGER))
    assert [one for one in secrets(cluster) if one in heard] == []
    assert heard, "it is told why it may not stay"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"community": CommunityId(b"o" * 32)}, "wrong_community"),
        ({}, "not_a_member"),
        ({"invite": (STRANGER, bytes(64))}, "bad_signature"),
        ({"version": PROTOCOL_VERSION + 1}, "wrong_version"),
    ],
)
def test_why_it_may_not_stay_is_said(
    cluster: Cluster, changes: dict[str, object], code: str
) -> None:
    cluster.give(cluster.devices[0], PeerUp(STRANGER))
    step = cluster.tell(0, STRANGER, hello(cluster, **changes))
    assert [one.code for one in step.sends if isinstance(one, Disconnect)] == [code]


@pytest.mark.parametrize("code", ["bad_invite", "invite_over"])
def test_an_invite_that_is_not_open_tells_nothing_more(cluster: Cluster, code: str) -> None:
    """But whether it may be so tomorrow: one that has expired will not."""
    if code == "invite_over":
        expires = WallMs(START_WALL_MS + cluster.now_ms + 60_000)
        action = InviteAction("guest", GUEST.device, expires, 1)
        proposal = cluster.propose_action(0, "constitutional", action)
        for place in range(4):
            cluster.vote(place, proposal)
        cluster.run(1_000)
        assert cluster.outcome(0, proposal) == "passed"
        cluster.run(120_000)
        cluster.propose(0)
        cluster.run(1_000)
    cluster.give(cluster.devices[0], PeerUp(GUEST.device))
    message = crypto.signed_message(crypto.TAG_ADMIT, cluster.charter.community_id, GUEST.device)
    invite = (GUEST.device, GUEST.sign(message))
    step = cluster.tell(0, GUEST.device, hello(cluster, invite=invite))
    assert [one.code for one in step.sends if isinstance(one, Disconnect)] == [code]
    heard = b"".join(told(step.sends, GUEST.device))
    assert [one for one in secrets(cluster) if one in heard] == []


def test_a_member_is_greeted_at_once_and_a_stranger_when_it_has_a_seat(cluster: Cluster) -> None:
    node = cluster.devices[0]
    cluster.give(node, PeerUp(GUEST.device))
    member: MemberId = cluster.charter.members[0].id
    bind = crypto.signed_message(crypto.TAG_BIND, cluster.charter.community_id, member)
    cluster.give(node, Submit(AddDevice(GUEST.device, GUEST.sign(bind))))
    cluster.run(1_000)
    greetings = [
        one.message
        for one in cluster.node(0).sends
        if isinstance(one, Send) and one.peer == GUEST.device
    ]
    assert [type(one) for one in greetings] == [Hello]
    step = cluster.tell(0, GUEST.device, hello(cluster))
    kinds = {type(one.message) for one in step.sends if isinstance(one, Send)}
    assert Genesis in kinds
    assert Hello not in kinds, "once is enough"


def sizes(root: object) -> dict[str, int]:
    """Return how many things each container below a core holds, by the path that leads to it."""
    found: dict[str, int] = {}
    seen: set[int] = set()
    stack: list[tuple[str, object]] = [("core", root)]
    while stack:
        path, thing = stack.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, dict | list | set):
            found[path] = len(thing)
            values = thing.values() if isinstance(thing, dict) else thing
            stack += [(f"{path}[]", one) for one in values]
        elif type(thing).__module__.startswith("p2pnode_protocols"):
            stack += [(f"{path}.{name}", value) for name, value in attributes(thing).items()]
    return found


def test_strangers_that_come_and_go_with_ever_new_keys_leave_nothing(cluster: Cluster) -> None:
    # Of one open invite everybody who has the link can make as many callers as they like.
    action = InviteAction("erin", GUEST.device, WallMs(START_WALL_MS + 86_400_000), 1)
    proposal = cluster.propose_action(0, "constitutional", action)
    for place in range(4):
        cluster.vote(place, proposal)
    cluster.run(1_000)
    node = cluster.node(0)
    before = sizes(node.core)
    for number in range(300):
        device = DeviceKey(hashlib.sha256(b"stranger %d" % number).digest())
        message = crypto.signed_message(crypto.TAG_ADMIT, cluster.charter.community_id, device)
        cluster.give(cluster.devices[0], PeerUp(device))
        cluster.tell(0, device, hello(cluster, invite=(GUEST.device, GUEST.sign(message))))
        assert device in node.core.sync.peers.connected
        cluster.give(cluster.devices[0], PeerDown(device))
        cluster.run(10)
    after = sizes(node.core)
    assert {path: size for path, size in after.items() if size > before.get(path, 0) + 100} == {}


def make_work(cluster: Cluster) -> None:
    """Let the first node miss texts and a parent, so that whoever comes may be asked for them."""
    device, author = cluster.devices[3], cluster.charter.members[3].id
    nonce = cluster.node(0).core.state.next_nonce(device)
    at_ms = WallMs(START_WALL_MS + cluster.now_ms)
    ops = []
    for number in range(20):
        title, _ = make_text(number.to_bytes(16, "big"), "a title")
        body = Propose("tactical", title, (), NoAction(), WallMs(0))
        ops.append(
            sign_op(
                cluster.charter.community_id,
                author,
                FakeSigner(device),
                nonce + number,
                at_ms,
                body,
            )
        )
    cluster.tell(0, device, Push(ops=tuple(ops)))
    assert len(cluster.node(0).core.sync.texts.missing) == len(ops)


@pytest.mark.parametrize("is_new", [False, True], ids=["settled", "just started"])
def test_nothing_is_kept_of_who_hung_up_whatever_waits_here(cluster: Cluster, is_new: bool) -> None:
    """Strangers that say where they listen and stand, hear what lacks, tell contacts, and go."""
    secret = open_invite(cluster, 0)
    if is_new:
        node = cluster.start(cluster.devices[0], cluster.restored(0))
        assert not node.core.own_chain.is_settled
        cluster.give(cluster.devices[0], PeerUp(cluster.devices[3]))
        cluster.tell(0, cluster.devices[3], hello(cluster))
    make_work(cluster)
    node = cluster.node(0)
    come_and_go(cluster, secret, range(10))
    before = sizes(node.core)
    come_and_go(cluster, secret, range(10, 110))
    after = sizes(node.core)
    assert {path: size for path, size in after.items() if size > before.get(path, 0) + 20} == {}


def come_and_go(cluster: Cluster, secret: FakeSigner, numbers: range) -> None:
    node = cluster.node(0)
    for number in numbers:
        device = key_of(number).device
        message = crypto.signed_message(crypto.TAG_ADMIT, cluster.charter.community_id, device)
        greeting = hello(
            cluster,
            invite=(secret.device, secret.sign(message)),
            status=node.core.status(),
            addresses=("/ip4/192.0.2.7/tcp/1",),
        )
        cluster.give(cluster.devices[0], PeerUp(device))
        cluster.tell(0, device, greeting)
        assert is_in(cluster, device)
        told = tuple(
            (key_of(10_000 + number + one).device, ("/ip4/192.0.2.8/tcp/1",)) for one in range(3)
        )
        cluster.tell(0, device, Contacts(tuple(sorted(told))))
        cluster.tell(0, device, Links((device,)))
        cluster.give(cluster.devices[0], PeerDown(device))
        if number % 2:
            cluster.run(1)


# --- places -----------------------------------------------------------------------------

DAY_MS = 86_400_000


def key_of(number: int) -> FakeSigner:
    return FakeSigner(DeviceKey(hashlib.sha256(b"place %d" % number).digest()))


def open_invite(cluster: Cluster, number: int, uses: int = 1, for_ms: int = DAY_MS) -> FakeSigner:
    """Let the members decide on an invite; return its secret."""
    secret = key_of(1_000 + number)
    expires = WallMs(START_WALL_MS + cluster.now_ms + for_ms)
    action = InviteAction(f"guest {number}", secret.device, expires, uses)
    proposal = cluster.propose_action(0, "constitutional", action)
    for place in range(4):
        cluster.vote(place, proposal)
    cluster.run(1_000)
    assert cluster.outcome(0, proposal) == "passed"
    return secret


def come(cluster: Cluster, secret: FakeSigner, number: int) -> DeviceKey:
    """Let a holder of an invite say hello to the first node."""
    device = key_of(number).device
    message = crypto.signed_message(crypto.TAG_ADMIT, cluster.charter.community_id, device)
    cluster.give(cluster.devices[0], PeerUp(device))
    cluster.tell(0, device, hello(cluster, invite=(secret.device, secret.sign(message))))
    return device


def is_in(cluster: Cluster, device: DeviceKey) -> bool:
    return device in cluster.node(0).core.sync.peers.connected


def ends(cluster: Cluster, device: DeviceKey) -> list[str]:
    """Return with what codes the first node ended its connections with a device."""
    return [
        one.code
        for one in cluster.node(0).sends
        if isinstance(one, Disconnect) and one.peer == device
    ]


@pytest.mark.parametrize("holders", [STRANGERS, 3 * STRANGERS])
@pytest.mark.parametrize("invites", [1, 2, STRANGERS, 2 * STRANGERS])
def test_holders_of_other_invites_keep_nobody_out(
    cluster: Cluster, invites: int, holders: int
) -> None:
    theirs = [open_invite(cluster, number) for number in range(invites)]
    hers = open_invite(cluster, invites)
    for place, secret in enumerate(theirs):
        for number in range(holders):
            come(cluster, secret, 100 * place + number)
    carol = come(cluster, hers, 9_000)
    assert is_in(cluster, carol)
    for number in range(holders):  # nor does anybody of them who comes later
        for place, secret in enumerate(theirs):
            come(cluster, secret, 50 + 100 * place + number)
    cluster.run(STAY_MS)
    for place, secret in enumerate(theirs):
        come(cluster, secret, 99 + 100 * place)
    assert is_in(cluster, carol)
    assert ends(cluster, carol) == []


def test_of_one_invite_who_was_greeted_first_gives_way_after_a_while(cluster: Cluster) -> None:
    secret = open_invite(cluster, 0, uses=8)
    first = []
    for number in range(STRANGERS):
        first.append(come(cluster, secret, number))
        cluster.run(10)
    cluster.run(STAY_MS - 1_000)
    early = come(cluster, secret, 50)
    assert not is_in(cluster, early), "those that are joining have their time"
    assert ends(cluster, early) == ["limit_buffer"]
    (end,) = [
        one for one in cluster.node(0).sends if isinstance(one, Disconnect) and one.peer == early
    ]
    assert end.retry_ms <= 2_000, "it did nothing wrong"
    cluster.run(1_000)
    for number, expected in enumerate(first):
        late = come(cluster, secret, 60 + number)
        assert is_in(cluster, late)
        assert ends(cluster, expected) == ["limit_buffer"]
        assert [one for one in first if is_in(cluster, one)] == first[number + 1 :]


def test_a_second_hello_takes_no_place_of_another_invite(cluster: Cluster) -> None:
    one, other = open_invite(cluster, 0), open_invite(cluster, 1)
    devices = [come(cluster, one, number) for number in range(STRANGERS)]
    for device in devices:
        message = crypto.signed_message(crypto.TAG_ADMIT, cluster.charter.community_id, device)
        cluster.tell(0, device, hello(cluster, invite=(other.device, other.sign(message))))
    carol = come(cluster, other, 70)
    assert is_in(cluster, carol)
    assert all(is_in(cluster, device) for device in devices)


@pytest.mark.parametrize("how", ["expired", "used up"])
def test_whose_invite_is_over_has_no_place(cluster: Cluster, how: str) -> None:
    secret = open_invite(cluster, 0, for_ms=60_000 if how == "expired" else DAY_MS)
    devices = [come(cluster, secret, number) for number in range(STRANGERS)]
    if how == "used up":
        guest = key_of(0)
        proof = crypto.signed_message(crypto.TAG_JOIN, cluster.charter.community_id, guest.device)
        op = sign_op(
            cluster.charter.community_id,
            crypto.compute_member_id(guest.device),
            guest,
            1,
            WallMs(START_WALL_MS + cluster.now_ms),
            Join("guest", secret.device, secret.sign(proof)),
        )
        cluster.tell(0, guest.device, Push(ops=(op,)))
    else:
        cluster.run(61_000)
        cluster.propose(0)  # only a commit's time lets it expire
    cluster.run(2_000)
    lost = devices[1:] if how == "used up" else devices
    assert all(is_in(cluster, device) for device in devices), "it still hears what became of it"
    cluster.run(PARTING_MS)
    assert [ends(cluster, device) for device in lost] == [["invite_over"]] * len(lost)
    if how == "used up":
        assert is_in(cluster, devices[0])
        assert cluster.node(0).core.sync.peers[devices[0]].member is not None


def test_holders_of_one_invite_use_up_no_requests_of_another(cluster: Cluster) -> None:
    one, other = open_invite(cluster, 0), open_invite(cluster, 1)
    for number in range(STRANGERS):
        device = come(cluster, one, number)
        for _ in range(REQUESTS_PER_WINDOW):
            cluster.tell(0, device, Want((b"w" * 32,)))
    carol = come(cluster, other, 70)
    step = cluster.tell(0, carol, Want((b"w" * 32,)))
    assert [type(send) for send in step.sends if send.peer == carol] == [ServeWant]
