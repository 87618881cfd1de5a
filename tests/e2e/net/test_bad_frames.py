"""Bytes no honest peer sends: refused, counted, told; repeated: sent away. The net lives on.

Mallory has a key that the gate lets in, and real streams; what she writes on them is hers.
"""

import contextlib
import threading
from dataclasses import replace

import pytest
import trio
from support.hosts.nets import COMMUNITY, DEADLINE_S, LOOPBACK, Rig, Stranger

from p2pnode.net.connection.mux import _HEADER, EMPTY_PER_MINUTE, START_WINDOW, WINDOW_BYTES
from p2pnode.net.errors import LinkClosed
from p2pnode.net.framing import add_length
from p2pnode.net.heard.hearing import STRIKES
from p2pnode.net.heard.reading import AT_ONCE_BYTES
from p2pnode.net.seats.cpu import ASKED_PART, BURST_S
from p2pnode.net.session import IDLE_PER_MINUTE
from p2pnode_protocols.messages.frames import Message, write_frame
from p2pnode_protocols.messages.greeting import Bye, Ping, Pong, Refused
from p2pnode_protocols.messages.spreading import Pull, Pulled, Push, Want
from p2pnode_protocols.record.bodies import Away
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Received
from p2pnode_protocols.wire.codec import encode
from p2pnode_protocols.wire.crypto import Ed25519Signer
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, WallMs
from p2pnode_protocols.wire.limits import FIRST_FRAME_BYTES, FRAME_BYTES, PULL_BYTES, TEXT_BYTES

GOOD = Want((b"w" * 32,))

FRAMES = {
    "garbage": (b"\xc1 not msgpack", "bad_encoding"),
    "no list": (encode(7), "bad_frame"),
    "unknown message": (encode([[99, 1]]), "bad_frame"),
    "trailing bytes": (write_frame([GOOD]) + b"\x00", "bad_encoding"),
    "not canonical": (b"\xdc\x00\x01" + write_frame([GOOD])[1:], "bad_encoding"),
    "wrong type": (encode([[Want.KIND, 5]]), "bad_field"),
    "nested too deep": (b"\x91" * 5000 + b"\x90", "bad_encoding"),
    "no block": (encode([[Push.KIND, [b"no block"], [], []]]), "bad_encoding"),
}


@pytest.mark.parametrize("name", FRAMES)
async def test_bad_frame_is_refused_and_the_session_goes_on(
    rig: Rig, mallory: Stranger, name: str
) -> None:
    frame, code = FRAMES[name]
    alice = await rig.start(1)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as link:
        await link.send(add_length(frame))
        assert (await mallory.hear(link, Refused)).code == code
        await mallory.say(link, GOOD)
        assert await alice.hear(Received) == Received(mallory.device, GOOD)
    assert alice.about(mallory.device).faults == ((code, 1),)


async def test_third_bad_frame_ends_the_session_and_keeps_the_peer_away(
    rig: Rig, mallory: Stranger
) -> None:
    alice = await rig.start(1)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as link:
        for _ in range(3):
            await link.send(add_length(b"\xc1"))
        for _ in range(3):
            await mallory.hear(link, Refused)
        await mallory.hear(link, Bye)
        await mallory.say(link, GOOD)  # not looked at any more
    await alice.hear(PeerDown)
    await alice.until(lambda: alice.about(mallory.device).state == "held")
    refused = alice.net.statistics().refused_connections
    assert await mallory.is_turned_away(alice)
    assert alice.net.statistics().refused_connections == refused + 1


@pytest.mark.parametrize(
    "idle", [(Ping(1, WallMs(2)),), (Pong(1, WallMs(2)),), ()], ids=["ping", "pong", "nothing"]
)
async def test_heartbeats_without_end_end_the_session(
    rig: Rig, mallory: Stranger, idle: tuple[Message, ...]
) -> None:
    """R7.24: nobody else sees them, so they are counted here."""
    alice = await rig.start(1)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as link:
        for _ in range(IDLE_PER_MINUTE // 2):
            await mallory.say(link, *idle)
        await mallory.say(link, GOOD)
        assert await alice.hear(Received) == Received(mallory.device, GOOD)
        for _ in range(IDLE_PER_MINUTE // 2 + 1):
            await mallory.say(link, *idle)
        assert (await mallory.hear(link, Refused)).code == "limit_rate"
    await alice.hear(PeerDown)
    await alice.until(lambda: alice.about(mallory.device).state == "held")


async def test_yamux_frames_without_anything_end_the_session(rig: Rig, mallory: Stranger) -> None:
    """R7.24."""
    alice = await rig.start(1)
    rig.known.add(mallory.device)
    nothing = _HEADER.pack(0, 2, 0, 0, 0) * (2 * EMPTY_PER_MINUTE)
    async with mallory.connected(alice) as link:
        await alice.hear(PeerUp)
        await link.link.wire.write(link.link._mux._seal(nothing))
        await mallory.hear_end(link)
    await alice.hear(PeerDown)
    await alice.until(lambda: alice.about(mallory.device).state == "held")
    assert alice.about(mallory.device).faults == (("limit_rate", 1),)


class Costs:
    """CPU time as a test has it: so much more each time that it is looked at."""

    def __init__(self, *, aside_s: float = 0.0) -> None:
        """Args: `aside_s`: the same in threads beside the node's own."""
        self.each_s = 0.0
        self._aside_s = aside_s
        self._spent_s = 0.0

    def read(self) -> float:
        is_aside = threading.current_thread() is not threading.main_thread()
        self._spent_s += self._aside_s if is_aside else self.each_s
        return self._spent_s


@pytest.mark.parametrize("sender", [0, 1], ids=["itself", "another device"])
async def test_refused_frames_cost_the_seat_and_all_its_devices_wait(
    rig: Rig, mallory: Stranger, monkeypatch: pytest.MonkeyPatch, sender: int
) -> None:
    """R7.26: nothing of the seat is read until its share has filled up; others are read."""
    # Of a core: so that nobody waits for long.
    monkeypatch.setattr("p2pnode.net.seats.seats.TOGETHER", 100.0)
    costs, phone, bob = Costs(), Stranger(b"p" * 32), Stranger(b"b" * 32)
    seats = {mallory.device: b"hers", phone.device: b"hers", bob.device: b"his"}
    alice = await rig.start(1, seat_of=seats.__getitem__, meter=costs.read)
    rig.known.update(seats)
    async with mallory.connected(alice) as link, phone.connected(alice) as other:
        async with bob.connected(alice) as bobs:
            costs.each_s = BURST_S + 40
            await link.send(add_length(b"\xc1"))
            assert (await mallory.hear(link, Refused)).code == "bad_encoding"
            costs.each_s = 0.0
            began_s = trio.current_time()
            pair = [(mallory, link), (phone, other)][sender]
            await pair[0].say(pair[1], GOOD)
            await bob.say(bobs, GOOD)
            assert await alice.hear(Received) == Received(bob.device, GOOD)
        assert await alice.hear(Received) == Received(pair[0].device, GOOD)
        assert trio.current_time() - began_s > 0.3  # of at least 40 s at 100 or 50 cores


async def test_answers_of_a_seat_over_its_share_wait(
    rig: Rig, mallory: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R7.26: what is asked for is made at the cost of who asks."""
    monkeypatch.setattr("p2pnode.net.seats.seats.TOGETHER", 100.0)
    costs = Costs()
    alice = await rig.start(1, meter=costs.read)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as link:
        await alice.hear(PeerUp)
        costs.each_s = BURST_S + 40
        alice.net.answer(mallory.device, "pull", lambda: Pulled(0, (), (), more=False))
        await mallory.hear(link, Pulled)
        costs.each_s = 0.0
        began_s = trio.current_time()
        alice.net.answer(mallory.device, "pull", lambda: Pulled(1, (), (), more=False))
        alice.net.enqueue(mallory.device, GOOD)
        assert await mallory.hear(link, Want) == GOOD
        assert (await mallory.hear(link, Pulled)).epoch_number == 1
        assert trio.current_time() - began_s > 0.3


TEXTS = (b"t" * 9_000, b"u" * 9_000)


@pytest.mark.parametrize(
    ("frame", "is_asked", "counted_s"),
    [
        (write_frame([Pulled(0, (), TEXTS, more=False)]), True, 2 * ASKED_PART),
        (write_frame([Pulled(0, (), TEXTS, more=False)]), False, 2.0),
        (write_frame([Push(texts=TEXTS)]), True, 2.0),
        (write_frame([Pulled(0, (), TEXTS, more=False)]) + b"\x00", True, 2.0),
    ],
    ids=["asked for", "not asked for", "something else", "refused"],
)
async def test_what_was_asked_for_counts_a_fifth(
    rig: Rig,
    mallory: Stranger,
    monkeypatch: pytest.MonkeyPatch,
    frame: bytes,
    is_asked: bool,
    counted_s: float,
) -> None:
    """R7.26: once for each question; and nothing of it when it is refused."""
    monkeypatch.setattr("p2pnode.net.seats.seats.TOGETHER", 0.0)  # nothing comes back meanwhile
    monkeypatch.setattr("p2pnode.net.seats.seats.AT_LEAST", 0.0)
    costs = Costs(aside_s=2.0)
    alice = await rig.start(1, meter=costs.read)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as link:
        await alice.hear(PeerUp)
        if is_asked:
            alice.net.enqueue(mallory.device, Pull(0, (), PULL_BYTES))
        share = alice.net.seats.find_share(mallory.device)
        left_s = BURST_S - counted_s
        await link.send(add_length(frame))
        await alice.until(lambda: abs(share._left_s - left_s) < 0.01)
        await link.send(add_length(frame))
        left_s -= 2.0
        await alice.until(lambda: abs(share._left_s - left_s) < 0.01)


async def test_who_is_gone_before_its_frame_was_read_pays_for_it_all_the_same(
    rig: Rig, mallory: Stranger
) -> None:
    """R7.26: else it would hang up and call again each time."""
    may_go_on, is_reading = threading.Event(), threading.Event()

    def verify(_device: DeviceKey, _message: bytes, _signature: bytes) -> bool:
        is_reading.set()
        return may_go_on.wait(DEADLINE_S)

    alice = await rig.start(1, verify=verify, meter=Costs(aside_s=4.0).read)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as link:
        await link.send(add_length(full_frame(AT_ONCE_BYTES // 100)))
        await alice.until(is_reading.is_set)
    share = alice.net.seats.find_share(mallory.device)
    assert share._left_s == BURST_S
    may_go_on.set()
    await alice.until(lambda: share._left_s < BURST_S - 3)


async def test_strikes_and_absences_are_the_seats(rig: Rig) -> None:
    """R7.10: whoever comes with a new key of the seat does not begin anew."""
    alice = await rig.start(1, seat_of=lambda _device: b"hers")
    devices = [Stranger(bytes([number]) * 32) for number in range(70, 74)]
    rig.known.update(one.device for one in devices)
    for number, one in enumerate(devices):
        async with one.connected(alice) as link:
            await link.send(add_length(b"\xc1"))
            await one.hear(link, Refused)
            if number >= STRIKES - 1:
                await one.hear(link, Bye)
                await alice.until(lambda one=one: alice.about(one.device).state == "held")  # type: ignore[misc]
            else:
                await one.say(link, GOOD)
                await alice.hear(Received)


async def test_who_gets_a_seat_while_connected_shares_with_it_from_there_on(
    rig: Rig, mallory: Stranger
) -> None:
    """R7.19: not with the strangers among whom it was."""
    alice = await rig.start(1)
    rig.let_in.add(mallory.device)
    async with mallory.connected(alice) as link:
        await mallory.say(link, GOOD)
        await alice.hear(Received)
        assert set(alice.net.seats.rooms) == {b""}
        rig.known.add(mallory.device)
        await mallory.say(link, GOOD)
        await alice.hear(Received)
        (room,) = [one for seat, one in alice.net.seats.rooms.items() if seat == mallory.device]
        assert len(room.waiting) == len(room.partial) == 1
        assert not alice.net.seats.rooms[b""].waiting


@pytest.mark.parametrize("length", [0, FRAME_BYTES + 1, 2**32 - 1])
async def test_length_out_of_bounds_ends_the_session_with_a_reason(
    rig: Rig, mallory: Stranger, length: int
) -> None:
    alice = await rig.start(1)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as link:
        await link.send(length.to_bytes(4, "big"))
        assert (await mallory.hear(link, Refused)).code == "limit_size"
        await mallory.hear(link, Bye)
    await alice.hear(PeerDown)
    assert alice.about(mallory.device).faults == (("limit_size", 1),)


async def test_frame_cut_by_a_hang_up_is_nobodys_fault(rig: Rig, mallory: Stranger) -> None:
    alice = await rig.start(1)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as link:
        await link.send(add_length(write_frame([GOOD]))[:-1])
        await alice.hear(PeerUp)
    event = await alice.hear(PeerDown, Received)
    assert event == PeerDown(mallory.device)
    assert alice.about(mallory.device).faults == ()
    async with mallory.connected(alice) as link:
        await mallory.say(link, GOOD)
        assert await alice.hear_message() == GOOD


async def test_who_hangs_up_on_a_busy_node_after_it_said_much_at_once_ends_no_more_than_that(
    rig: Rig, mallory: Stranger
) -> None:
    """What came before the session began is given credit for when nobody is there to take it."""
    alice = await rig.start(1, room=0)
    rig.known.add(mallory.device)
    frame = add_length(write_frame([GOOD]))
    async with mallory.connected(alice) as link:
        await link.send(frame * (START_WINDOW * 3 // 4 // len(frame)))
        (at_alice,) = alice.endpoint.book[mallory.device].links
        stream = at_alice.pair(COMMUNITY)._incoming
        await alice.until(lambda: stream is not None and len(stream._arrived) > START_WINDOW // 2)
        await alice.hear(PeerUp)
    await alice.until(lambda: at_alice.has_ended)
    await alice.hear(PeerDown)
    async with mallory.connected(alice) as link:
        await mallory.say(link, GOOD)
        await alice.hear(Received)


async def test_flood_waits_for_the_slow_node_and_holds_up_nobody_else(
    rig: Rig, mallory: Stranger
) -> None:
    """There is room for one event of alice's, so the flood is stuck before bob speaks."""
    alice = await rig.start(1, room=1)
    bob = await rig.start(2)
    rig.known.add(mallory.device)
    bob.knows(alice)
    await bob.hear(PeerUp)
    await alice.hear(PeerUp)
    flood = add_length(write_frame([GOOD] * 200))
    async with mallory.connected(alice) as link, trio.open_nursery() as nursery:

        async def write_for_ever() -> None:
            while True:
                await link.send(flood)

        nursery.start_soon(write_for_ever)
        await alice.hear(PeerUp)
        await alice.until(lambda: alice.about(mallory.device).messages_in == 200)
        answer = Want((b"b" * 32,))
        bob.net.enqueue(alice.device, answer)
        with trio.fail_after(DEADLINE_S):
            heard = 0
            while await alice.hear(Received) != Received(bob.device, answer):
                heard += 1
        assert 1 <= heard < 100, "bob's message waited for far less than a frame of the flood"
        nursery.cancel_scope.cancel()


async def test_peer_that_ignores_its_window_is_cut_off_once_it_goes_beyond_it(
    rig: Rig, mallory: Stranger
) -> None:
    """Nobody takes alice's events, and mallory believes that she may send a gigabyte."""
    alice = await rig.start(1, room=1)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as link, trio.open_nursery() as nursery:
        assert link._outgoing is not None
        link._outgoing.room = 1 << 30
        frame = add_length(write_frame([Push(texts=(bytes(TEXT_BYTES),))]))

        async def write_for_ever() -> None:
            with contextlib.suppress(LinkClosed):
                while True:
                    await link.send(frame)

        (at_alice,) = alice.endpoint.book[mallory.device].links
        nursery.start_soon(write_for_ever)
        with trio.fail_after(DEADLINE_S):
            await at_alice.wait_ended()
        assert at_alice.wire.bytes_in < WINDOW_BYTES * 5 // 4, "and what was read at once"


@pytest.mark.parametrize(
    "noise",
    [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" * 50, bytes(200_000), b"\x13/multi"],
    ids=["http", "tls", "zeros", "half a greeting"],
)
async def test_caller_that_speaks_no_libp2p_is_turned_away(rig: Rig, noise: bytes) -> None:
    alice, bob = await rig.start_linked(1, 2)
    port = int(alice.net.addresses[0].split("/")[4])
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        # A caller that is hung up on while it still talks may see its write fail.
        with contextlib.suppress(trio.BrokenResourceError), trio.fail_after(DEADLINE_S):
            await stream.send_all(noise)
            await stream.send_eof()
            while await stream.receive_some():
                pass
    await alice.until(lambda: alice.net.statistics().refused_connections == 1)
    alice.net.enqueue(bob.device, GOOD)
    assert await bob.hear_message() == GOOD


async def test_silent_caller_is_hung_up_on(rig: Rig) -> None:
    config = type(LOOPBACK)(listen=LOOPBACK.listen, mdns=False, connect_timeout_s=0.3)
    alice = await rig.start(1, config)
    port = int(alice.net.addresses[0].split("/")[4])
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        with trio.fail_after(DEADLINE_S):
            while await stream.receive_some():
                pass
    assert alice.net.statistics().refused_connections == 1


async def test_unfinished_frames_of_strangers_share_one_room(rig: Rig) -> None:
    # Each may have begun a frame; all together hold no more than one seat may.
    config = replace(LOOPBACK, partial_bytes=200_000, hello_within_s=3600.0)  # not for silence
    alice, bob = await rig.start(1, config), await rig.start(2)
    alice.knows(bob)
    await alice.hear(PeerUp)
    strangers = [Stranger(bytes([40 + number]) * 32) for number in range(config.strangers)]
    async with contextlib.AsyncExitStack() as stack:
        links = []
        for one in strangers:
            links.append(await stack.enter_async_context(one.connected(alice)))
            await alice.hear(PeerUp)
        for link in links:
            with contextlib.suppress(LinkClosed):
                await link.send(FRAME_BYTES.to_bytes(4, "big") + bytes(90_000))
        for _ in range(config.strangers - 2):
            await alice.hear(PeerDown)
        bob.net.enqueue(alice.device, GOOD)
        assert await alice.hear_message() == GOOD
    assert alice.net.statistics().strangers <= 2


def full_frame(count: int) -> bytes:
    """Return a frame of so many small ops, all signed by a key that nobody knows."""
    signer = Ed25519Signer(b"q" * 32)
    ops = [
        sign_op(COMMUNITY, MemberId(b"m" * 32), signer, nonce, WallMs(nonce), Away())
        for nonce in range(1, count + 1)
    ]
    return write_frame([Push((), tuple(ops))])


async def test_nobody_waits_for_the_signatures_of_another_ones_long_frame(
    rig: Rig, mallory: Stranger
) -> None:
    """R7.2: it is read apart; meanwhile others are heard, and what they bring is handed on."""
    others_were_heard = threading.Event()

    def verify(_device: DeviceKey, _message: bytes, _signature: bytes) -> bool:
        return others_were_heard.wait(DEADLINE_S)

    alice = await rig.start(1, verify=verify)
    quiet = Stranger(b"k" * 32)
    rig.known.update({mallory.device, quiet.device})
    async with mallory.connected(alice) as long, quiet.connected(alice) as link:
        frame = full_frame(AT_ONCE_BYTES // 100)
        assert len(frame) > AT_ONCE_BYTES
        await long.send(add_length(frame))
        await quiet.say(link, GOOD)
        assert await alice.hear(Received) == Received(quiet.device, GOOD)
        others_were_heard.set()
        late = await alice.hear(Received)
        assert late.peer == mallory.device
        assert isinstance(late.message, Push)


async def test_net_stops_at_once_in_the_middle_of_a_long_frame(rig: Rig, mallory: Stranger) -> None:
    has_stopped, is_reading = threading.Event(), threading.Event()

    def verify(_device: DeviceKey, _message: bytes, _signature: bytes) -> bool:
        is_reading.set()
        return has_stopped.wait(DEADLINE_S)

    alice = await rig.start(1, verify=verify)
    rig.known.add(mallory.device)
    async with mallory.connected(alice) as link:
        await link.send(add_length(full_frame(AT_ONCE_BYTES // 100)))
        await alice.until(is_reading.is_set)
        await alice.stop()
        has_stopped.set()


async def test_stranger_is_sent_away_before_a_signature_of_its_frame_is_checked(
    rig: Rig, mallory: Stranger
) -> None:
    """R7.20: it may say who it is."""
    checked: list[bytes] = []

    def verify(_device: DeviceKey, message: bytes, _signature: bytes) -> bool:
        checked.append(message)
        return True

    alice = await rig.start(1, verify=verify)
    async with mallory.connected(alice) as link:
        await link.send(add_length(full_frame(3)))
        assert (await mallory.hear(link, Refused)).code == "bad_frame"
        await mallory.hear(link, Bye)
    await alice.until(lambda: alice.about(mallory.device).state == "held")
    assert not checked


async def test_stranger_is_sent_away_at_the_length_of_its_frame(
    rig: Rig, mallory: Stranger
) -> None:
    alice = await rig.start(1)
    async with mallory.connected(alice) as link:
        await link.send((FIRST_FRAME_BYTES + 1).to_bytes(4, "big"))
        assert (await mallory.hear(link, Refused)).code == "limit_size"
        await mallory.hear(link, Bye)


async def test_stranger_that_is_let_in_is_heard_like_a_member(rig: Rig, mallory: Stranger) -> None:
    alice = await rig.start(1)
    rig.let_in.add(mallory.device)
    async with mallory.connected(alice) as link:
        await link.send(add_length(full_frame(3)))
        assert isinstance(await alice.hear_message(), Push)
