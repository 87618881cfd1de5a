"""Which texts a node asks for: those of what it keeps and of what the log took (R7.8, R10.24)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sim.memory_store import MemoryStore
from support.cores.cluster import START_WALL_MS, Cluster
from support.cores.dag import FakeSigner
from support.cores.town import SECOND, key_of

from p2pnode_protocols.messages.spreading import Push, Want
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import AddDevice, Propose, Vote
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import Submit
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.steps.writes import SaveCommit
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import DeviceKey, WallMs

PHONE = key_of("phone")
TITLE, BLOB = make_text(b"s" * 16, "a title")
REASON, _ = make_text(b"s" * 16, "a reason")
STRANGE, _ = make_text(b"s" * 16, "what only a liar's blocks refer to")


def propose_by(town: Cluster, place: int, device: DeviceKey) -> Op:
    """Return a proposal of this node's member, signed by another device of it."""
    body = Propose("implementation", TITLE, (), NoAction(), WallMs(0))
    author = town.charter.members[place].id
    return sign_op(
        town.charter.community_id, author, FakeSigner(device), 1, WallMs(START_WALL_MS), body
    )


def restart(town: Cluster, place: int, restored: Restored) -> set[bytes]:
    """Return what a restarted node asks for."""
    core = town.make_core(town.devices[place], restored)
    return set(core.sync.texts.missing)


def restored(town: Cluster, place: int, *, commits: bool = True) -> Restored:
    """Return what a store gives back that got all of a node's writes, or none of its commits."""
    store = MemoryStore()
    writes = town.node(place).writes
    store.adopt(town.charter.to_bytes())
    store.apply([town.node(place).core.epoch.record], durable=True)
    store.apply([one for one in writes if commits or not isinstance(one, SaveCommit)], durable=True)
    found = store.restore(town.devices[place])
    assert found is not None
    return found


def away_while_a_phone_is_bound_and_speaks() -> tuple[Cluster, Op]:
    """Return a town where the last node has got all that in one answer, but for the text."""
    town = Cluster(4)
    town.connect(town.devices[:3])
    town.run(2 * SECOND)
    seat = town.charter.members[0].id
    message = crypto.signed_message(crypto.TAG_BIND, town.charter.community_id, seat)
    binding = AddDevice(PHONE, FakeSigner(PHONE).sign(message))
    town.give(town.devices[0], Submit(binding, (), True))
    town.run(2 * SECOND)
    op = propose_by(town, 0, PHONE)
    town.tell(0, town.devices[1], Push(ops=(op,), texts=(BLOB,)))
    town.run(90 * SECOND)
    assert town.node(1).core.state.proposal(op.id) is not None
    town.connect([town.devices[0], town.devices[3]])
    town.run(5 * SECOND)
    assert town.node(3).core.state.proposal(op.id) is not None
    return town, op


def test_text_said_with_a_key_that_was_bound_while_this_node_was_away_is_asked_for() -> None:
    town, _ = away_while_a_phone_is_bound_and_speaks()
    assert TITLE.id in town.node(3).core.sync.texts.missing
    wants = [one for one in town.node(3).sends if isinstance(one, Send)]
    asked = [one.message for one in wants if isinstance(one.message, Want)]
    assert any(TITLE.id in one.hashes for one in asked)
    town.tell(3, town.devices[0], Push(texts=(BLOB,)))
    assert TITLE.id not in town.node(3).core.sync.texts.missing


def test_restarted_node_asks_for_texts_of_what_the_log_took() -> None:
    town, _ = away_while_a_phone_is_bound_and_speaks()
    found = restored(town, 3)
    assert (found.missing_texts, found.unsure_texts) == ((TITLE,), ())
    assert restart(town, 3, found) == {TITLE.id}


def test_restarted_node_asks_for_texts_of_what_its_replay_shows_to_be_taken() -> None:
    """It died when its blocks were saved and the commits that follow from them were not."""
    town, _ = away_while_a_phone_is_bound_and_speaks()
    found = restored(town, 3, commits=False)
    assert (found.missing_texts, found.unsure_texts) == ((), (TITLE,))
    assert restart(town, 3, found) == {TITLE.id}


def test_restarted_node_asks_for_texts_of_ops_that_it_keeps_and_of_no_others() -> None:
    """Blocks that no log takes may hold any number of ops, and so name any number of texts."""
    town = Cluster(4)
    town.connect([town.devices[0], town.devices[3]])
    town.run(5 * SECOND)
    op = propose_by(town, 0, town.devices[0])
    town.tell(3, town.devices[0], Push(ops=(op,)))
    found = restored(town, 3)
    assert found.unsure_texts == (TITLE,)
    found = replace(found, unsure_texts=(STRANGE, TITLE))
    assert restart(town, 3, found) == {TITLE.id}


@pytest.mark.parametrize("is_final", [False, True])
def test_restarted_node_knows_by_which_vote_a_missing_reason_is_needed(is_final: bool) -> None:
    """It is needed no more when that vote is replaced (R10.9)."""
    town = Cluster(4)
    town.connect(town.devices)
    town.run(2 * SECOND)
    proposal = town.propose(1)
    town.run(90 * SECOND)
    vote = sign_op(
        town.charter.community_id,
        town.charter.members[0].id,
        FakeSigner(town.devices[0]),
        1,
        WallMs(START_WALL_MS),
        Vote(proposal, proposal, "no", REASON),
    )
    town.tell(3, town.devices[0], Push(ops=(vote,)))
    town.run((90 if is_final else 0) * SECOND)
    found = restored(town, 3)
    assert (found.missing_texts, found.unsure_texts)[not is_final] == (REASON,)
    core = town.make_core(town.devices[3], found)
    assert set(core.sync.texts.missing) == {REASON.id}
    core.sync.drop_text(REASON.id, vote.id)
    assert not core.sync.texts.missing
