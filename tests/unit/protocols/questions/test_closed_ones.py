"""What is said of a closed proposal costs nothing of its record, which may be large and old."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.cores.cluster import START_WALL_MS, Cluster
from support.cores.dag import FakeSigner
from support.cores.town import DAY, Town, key_of, propose, reread, revise, withdraw

from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import InviteAction
from p2pnode_protocols.record.bodies import Body, Vote
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.record.questions.proposal import Proposal
from p2pnode_protocols.record.views.preview import Preview
from p2pnode_protocols.steps.notices import ProposalChanged
from p2pnode_protocols.wire.ids import OpId, WallMs

ENDS = ("passed", "rejected", "withdrawn", "lapsed")
TIER = "constitutional"


def close(town: Town, proposal: OpId, how: str) -> None:
    """Let a proposal end so."""
    match how:
        case "passed" | "rejected":
            for seat in town.state.charter.members:
                if town.outcome(proposal) == "open":
                    town.commit(town.vote(seat.name, proposal, "yes" if how == "passed" else "no"))
        case "withdrawn":
            town.commit(town.say("alice", withdraw(proposal)))
        case _:
            town.commit(after_ms=60 * DAY)
    assert town.outcome(proposal) == how


def expected_code(proposal: Proposal) -> str:
    return "closed" if proposal.decided_ms >= proposal.close_ms else "already_decided"


@pytest.fixture
def no_decoding(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def forbid() -> None:
        def decode(_data: bytes) -> Proposal:
            raise AssertionError("a record was decoded")

        monkeypatch.setattr(Proposal, "from_bytes", decode)

    return forbid


SAID: dict[str, Callable[[OpId], Body]] = {
    "vote": lambda one: Vote(one, one, "yes", None),
    "vote on no revision of it": lambda one: Vote(one, OpId(b"r" * 32), "no", None),
    "revise": revise,
    "withdraw": withdraw,
}


@pytest.mark.parametrize("is_read", [False, True], ids=["closed here", "after a restart"])
@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("said", SAID)
def test_an_op_about_a_closed_proposal_decodes_no_record(
    no_decoding: Callable[[], None], said: str, how: str, is_read: bool
) -> None:
    town = Town()
    proposal = town.propose("alice", TIER)
    close(town, proposal, how)
    code = expected_code(town.proposal(proposal))
    assert (code == "closed") == (how == "lapsed")
    if is_read:
        town.state = reread(town.state)
    op = town.say("alice", SAID[said](proposal))
    no_decoding()
    assert town.refusal("alice", op.body)[0] == code
    assert town.state.closes_to_come([op, town.say("bob", propose(TIER))], town.now)
    preview = Preview(town.state, (), town.now)
    preview.add(op)
    assert preview.open_ids == ()
    assert preview.changed == ()
    assert Preview(town.state, (op,), WallMs(town.now + 1)).changed == ()
    assert town.enter(op) == code


@pytest.mark.parametrize("how", [*ENDS, "expired"])
def test_what_became_of_an_invite_decodes_no_record_again(
    no_decoding: Callable[[], None], how: str
) -> None:
    """Whoever has its secret may ask over and over; each record is read once, for its key."""
    town = Town()
    lasts_ms = 20 * DAY
    action = InviteAction("guest", key_of("secret"), WallMs(town.now + lasts_ms), 1)
    proposal = town.propose("alice", TIER, action)
    close(town, proposal, "passed" if how == "expired" else how)
    if how == "expired":
        town.commit(after_ms=lasts_ms)
    fate = town.state.fate_of_invite(key_of("secret"))
    assert fate == {"passed": "open"}.get(how, how)
    no_decoding()
    for _ in range(3):
        assert town.state.fate_of_invite(key_of("secret")) == fate
        assert town.state.is_invite_over(key_of("secret")) == (how != "passed")


def test_many_votes_on_one_proposal_are_told_once_a_step() -> None:
    """Each look at a large one costs whoever watches; what came is there at the first."""
    cluster = Cluster(4)
    cluster.connect()
    cluster.run(100)
    proposal = cluster.propose(0)
    cluster.run(1_000)
    op = cluster.node(0).core.state.open_proposals[0]
    author, device = cluster.charter.members[1].id, cluster.devices[1]
    votes = tuple(
        sign_op(
            cluster.charter.community_id,
            author,
            FakeSigner(device),
            nonce,
            WallMs(START_WALL_MS + cluster.now_ms),
            Vote(proposal, op.current.id, "yes", None),
        )
        for nonce in range(1, 41)
    )
    step = cluster.tell(0, device, Push(ops=votes))
    assert len(cluster.node(0).core.pool) >= len(votes)
    changed = [one for one in step.notices if isinstance(one, ProposalChanged)]
    assert changed == [ProposalChanged(proposal)]
