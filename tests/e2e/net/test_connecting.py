"""Finding and keeping a peer: addresses, crossed dials, restarts, ports, shutdown."""

import itertools
import socket
from dataclasses import replace
from functools import partial

import pytest
import trio
from support.hosts.nets import DEADLINE_S, LOOPBACK, Rig, Stranger

from p2pnode.net import Endpoint, NetError
from p2pnode.net.dialling.tips import TRIES_PER_MINUTE
from p2pnode_protocols.messages.spreading import Pulled, Want
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Received
from p2pnode_protocols.wire.limits import ADDRESSES, TEXT_BYTES

GOOD = Want((b"w" * 32,))


def pick_dead_address() -> str:
    """Return an address on which nothing listens: just closed, and not given out again soon."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"/ip4/127.0.0.1/tcp/{probe.getsockname()[1]}"


async def test_good_address_is_found_among_dead_ones_and_remembered(rig: Rig) -> None:
    alice, bob = await rig.start(1), await rig.start(2)
    good = bob.net.addresses[0]
    dead = [pick_dead_address(), "/ip4/192.0.2.1/tcp/9", "/dns4/no-such-host.invalid/tcp/9"]
    alice.net.set_peers({bob.device: [*dead, good]})
    await alice.hear(PeerUp)
    assert alice.about(bob).addresses[0] == good.partition("/p2p/")[0]


async def test_peer_is_found_at_an_address_learned_later(rig: Rig) -> None:
    alice, bob = await rig.start(1), await rig.start(2)
    alice.net.set_peers({bob.device: [pick_dead_address()]})
    await alice.until(lambda: alice.about(bob).last_error is not None)
    alice.net.add_addresses(bob.device, ["no address", "/ip4/0.0.0.0/tcp/1", *bob.net.addresses])
    await alice.hear(PeerUp)
    assert alice.about(bob).last_error is None


async def test_why_an_address_failed_is_told_beside_it_and_nowhere_else(rig: Rig) -> None:
    alice, bob = await rig.start(1), await rig.start(2)
    dead = [pick_dead_address() for _ in range(3)]
    alice.net.set_peers({bob.device: dead})
    await alice.until(lambda: alice.about(bob).last_error is not None)
    errors = dict(alice.about(bob).errors)
    assert errors == dict.fromkeys(dead, "no answer: Connection refused")


async def test_names_are_resolved(rig: Rig) -> None:
    alice, bob = await rig.start(1), await rig.start(2)
    port = bob.net.addresses[0].split("/")[4]
    alice.net.set_peers({bob.device: [f"/dns4/localhost/tcp/{port}"]})
    await alice.hear(PeerUp)


async def test_other_device_at_the_address_is_not_taken_for_the_peer(rig: Rig) -> None:
    alice, bob, carol = await rig.start(1), await rig.start(2), await rig.start(3)
    taken = carol.net.addresses[0].partition("/p2p/")[0]
    alice.net.set_peers({bob.device: [taken, carol.net.addresses[0]]})
    await alice.until(lambda: alice.about(bob).last_error is not None)
    assert alice.about(bob).addresses == (taken,), "carol's name on it: no address of bob's"
    assert alice.about(bob).sessions == 0
    assert not [one for one in carol.net.statistics().peers if one.sessions]


@pytest.mark.parametrize("attempt", range(8))
async def test_simultaneous_dials_give_one_session(rig: Rig, attempt: int) -> None:
    """Both dial in the same instant, so both get a call while theirs is under way."""
    alice, bob = await rig.start(1 + attempt), await rig.start(101 + attempt)
    alice.knows(bob)
    bob.knows(alice)
    await alice.hear(PeerUp)
    await bob.hear(PeerUp)
    for one, other in ((alice, bob), (bob, alice)):
        for _ in range(20):
            one.net.enqueue(other.device, GOOD)
            event = await other.hear(PeerDown, Received)
            assert event == Received(one.device, GOOD)
    assert alice.about(bob).sessions == bob.about(alice).sessions == 1


async def test_net_restarted_on_its_port_is_found_again(rig: Rig) -> None:
    alice, bob = await rig.start_linked(1, 2)
    listen = bob.net.addresses[0].partition("/p2p/")[0]
    await bob.stop()
    await alice.hear(PeerDown)
    again = await rig.start(2, replace(LOOPBACK, listen=(listen,)))
    await alice.hear(PeerUp)
    alice.net.enqueue(again.device, GOOD)
    assert await again.hear_message() == GOOD
    assert alice.about(again).sessions == 2


async def test_forgotten_peer_is_dialled_no_more(rig: Rig) -> None:
    alice, bob = await rig.start(1), await rig.start(2)
    alice.knows(bob)
    await alice.hear(PeerUp)
    alice.net.set_peers({})
    await bob.stop()
    await alice.hear(PeerDown)
    assert alice.about(bob).state == "idle"


@pytest.mark.parametrize(
    ("listen", "reason"),
    [
        ("/ip4/192.0.2.1/tcp/0", "does not have the address"),
        ("/dns4/localhost/tcp/0", "an IP address is needed"),
        ("127.0.0.1:4747", "expected"),
    ],
)
async def test_wrong_listen_address_says_what_is_wrong(rig: Rig, listen: str, reason: str) -> None:
    endpoint = Endpoint(replace(LOOPBACK, listen=(*LOOPBACK.listen, listen)), b"n" * 32)
    with pytest.raises(NetError, match=reason):
        await endpoint.run()


async def test_port_in_use_is_an_error_that_names_it(rig: Rig) -> None:
    alice = await rig.start(1)
    listen = alice.net.addresses[0].partition("/p2p/")[0]
    endpoint = Endpoint(replace(LOOPBACK, listen=(listen,)), b"n" * 32)
    with pytest.raises(NetError, match=f"port {listen.rpartition('/')[2]} is in use"):
        await endpoint.run()


async def test_shutdown_says_bye_frees_the_port_and_is_quick(rig: Rig) -> None:
    alice, bob, carol = await rig.start_linked(1, 2, 3)
    port = int(alice.net.addresses[0].split("/")[4])
    began_s = trio.current_time()
    await alice.stop()
    assert trio.current_time() - began_s < 3
    await bob.hear(PeerDown)
    await carol.hear(PeerDown)
    with pytest.raises(OSError, match=r"refused|all attempts"):
        await trio.open_tcp_stream("127.0.0.1", port)


async def test_nets_that_stop_at_once_do_not_wait_for_each_other(rig: Rig) -> None:
    members = await rig.start_linked(1, 2, 3)
    began_s = trio.current_time()
    async with trio.open_nursery() as nursery:
        for member in members:
            nursery.start_soon(member.stop)
    assert trio.current_time() - began_s < LOOPBACK.bye_timeout_s


async def test_shutdown_does_not_wait_for_a_peer_that_does_not_read(
    rig: Rig, mallory: Stranger
) -> None:
    alice = await rig.start(1)
    async with mallory.connected(alice):
        await alice.hear(PeerUp)
        for _ in range(200):
            alice.net.enqueue(mallory.device, Want((b"w" * 32,) * 256))
        began_s = trio.current_time()
        await alice.stop()
        assert trio.current_time() - began_s < 3


async def test_peer_that_does_not_read_is_cut_off_when_its_queue_is_full(
    rig: Rig, mallory: Stranger
) -> None:
    alice = await rig.start(1, replace(LOOPBACK, queue_bytes=4_000_000))
    bob = await rig.start(2)
    alice.knows(bob)
    await bob.hear(PeerUp)
    async with mallory.connected(alice) as link:
        await alice.until(lambda: alice.about(mallory.device).state == "up")
        while alice.about(mallory.device).drops == 0:
            alice.net.enqueue(mallory.device, Want((b"w" * 32,) * 256))
            alice.net.enqueue(bob.device, GOOD)
            assert await bob.hear_message() == GOOD, "nobody else waits"
        with trio.fail_after(DEADLINE_S):
            await link.wait_ended()
    await alice.hear(PeerDown)
    assert alice.about(mallory.device).state == "held"


async def test_answers_that_a_peer_does_not_read_are_not_made(rig: Rig, mallory: Stranger) -> None:
    alice = await rig.start(1)
    made = 0

    def make() -> Pulled:
        nonlocal made
        made += 1
        return Pulled(0, (), (bytes(TEXT_BYTES),) * 4, more=True)

    async with mallory.connected(alice) as link:
        await alice.hear(PeerUp)
        for _ in range(1_000):
            alice.net.answer(mallory.device, "pull", make)
            await trio.lowlevel.checkpoint()
        with trio.fail_after(DEADLINE_S):
            await link.wait_ended()
    assert made <= 8, "what the peer's window took, and one or two more"
    assert alice.about(mallory.device).state == "held"


async def test_that_all_is_written_is_told_once_the_peer_has_taken_it(
    rig: Rig, mallory: Stranger
) -> None:
    alice = await rig.start(1)
    told = trio.Event()

    def tell() -> None:
        told.set()

    async with mallory.connected(alice) as link, trio.open_nursery() as nursery:
        await alice.hear(PeerUp)
        for _ in range(400):  # 3 MB: more than its window
            alice.net.enqueue(mallory.device, Want((b"w" * 32,) * 256))
        alice.net.answer(mallory.device, "written", tell)
        await alice.until(lambda: alice.about(mallory.device).frames_out > 0)
        assert not told.is_set()

        async def read() -> None:
            while True:
                await link.receive()

        nursery.start_soon(read)
        with trio.fail_after(DEADLINE_S):
            await told.wait()
        assert alice.about(mallory.device).messages_out == 400
        nursery.cancel_scope.cancel()


async def test_peer_that_does_not_read_is_cut_off_in_time_when_little_is_queued(
    rig: Rig, mallory: Stranger
) -> None:
    alice = await rig.start(1)
    async with mallory.connected(alice) as link:
        await alice.hear(PeerUp)
        for _ in range(400):  # 3 MB: more than its window, less than its queue
            alice.net.enqueue(mallory.device, Want((b"w" * 32,) * 256))
        with trio.fail_after(DEADLINE_S):
            await link.wait_ended()  # yamux gives up after 5 s
    await alice.hear(PeerDown)
    assert alice.about(mallory.device).drops > 0


async def test_lies_about_a_member_cost_few_connections_and_keep_no_truth_out(rig: Rig) -> None:
    """R7.16: else one seat makes every honest node connect to whatever it likes, all the time."""
    alice, bob = await rig.start(1), await rig.start(2)
    alice.net.set_peers({bob.device: []})
    taken = 0
    began_s = trio.current_time()

    async def take(_stream: trio.SocketStream) -> None:
        nonlocal taken
        taken += 1

    def allowed() -> float:
        return TRIES_PER_MINUTE + 1 + (trio.current_time() - began_s) * TRIES_PER_MINUTE / 60

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, take, 0, host="0.0.0.0"))
        port = listeners[0].socket.getsockname()[1]
        for number in itertools.count():
            lies = [f"/ip4/127.1.{number % 250}.{n + 1}/tcp/{port}" for n in range(ADDRESSES)]
            alice.net.add_tips(bob.device, b"liar", lies)
            before = taken
            if taken >= TRIES_PER_MINUTE:
                break
            await alice.until(lambda before=before: taken > before)  # type: ignore[misc]
        alice.net.add_tips(bob.device, b"honest", bob.net.addresses)
        alice.net.add_tips(bob.device, b"liar", lies[::-1])
        await alice.hear(PeerUp)
        assert taken <= allowed()
        assert alice.about(bob).addresses == (bob.net.addresses[0].partition("/p2p/")[0],)
        nursery.cancel_scope.cancel()
