"""The parts that need nothing, or next to nothing: clocks, outbox, sightings, alarms, rebuilds."""

from __future__ import annotations

from dataclasses import replace

from support.cores.parts import Parts

from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.agreement.receipts import Statement
from p2pnode_protocols.core.clock import Clock
from p2pnode_protocols.core.log.rebuilds import Rebuilds
from p2pnode_protocols.core.outbox import Outbox
from p2pnode_protocols.core.peers.sightings import Sightings
from p2pnode_protocols.messages.proofs import Rebuilt
from p2pnode_protocols.steps.inputs import Now
from p2pnode_protocols.steps.notices import Committed, Diverged, ProposalChanged
from p2pnode_protocols.steps.writes import SaveVow
from p2pnode_protocols.wire.ids import EpochId, MonoMs, OpId, WallMs
from p2pnode_protocols.wire.limits import ALARMS_PER_SEAT


def test_a_machine_that_slept_makes_other_wall_times_of_monotonic_ones() -> None:
    clock = Clock(Now(MonoMs(10), WallMs(1_000)))
    assert clock.wall_minus_mono == 990
    clock.set(Now(MonoMs(20), WallMs(9_000)))
    assert (clock.mono_ms, clock.wall_ms, clock.wall_minus_mono) == (20, 9_000, 8_980)


def test_a_step_tells_once_that_a_proposal_has_changed_and_the_rest_in_order() -> None:
    out, one, other = Outbox(), OpId(b"1" * 32), OpId(b"2" * 32)
    done = Committed(1, 0, WallMs(0))
    out.notices += [ProposalChanged(one), ProposalChanged(other), done, ProposalChanged(one), done]
    step = out.take(None, MonoMs(5))
    assert step.notices == (ProposalChanged(one), ProposalChanged(other), done, done)
    assert step.wake_at == 5
    assert out.take(None, MonoMs(6)).notices == (), "the next step begins with nothing"


def test_what_fills_the_outbox_may_hold_its_lists() -> None:
    out = Outbox()
    notices = out.notices
    out.take(None, MonoMs(1))
    notices.append(Committed(1, 0, WallMs(0)))
    assert len(out.take(None, MonoMs(2)).notices) == 1


def test_of_devices_without_a_seat_no_sighting_is_kept() -> None:
    parts, sightings = Parts(4), Sightings()
    seat, stranger = parts.devices[1], b"s" * 32
    sightings.note(seat, MonoMs(3))
    sightings.note(stranger, MonoMs(4))  # type: ignore[arg-type]
    sightings.keep_seats(parts.charter)
    assert sightings.last(seat) == 3
    assert sightings.last(stranger) is None  # type: ignore[arg-type]


def test_the_alarm_is_raised_once_for_each_root_of_a_seat() -> None:
    parts = Parts(4)
    parts.ledger.append(b"a" * 32)
    seat = parts.members[1]
    parts.alarms.compare(seat, 1, b"a" * 32)
    parts.alarms.compare(seat, 2, b"b" * 32)
    assert not parts.noticed(Diverged), "it agrees, or is ahead"
    for _ in range(2):
        parts.alarms.compare(seat, 1, b"b" * 32)
    assert parts.noticed(Diverged) == [Diverged(seat, 1, b"a" * 32, b"b" * 32)]
    for number in range(2 * ALARMS_PER_SEAT):
        parts.alarms.diverged(seat, 1, number.to_bytes(32, "big"))
    assert len(parts.noticed(Diverged)) == ALARMS_PER_SEAT
    assert parts.alarms.diverged(parts.members[2], 1, b"c" * 32), "another seat has its own"


def rebuild_of(epoch: EpochId) -> Rebuild:
    statement = Statement(epoch, 0, b"r" * 32, EpochId(b"n" * 32))
    return Rebuild(statement, EpochId(b"n" * 32), (), ())


def test_a_vow_holds_for_the_epoch_it_is_about() -> None:
    parts = Parts(4)
    vow = rebuild_of(parts.ledger.epoch.id)
    restored = replace(parts.restored, vow=vow)
    held = Rebuilds(restored, parts.ledger, parts.sync.peers, parts.out)
    assert held.vow == vow
    assert not held.makes_blocks
    held.begin_epoch()
    assert (held.vow, parts.wrote(SaveVow)) == (None, [SaveVow(None)])
    assert held.makes_blocks
    other = replace(parts.restored, vow=rebuild_of(EpochId(b"o" * 32)))
    assert Rebuilds(other, parts.ledger, parts.sync.peers, parts.out).vow is None


def test_who_stands_in_an_epoch_that_a_rebuild_ended_is_told_of_it() -> None:
    ended = EpochId(b"e" * 32)
    parts = Parts(4, rebuilds=((1, rebuild_of(ended)),))
    there = parts.meet(parts.devices[1], parts.status(epoch=ended))
    here = parts.meet(parts.devices[2], parts.status())
    for peer in (there, here):
        parts.rebuilds.tell(peer)
    assert len(parts.told(Rebuilt, there.device)) == len(parts.told(Rebuilt)) == 1
