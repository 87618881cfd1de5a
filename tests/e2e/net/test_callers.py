"""Many callers at once: strangers that connect and say little keep no member out.

Floods are counted, not timed: so many connections between two pieces of what a member sends.
"""

import contextlib
from collections.abc import Awaitable, Callable

import pytest
import trio
from support.hosts.nets import LOOPBACK, Member, Process, Rig, Stranger, find_port, flood, relayed

from p2pnode.net.callers.door import Door
from p2pnode.net.callers.places import PLACES, Stage
from p2pnode.net.endpoint import Endpoint
from p2pnode_protocols.steps.inputs import PeerUp

FLOOD = 2 * PLACES[Stage.SILENT]
PIECES = 5  # that a caller sends until it is known, at least


def make_flood(member: Member, at: int, source: str) -> Callable[[int], Awaitable[None]]:
    async def ahead(piece: int) -> None:
        if piece == at:
            await flood(member, FLOOD, source)

    return ahead


@pytest.mark.parametrize("at", range(PIECES))
async def test_flood_from_elsewhere_drives_no_caller_out(
    rig: Rig, mallory: Stranger, at: int
) -> None:
    alice = await rig.start(1)
    rig.known.add(mallory.device)  # a member here, and not known at any address
    async with relayed(alice, make_flood(alice, at, "127.0.0.2")) as address:
        assert not await mallory.is_turned_away(alice, address)


@pytest.mark.parametrize("at", range(1, PIECES))
async def test_flood_from_the_same_address_drives_out_nobody_who_has_spoken(
    rig: Rig, mallory: Stranger, at: int
) -> None:
    alice = await rig.start(1)
    rig.known.add(mallory.device)
    async with relayed(alice, make_flood(alice, at, "127.0.0.1")) as address:
        assert not await mallory.is_turned_away(alice, address)


async def test_member_with_many_devices_drives_out_only_its_own(
    rig: Rig, mallory: Stranger
) -> None:
    """All devices of a seat hold the last places, as if their handshakes never ended."""
    many = range(5 * PLACES[Stage.MEMBER])
    phones = [Stranger(bytes([number, 1]) * 16) for number in many]
    keys = {one.device for one in phones}
    alice = await rig.start(1, seat_of=lambda one: b"liar" if one in keys else one)
    rig.known |= {mallory.device, *keys}
    holding = 0

    async def hold(piece: int) -> None:
        nonlocal holding
        if piece == PIECES - 1:
            holding += 1
            await trio.sleep_forever()

    async with trio.open_nursery() as nursery, relayed(alice, hold) as held:

        async def ahead(piece: int) -> None:
            if piece == PIECES - 1:
                for number, one in enumerate(phones):
                    nursery.start_soon(one.is_turned_away, alice, held)
                    await alice.until(lambda number=number: holding > number)  # type: ignore[misc]

        async with relayed(alice, ahead) as address:
            assert not await mallory.is_turned_away(alice, address)
        nursery.cancel_scope.cancel()


async def test_member_behind_the_address_of_a_flood_gets_through_by_and_by(rig: Rig) -> None:
    """A flood as large as the room ahead of each first byte spares one call in three."""
    alice, bob = await rig.start(1), await rig.start(2)
    calls = 0

    async def ahead(piece: int) -> None:
        nonlocal calls
        if piece == 0:
            calls += 1
            assert calls < 100, "each call was driven out, which has a chance of 1 in 10^18"
            await flood(alice, PLACES[Stage.SILENT] + 1, "127.0.0.1")

    async with relayed(alice, ahead) as address:
        bob.net.set_peers({alice.device: [address]})
        await bob.hear(PeerUp)
        await alice.hear(PeerUp)


async def test_callers_that_take_all_file_descriptors_give_them_back(
    start_process: Callable[..., Process], mallory: Stranger
) -> None:
    alice = start_process(1)
    alice.leave_descriptors(8)
    port = int(alice.addresses[0].split("/")[4])
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(40):
            await stack.enter_async_context(await trio.open_tcp_stream("127.0.0.1", port))
        assert not await mallory.is_turned_away(alice)


async def test_callers_that_dawdle_do_not_keep_others_out(rig: Rig, mallory: Stranger) -> None:
    alice = await rig.start(1)
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(FLOOD):
            await stack.enter_async_context(
                await trio.open_tcp_stream("127.0.0.1", find_port(alice))
            )
        assert not await mallory.is_turned_away(alice)
        assert alice.net.statistics().refused_connections >= FLOOD - PLACES[Stage.SILENT]


@pytest.mark.parametrize("word", [b"", b"\x13/multi"], ids=["silent", "amid its greeting"])
async def test_node_stops_whoever_is_in_the_middle_of_a_handshake(rig: Rig, word: bytes) -> None:
    alice = await rig.start(1)
    callers = alice.endpoint._door._callers
    with trio.socket.socket() as sock:
        await sock.connect(("127.0.0.1", find_port(alice)))
        if word:
            await sock.send(word)
        await alice.until(lambda: any(one.has_handshake == bool(word) for one in callers))
        await alice.stop()
        with trio.fail_after(5):
            with contextlib.suppress(ConnectionResetError):
                while await sock.recv(64):  # until it is sent away
                    pass


async def test_endpoint_that_is_cancelled_while_it_starts_ends() -> None:
    """Whatever step it has come to: what holds connections is shielded, and must not be left."""
    for steps in range(12):
        endpoint = Endpoint(LOOPBACK, b"e" * 32)
        with trio.fail_after(5):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(endpoint.run)
                for _ in range(steps):
                    await trio.lowlevel.checkpoint()
                nursery.cancel_scope.cancel()


async def test_endpoint_ends_though_something_goes_wrong_as_it_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: Door) -> None:
        raise RuntimeError("as it closes")

    monkeypatch.setattr(Door, "close", fail)
    with trio.fail_after(5), pytest.RaisesGroup(RuntimeError, flatten_subgroups=True):
        async with trio.open_nursery() as nursery:
            await nursery.start(Endpoint(LOOPBACK, b"e" * 32).run)
            nursery.cancel_scope.cancel()
