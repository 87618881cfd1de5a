"""Clocks that are wrong, rounds half made and slow links: the log goes on, and its times hold.

What each commit's time promises: docs/protocol.md, Lemmas 9 to 13; no clock stops the log: 3.3.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores import cluster as clusters
from support.cores.cluster import START_WALL_MS, Cluster
from support.cores.dag import make_charter
from support.cores.town import DAY, HOUR, MINUTE, SECOND

from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Away, Propose
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import ApplyRebuild, PeerDown, PeerUp, SignRebuild, Submit, Tick
from p2pnode_protocols.steps.writes import SaveCommit
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import OpId, WallMs
from p2pnode_protocols.wire.limits import SKEW_MS

YEAR = 365 * DAY
TODAY = 2 * YEAR  # what all clocks are ahead of the founding: so one may be a year behind


def wall(town: Cluster) -> int:
    return START_WALL_MS + TODAY + town.now_ms


def settled(n: int, charter: Charter | None = None) -> Cluster:
    town = Cluster(n, charter)
    for place in range(n):
        town.node(place).skew_ms = TODAY
    town.connect()
    town.run(2 * SECOND)
    return town


def decide(town: Cluster, places: range, *, within_ms: int = 2 * MINUTE) -> OpId:
    """Propose and vote at once, from each of these nodes; return the passed proposal."""
    proposal = town.propose(places[0])
    for place in places:
        town.vote(place, proposal, urgent=True)
    end_ms = town.now_ms + within_ms
    while town.now_ms < end_ms and town.outcome(places[0], proposal) != "passed":
        town.run(50)
    assert town.outcome(places[0], proposal) == "passed"
    return proposal


def decided_ms(town: Cluster, proposal: OpId) -> int:
    one = town.node(0).core.state.proposal(proposal)
    assert one is not None
    return one.decided_ms


@pytest.mark.parametrize("off_ms", [-YEAR, -MINUTE, -5 * SECOND, 5 * SECOND, MINUTE, YEAR])
@pytest.mark.parametrize(("n", "awake"), [(4, 4), (4, 3), (7, 7), (7, 5)])
def test_one_wrong_clock_neither_dates_nor_stops_anything(n: int, awake: int, off_ms: int) -> None:
    town = settled(n)
    asleep = town.devices[awake:]
    town.cut = {frozenset((one, other)) for one in asleep for other in town.devices}
    town.node(0).skew_ms = TODAY + off_ms
    for _ in range(3):
        said_ms = wall(town)
        proposal = decide(town, range(awake))
        # Of f wrong clocks' blocks a word is off by ten seconds at most, and never ahead.
        assert said_ms - 10 * SECOND < decided_ms(town, proposal) <= wall(town) + SKEW_MS
        town.run(HOUR)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 7])
def test_clocks_hours_apart_stop_nothing(n: int) -> None:
    town = settled(n)
    for place in range(n):
        town.node(place).skew_ms = TODAY + (place * 7 % n - n // 2) * HOUR
    times = [decided_ms(town, decide(town, range(n))) for _ in range(3)]
    assert times == sorted(times)


@pytest.mark.parametrize("latency_ms", [1_000, 4_000, 12_000])
def test_slow_links_only_take_longer(latency_ms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    town = settled(4)
    monkeypatch.setattr(clusters, "LATENCY_MS", latency_ms)
    said_ms = wall(town)
    proposal = decide(town, range(4), within_ms=60 * latency_ms)
    assert said_ms <= decided_ms(town, proposal) <= wall(town)


def test_vote_is_taken_once_a_clock_that_was_a_year_ahead_is_right_again() -> None:
    town = settled(4)
    title, blob = make_text(b"s" * 16, "a title")
    body = Propose("tactical", title, (), NoAction(), WallMs(wall(town) + DAY))
    opening = town.give(town.devices[1], Submit(body, (blob,), urgent=True)).accepted
    assert opening is not None
    town.run(SECOND)
    node = town.node(0)
    node.skew_ms = TODAY + YEAR
    town.give(town.devices[0], Tick())
    with pytest.raises(UsageError, match="closed") as caught:
        town.vote(0, opening.id)
    assert caught.value.code == "closed"
    node.skew_ms = TODAY
    town.vote(0, opening.id)
    view = node.core.preview.proposal(opening.id)
    assert view is not None
    assert (view.outcome, view.tally.yes) == ("open", 1)


# --- rounds half made -----------------------------------------------------------------------


class HalfMade:
    """Four, of whom two made a round with an op in it; an hour later all are there again."""

    def __init__(self, op: str, charter: Charter | None = None) -> None:
        self.town = town = settled(4, charter)
        decide(town, range(4))
        town.run(MINUTE)
        late = town.devices[2:]
        town.cut = {frozenset((one, other)) for one in late for other in town.devices}
        self.said_ms = wall(town)
        self.proposal: OpId | None = None
        if op == "propose":
            self.proposal = town.propose(0)
        else:
            town.give(town.devices[0], Submit(Away()))
        town.run(HOUR)
        town.cut = set()
        town.connect()

    def run_until_a_time_is_awaited(self) -> None:
        for _ in range(5_000):
            if self.town.node(0).core.epoch.committer._due is not None:
                return
            self.town.run(1)
        raise AssertionError("no time was ever awaited")

    def restart(self, place: int) -> None:
        town = self.town
        restored = town.restored(place)
        kept = town.node(place)
        node = town.start(town.devices[place], restored)
        node.writes, node.skew_ms = kept.writes, TODAY
        for one in town.nodes:
            if one != town.devices[place]:
                town.give(town.devices[place], PeerUp(one))
                town.give(one, PeerUp(town.devices[place]))

    def log(self, place: int) -> list[tuple[bytes, int]]:
        return [
            (one.commit.block, one.commit.time_ms)
            for one in self.town.node(place).writes
            if isinstance(one, SaveCommit) and one.commit.entries
        ]


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("op", ["propose", "away"])
def test_op_in_a_round_half_made_before_a_silence_gets_a_time_of_its_followers(
    op: str, restarts: bool
) -> None:
    half = HalfMade(op)
    town = half.town
    half.run_until_a_time_is_awaited()
    if restarts:
        half.restart(0)
        half.run_until_a_time_is_awaited()
    town.run(MINUTE)
    logs = [half.log(place) for place in range(4)]
    assert all(one == logs[1] for one in logs[1:])
    assert half.log(0)[-1] == logs[1][-1]
    cores = [town.node(place).core for place in range(4)]
    assert len({(core.epoch.id, core.final_root) for core in cores}) == 1
    assert cores[0].epoch.number == (1 if op == "away" else 0)
    assert half.said_ms + HOUR - MINUTE < logs[1][-1][1] <= wall(town)
    if half.proposal is not None:
        one = cores[3].state.proposal(half.proposal)
        assert one is not None
        assert one.opened_ms == logs[1][-1][1]


def test_what_awaits_its_time_when_the_quorum_is_lost_gets_one_after_the_rebuild() -> None:
    """The commit goes with its epoch; its ops are said again in the next."""
    founding = make_charter(4)
    rules = replace(founding.rules, away_interval_ms=MINUTE)
    charter = replace(founding, created_ms=WallMs(START_WALL_MS), rules=rules)
    half = HalfMade("propose", charter)
    town, proposal = half.town, half.proposal
    assert proposal is not None
    half.run_until_a_time_is_awaited()
    for gone in town.devices[2:]:
        del town.nodes[gone]
        for stayed in town.devices[:2]:
            town.give(stayed, PeerDown(gone))
    town.run(2 * MINUTE)
    cores = [town.node(place).core for place in (0, 1)]
    assert cores[0].epoch.committer._due is not None
    assert [town.outcome(place, proposal) for place in (0, 1)] == ["unknown", "unknown"]

    kept = frozenset(seat.id for seat in town.charter.members if seat.node_key in town.nodes)
    rebuild = cores[0].rebuilder.plan(kept, town.now(town.node(0)))
    for place in (0, 1):
        town.give(town.devices[place], SignRebuild(rebuild))
        vow = cores[place].rebuilds.vow
        assert vow is not None
        rebuild = rebuild.with_signatures(vow.signatures)
    rebuilt_ms = wall(town)
    for place in (0, 1):
        town.give(town.devices[place], ApplyRebuild(rebuild))
    town.run(5 * SECOND)
    opened = [core.state.proposal(proposal) for core in cores]
    assert opened[0] == opened[1]
    assert opened[0] is not None
    assert rebuilt_ms <= opened[0].opened_ms <= wall(town)
    assert half.log(0) == half.log(1)
    assert cores[0].final_root == cores[1].final_root
    half.restart(0)  # what the store has leads to the same
    assert town.node(0).core.final_root == cores[1].final_root
