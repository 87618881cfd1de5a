"""When something is said to have happened: no time lies before what it rests on (R3.9, R10.7).

Whole nodes that fall silent and speak again. The rule itself, on random DAGs, is in
`tests/property/test_commit_times.py`.
"""

from __future__ import annotations

import itertools

import pytest
from support.cores.cluster import START_WALL_MS, Cluster
from support.cores.dag import FakeSigner
from support.cores.town import HOUR, MINUTE, SECOND

from p2pnode_protocols.agreement.blocklace import Vertex
from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import InviteAction, NoAction
from p2pnode_protocols.record.bodies import Body, Propose, Vote
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import Submit
from p2pnode_protocols.steps.writes import SaveCommit
from p2pnode_protocols.wire.ids import DeviceKey, OpId, Round, WallMs

SILENCE = HOUR


def wall(town: Cluster) -> int:
    return START_WALL_MS + town.now_ms


def busy(n: int) -> Cluster:
    """Return a community that has decided something and then been silent."""
    town = Cluster(n)
    town.connect()
    town.run(2 * SECOND)
    proposal = town.propose(0)
    for place in range(n):
        town.vote(place, proposal, urgent=True)
    town.run(MINUTE)
    assert town.outcome(0, proposal) == "passed"
    town.run(SILENCE)
    return town


def rounds_made(town: Cluster, place: int) -> int:
    return len({one.block.round for one in town.node(place).own_blocks()})


def propose(town: Cluster, place: int, close_ms: int, *, urgent: bool = False) -> OpId:
    title, blob = make_text(b"s" * 16, "a title")
    body = Propose("tactical", title, (), NoAction(), WallMs(close_ms))
    op = town.give(town.devices[place], Submit(body, (blob,), urgent)).accepted
    assert op is not None
    return op.id


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7])
def test_first_word_after_a_silence_has_todays_time_in_three_rounds(n: int) -> None:
    town = busy(n)
    before, said_ms = rounds_made(town, 0), wall(town)
    proposal = town.propose(0)
    town.run(SECOND)
    one = town.node(0).core.state.proposal(proposal)
    assert one is not None
    assert said_ms <= one.opened_ms <= wall(town)
    assert rounds_made(town, 0) - before == 3
    town.run(SILENCE)
    before, said_ms = rounds_made(town, 0), wall(town)
    for place in range(n):
        town.vote(place, proposal)
    town.run(SECOND)
    one = town.node(0).core.state.proposal(proposal)
    assert one is not None
    assert one.outcome == "passed"
    assert said_ms <= one.decided_ms <= wall(town)
    assert all(ballot.at_ms >= said_ms for ballot in one.current.votes.values())
    assert rounds_made(town, 0) - before == 3


@pytest.mark.parametrize("close_s", [1, 5, 20, 31, 40, 59])
def test_proposal_that_closes_before_it_would_linger_is_decided_by_its_votes(close_s: int) -> None:
    town = busy(5)
    proposal = propose(town, 0, wall(town) + close_s * SECOND)
    town.run(10)
    for place in range(5):
        town.vote(place, proposal)
    town.run(2 * MINUTE)
    assert [town.outcome(place, proposal) for place in range(5)] == ["passed"] * 5


@pytest.mark.parametrize("lasts_s", [5, 20, 31, 40, 59])
def test_invite_that_ends_before_it_would_linger_is_decided_by_the_votes_for_it(
    lasts_s: int,
) -> None:
    town = busy(5)
    expires_ms = WallMs(wall(town) + lasts_s * SECOND)
    action = InviteAction("Eve", DeviceKey(b"i" * 32), expires_ms, 1)
    proposal = town.propose_action(0, "constitutional", action, urgent=False)
    town.vote(0, proposal)
    town.run(max(lasts_s - 30, 0) * SECOND + 500)
    assert town.outcome(4, proposal) == "open", "it is in the log while votes can still count"
    for place in range(1, 5):
        town.vote(place, proposal)
    town.run(SECOND)
    for place in range(5):
        one = town.node(place).core.state.proposal(proposal)
        assert one is not None
        assert (one.outcome, one.effect) == ("passed", "done")


def test_vote_against_an_invite_is_in_the_log_before_that_ends() -> None:
    town = busy(5)
    expires_ms = WallMs(wall(town) + 40 * SECOND)
    action = InviteAction("Eve", DeviceKey(b"i" * 32), expires_ms, 1)
    proposal = town.propose_action(0, "constitutional", action)
    town.run(SECOND)
    town.vote(1, proposal, urgent=False)
    town.run(expires_ms - wall(town) - SECOND)
    one = town.node(3).core.state.proposal(proposal)
    assert one is not None
    assert len(one.current.votes) == 1


def test_proposal_that_waits_for_votes_closes_on_the_second() -> None:
    town = busy(5)
    close_ms = wall(town) + 40 * SECOND
    proposal = propose(town, 0, close_ms)
    town.run(2 * MINUTE)
    one = town.node(1).core.state.proposal(proposal)
    assert one is not None
    assert (one.outcome, one.close_ms) == ("lapsed", close_ms)
    assert one.opened_ms <= close_ms - 30 * SECOND + 100
    assert close_ms <= one.decided_ms <= close_ms + 100


def test_what_closed_while_no_quorum_was_there_is_in_the_record() -> None:
    town = busy(5)
    town.cut = {
        frozenset((one, other))
        for one in town.devices[:2]
        for other in town.devices
        if one != other
    }
    close_ms = wall(town) + 25 * SECOND
    proposal = propose(town, 0, close_ms)
    town.vote(0, proposal)
    town.run(70 * SECOND)
    assert town.outcome(0, proposal) == "unknown"
    town.cut = set()
    town.connect()
    town.run(MINUTE)
    assert [town.outcome(place, proposal) for place in range(5)] == ["lapsed"] * 5
    codes = [
        code
        for write in town.node(3).writes
        if isinstance(write, SaveCommit)
        for _, code in write.commit.entries[-2:]
    ]
    assert codes[-2:] == ["ok", "closed"]


# --- a vote that comes late -----------------------------------------------------------------


class Late:
    """n honest but one; at the close some are awake; then the liar votes, dated back.

    What it needs is one more yes than the honest have said.
    """

    def __init__(self, n: int, awake: int) -> None:
        self.town = town = Cluster(n)
        self.n = n
        town.connect()
        town.run(2 * SECOND)
        self.close_ms = wall(town) + HOUR
        self.proposal = propose(town, 0, self.close_ms, urgent=True)
        town.run(SECOND)
        for place in range(-(-3 * n // 5) - 1):
            town.vote(place, self.proposal, urgent=True)
        town.run(10 * MINUTE)
        assert town.outcome(0, self.proposal) == "open"
        self.liar = town.devices[n - 1]
        self._wait_for_a_round_of_the_liars()
        asleep = town.devices[awake:]
        self.asleep = {frozenset((one, other)) for one in asleep for other in town.devices}
        town.cut = set(self.asleep)
        core = town.node(0).core
        self.top = core.epoch.lace.quorum_round()
        mine = core.epoch.lace.slot(self.top, core.epoch.committee.key_index[self.liar])
        self.last_ms = int(mine[0].block.time_ms)  # a later one only is valid (R2.16)
        town.run_until(self.close_ms - START_WALL_MS)

    def _wait_for_a_round_of_the_liars(self) -> None:
        """Let the log grow until the liar has the first slot of the next round."""
        epoch = self.town.node(0).core.epoch
        me = epoch.committee.key_index[self.liar]
        while epoch.committee.slot_order(Round(epoch.lace.quorum_round() + 1))[0] != me:
            assert self.town.node(0).core.epoch is epoch
            proposal = self.town.propose(0)
            for place in range(self.n):
                self.town.vote(place, proposal, urgent=True)
            self.town.run(SECOND)

    def block(self, time_ms: int) -> Block:
        """Return the liar's block of the round that the others made at the close."""
        core = self.town.node(0).core
        lace, committee = core.epoch.lace, core.epoch.committee
        me = committee.key_index[self.liar]
        own = lace.slot(self.top, me)
        below = own + [
            lace.slot(self.top, one)[0]
            for one in range(self.n)
            if one != me and lace.slot(self.top, one)
        ]
        vote = Vote(self.proposal, self.proposal, "yes", None)
        op = sign_op(
            self.town.charter.community_id,
            committee.members[me],
            FakeSigner(self.liar),
            core.state.next_nonce(self.liar),
            WallMs(min(time_ms, self.close_ms - 1)),
            vote,
        )
        return self._sign(me, below, time_ms, (op,))

    def _sign(self, me: int, below: list[Vertex], time_ms: int, ops: tuple[Op, ...]) -> Block:
        core = self.town.node(0).core
        return sign_block(
            self.town.charter.community_id,
            FakeSigner(self.liar),
            epoch=core.epoch.id,
            author=core.epoch.committee.members[me],
            sequence=below[0].block.sequence + 1,
            round_=Round(self.top + 1),
            time_ms=WallMs(time_ms),
            parents=tuple(one.id for one in below),
            ops=ops,
            final_index=core.final_index,
            final_root=core.final_root,
        )

    def wake_all(self) -> None:
        self.town.cut = {pair for pair in self.asleep if self.liar in pair}
        self.town.connect(self.town.devices[: self.n - 1])


DATES = {
    "just after its last block": lambda late: late.last_ms + 1,
    "ten minutes before the close": lambda late: late.close_ms - 10 * MINUTE,
    "nine seconds before the close": lambda late: late.close_ms - 9 * SECOND,
    "at the last moment": lambda late: late.close_ms - 1,
    "at the close": lambda late: late.close_ms,
}


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize("late_ms", [5, 1_000, 9_000, 2 * HOUR])
@pytest.mark.parametrize(("n", "awake"), [(4, 1), (4, 2), (4, 3), (7, 1), (7, 2), (7, 4), (7, 6)])
def test_vote_after_the_close_does_not_count(n: int, awake: int, late_ms: int, date: str) -> None:
    late = Late(n, awake)
    town = late.town
    town.run(late_ms)
    block = late.block(DATES[date](late))
    for place in range(awake):
        town.tell(place, late.liar, Push(blocks=(block,)))
        assert block.id in town.node(place).core.epoch.lace
    town.run(50)
    late.wake_all()
    assert town.node(0).core.epoch.committee.slot_order(block.round)[0] == late.n - 1
    for place in range(n - 1):
        town.tell(place, late.liar, Push(blocks=(block,)))
    town.run(10 * MINUTE)
    for place in range(n - 1):
        one = town.node(place).core.state.proposal(late.proposal)
        assert one is not None
        assert one.outcome == "lapsed"
        assert one.decided_ms >= late.close_ms
        assert len(one.current.votes) == -(-3 * n // 5) - 1


@pytest.mark.parametrize("roles", list(itertools.permutations(range(4))))
def test_vote_after_the_close_does_not_count_on_what_its_block_brings(
    roles: tuple[int, int, int, int],
) -> None:
    """All were silent when the close came. Then a liar dates a block before it: with the proposal,
    two votes that were given in time, and its own.
    """
    early, voter, reader, liar = roles
    town = Cluster(4)
    town.connect()
    town.run(100)
    epoch, root, start_ms = (
        town.node(early).core.epoch,
        town.node(early).core.final_root,
        wall(town),
    )
    members, close_ms = town.charter.members, 40 * SECOND
    title, _ = make_text(b"s" * 16, "a title")

    def say(place: int, nonce: int, said_ms: int, body: Body) -> Op:
        signer = FakeSigner(town.devices[place])
        community, author = town.charter.community_id, members[place].id
        return sign_op(community, author, signer, nonce, WallMs(start_ms + said_ms), body)

    wish = WallMs(start_ms + close_ms)
    proposal = say(early, 1, 10, Propose("implementation", title, (), NoAction(), wish))
    yes = Vote(proposal.id, proposal.id, "yes", None)
    in_time = (proposal, say(early, 2, 20, yes), say(voter, 1, 30, yes))
    late = say(liar, 1, close_ms + 5 * SECOND, yes)

    def make(place: int, below: dict[int, Block], time_ms: int, *ops: Op) -> Block:
        parents = [below[place], *(below[one] for one in roles if one != place)] if below else []
        round_ = parents[0].round + 1 if parents else 1
        return sign_block(
            town.charter.community_id,
            FakeSigner(town.devices[place]),
            epoch=epoch.id,
            author=members[place].id,
            sequence=round_,
            round_=Round(round_),
            time_ms=WallMs(start_ms + time_ms),
            parents=tuple(one.id for one in parents) or (epoch.genesis,),
            ops=ops,
            final_index=0,
            final_root=root,
        )

    rows = [{place: make(place, {}, 5) for place in roles}]
    said = {early: in_time, liar: (*in_time, late)}
    dates = {liar: close_ms - 1}
    for step in (5_100, 5_200, 5_300, 5_400, 5_500, 5_600):
        below = rows[-1]
        rows.append(
            {
                place: make(place, below, dates.get(place, close_ms + step), *said.get(place, ()))
                for place in roles
            }
        )
        said, dates = {}, {}
    for place in (early, voter, liar):
        del town.nodes[town.devices[place]]
    blocks = tuple(block for row in rows for block in row.values())
    town.tell(reader, town.devices[early], Push(blocks=blocks))
    one = town.node(reader).core.state.proposal(proposal.id)
    assert one is not None
    assert (one.outcome, one.close_ms) == ("lapsed", wish)
    assert one.decided_ms >= wish
