"""What is final: one place that says it, and what it remembers of the way there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.cores.cluster import Cluster
from support.cores.dag import FakeSigner
from support.cores.parts import Parts

from p2pnode_protocols.agreement.roots import NOBODY, compute_first_root
from p2pnode_protocols.core.log import ledger as ledger_module
from p2pnode_protocols.core.log.epoch import begin_epoch
from p2pnode_protocols.record.bodies import Back
from p2pnode_protocols.record.committing import CommitResult
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.state import State
from p2pnode_protocols.steps.writes import SaveCommit
from p2pnode_protocols.wire.ids import DeviceKey, Round, WallMs

KEPT = 4


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    monkeypatch.setattr(ledger_module, "ROOTS_KEPT", KEPT)
    monkeypatch.setattr(ledger_module, "EPOCHS_KEPT", KEPT)
    return Parts(4)


def test_of_the_log_the_last_roots_are_kept(parts: Parts) -> None:
    ledger = parts.ledger
    for number in range(1, 2 * KEPT + 1):
        ledger.append(bytes([number]) * 32)
    assert (ledger.final_index, ledger.final_root) == (2 * KEPT, bytes([2 * KEPT]) * 32)
    assert sorted(ledger.roots) == list(range(KEPT + 1, 2 * KEPT + 1))


def test_late_blocks_of_the_last_epochs_are_known_as_such(parts: Parts) -> None:
    ledger = parts.ledger
    ids = []
    for number in range(KEPT + 2):
        ids.append(ledger.epoch.id)
        record = begin_epoch(
            ledger.epoch.record, ledger.state, Round(1), NOBODY, number, bytes([number]) * 32
        )
        ledger.leave()
        ledger.enter(record)
    assert list(ledger.past) == ids[-KEPT:]
    assert ledger.epoch.id not in ledger.past


def test_a_leap_takes_over_state_index_and_root(parts: Parts) -> None:
    ledger, state = parts.ledger, Parts(4).ledger.state
    ledger.append(b"a" * 32)
    record = replace(ledger.epoch.record, genesis_index=9, genesis_root=b"z" * 32)
    ledger.leap(state, record)
    assert ledger.state is state
    assert (ledger.final_index, ledger.final_root) == (9, b"z" * 32)
    assert ledger.roots == {9: b"z" * 32}, "older ones are beyond what is compared"


def test_an_op_counts_for_the_seat_of_its_key_not_for_whom_it_names(parts: Parts) -> None:
    stranger = FakeSigner(DeviceKey(b"s" * 32))
    victim = parts.members[1]
    for signer, seat in ((parts.me.signer, parts.members[0]), (stranger, victim)):
        op = sign_op(parts.me.community, victim, signer, 1, parts.now.wall_ms, Back())
        assert parts.ledger.seat_of(op) == seat


def test_the_seat_of_this_device_is_none_once_the_state_has_none() -> None:
    parts = Parts(4)
    assert parts.ledger.member == parts.members[0]
    parts.ledger._device = DeviceKey(b"s" * 32)
    assert parts.ledger.member is None


def test_the_state_is_given_the_root_before_each_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lots are to be drawn from it: nobody who said an op of the commit knew it."""
    commit, given = State.commit, list[bytes]()

    def noting(state: State, ops: Sequence[Op], time_ms: WallMs, root: bytes) -> CommitResult:
        given.append(root)
        return commit(state, ops, time_ms, root)

    monkeypatch.setattr(State, "commit", noting)
    alone = Cluster(1)
    alone.connect()
    proposal = alone.propose(0)
    alone.vote(0, proposal)
    alone.run(1_000)
    roots = [one.commit.root for one in alone.node(0).writes if isinstance(one, SaveCommit)]
    assert len(roots) > 1
    assert given == [compute_first_root(alone.charter.community_id), *roots[:-1]]
