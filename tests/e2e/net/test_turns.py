"""A seat has one turn in being read, with however many devices it speaks (R7.26)."""

from __future__ import annotations

import contextlib

import pytest
from support.hosts.nets import Rig, Stranger
from trio.testing import wait_all_tasks_blocked

from p2pnode_protocols.messages.spreading import Want
from p2pnode_protocols.steps.inputs import PeerUp, Received

GOOD = Want((b"w" * 32,))


@pytest.mark.parametrize("devices", [1, 8])
async def test_all_devices_of_a_seat_have_one_turn_in_having_their_frames_read(
    rig: Rig, devices: int
) -> None:
    # All have sent what they have before the first of it is taken. Of what is read from then on
    # every other is of the seat with one device, however many devices the other seat has.
    frames = 20
    loud = [Stranger(bytes([60 + number]) * 32) for number in range(devices)]
    quiet = Stranger(bytes([59]) * 32)
    alice = await rig.start(
        1, room=0, seat_of=lambda device: b"quiet" if device == quiet.device else b"loud"
    )
    rig.known.update(one.device for one in (*loud, quiet))
    async with contextlib.AsyncExitStack() as stack:
        links = [
            (one, await stack.enter_async_context(one.connected(alice))) for one in (*loud, quiet)
        ]
        for _ in links:
            await alice.hear(PeerUp)
        for one, link in links:
            for _ in range(frames):
                await one.say(link, GOOD)
        await wait_all_tasks_blocked(0.05)
        order = [(await alice.hear(Received)).peer for _ in range(frames * (devices + 1))]
    last = max(place for place, one in enumerate(order) if one == quiet.device)
    assert last <= 2 * frames + 2
