"""No step's cost grows with history: touches of what has grown are counted, not time.

Whatever container of a core holds as many items as the past has is replaced by one that counts
each item that is taken out of it by iteration. A look-up by key, an append and a length touch
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from measuring.past import make_past
from support.cores.cluster import START_WALL_MS, Cluster
from support.cores.dag import fake_verify, make_charter

from p2pnode_protocols.record.actions import EraseAction
from p2pnode_protocols.steps.inputs import Tick
from p2pnode_protocols.wire.ids import TextId, WallMs

PAST = 300
MOST = 100  # touches of one step: a status tells of 64 runs of commits that lack receipts


class Count:
    touches = 0


class _Counting:
    """Count what iteration takes out, one way or the other."""

    def __iter__(self) -> Iterator[Any]:
        for item in super().__iter__():  # type: ignore[misc]
            Count.touches += 1
            yield item

    def __reversed__(self) -> Iterator[Any]:
        for item in super().__reversed__():  # type: ignore[misc]
            Count.touches += 1
            yield item


class CountingList(_Counting, list[Any]):
    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        if isinstance(place, slice):
            Count.touches += len(found)
        return found

    def copy(self) -> list[Any]:
        return list(self)


class CountingTuple(_Counting, tuple[Any, ...]):
    def __reversed__(self) -> Iterator[Any]:
        Count.touches += len(self)
        return iter(tuple.__getitem__(self, slice(None, None, -1)))

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        if isinstance(place, slice):
            Count.touches += len(found)
        return found


class CountingSet(set[Any]):
    def __iter__(self) -> Iterator[Any]:
        Count.touches += len(self)
        return super().__iter__()


class CountingDict(_Counting, dict[Any, Any]):
    def keys(self) -> Any:
        return list(self)

    def values(self) -> Any:
        return CountingValues(self)

    def items(self) -> Any:
        return [(key, self[key]) for key in self]

    def copy(self) -> dict[Any, Any]:
        return dict(self.items())


class CountingValues:
    def __init__(self, held: CountingDict) -> None:
        self._held = held

    def __iter__(self) -> Iterator[Any]:
        return (self._held[key] for key in self._held)

    def __reversed__(self) -> Iterator[Any]:
        return (self._held[key] for key in reversed(self._held))


KINDS: dict[type, type] = {
    list: CountingList,
    tuple: CountingTuple,
    set: CountingSet,
    dict: CountingDict,
}


def attributes(thing: object) -> dict[str, Any]:
    names = set(getattr(thing, "__dict__", ()))
    names |= {name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())}
    return {name: getattr(thing, name) for name in names if hasattr(thing, name)}


def count_in(root: object) -> list[str]:
    """Make every long container below `root` a counting one; return where they are."""
    found: list[str] = []
    seen: set[int] = set()
    queue: list[tuple[str, object]] = [("core", root)]
    while queue:
        path, thing = queue.pop()
        if id(thing) in seen or not type(thing).__module__.startswith("p2pnode_protocols"):
            continue
        seen.add(id(thing))
        for name, value in sorted(attributes(thing).items()):
            kind = KINDS.get(type(value))
            if kind is not None and len(value) >= PAST:
                object.__setattr__(thing, name, kind(value))
                found.append(f"{path}.{name}")
            elif kind is not None:
                items = value.values() if isinstance(value, dict) else value
                queue += [(f"{path}.{name}", one) for one in items]
            else:
                queue.append((f"{path}.{name}", value))
    return found


def old_cluster() -> Cluster:
    """Return four connected nodes of a community with a past, in which touches are counted."""
    charter = replace(make_charter(4), created_ms=WallMs(START_WALL_MS))
    past = make_past(charter, PAST, fake_verify)
    cluster = Cluster(4, charter)
    for device in cluster.devices:
        cluster.start(device, past)
    for device in cluster.devices:
        found = count_in(cluster.nodes[device].core)
        assert {one.rpartition(".")[2] for one in found} >= {
            "_closed",
            "erased",
            "_ids",
            "_numbers",
            "_open",
            "left",
            "invites",
        }, found
    return cluster


def most_touches(cluster: Cluster, act: Callable[[], object]) -> int:
    """Return the most touches that one step of any node had while `act` ran."""
    give, most = cluster.give, 0

    def counted(*given: Any) -> Any:
        nonlocal most
        Count.touches = 0
        step = give(*given)
        most = max(most, Count.touches)
        return step

    cluster.give = counted  # type: ignore[method-assign]
    try:
        act()
    finally:
        del cluster.give
    return most


def decide(cluster: Cluster) -> None:
    proposal = cluster.propose(0)
    for place in range(4):
        cluster.vote(place, proposal, urgent=True)
    cluster.run(3_000)
    assert cluster.outcome(0, proposal) == "passed"


def erase(cluster: Cluster) -> None:
    proposal = cluster.propose_action(0, "constitutional", EraseAction((TextId(b"t" * 32),)))
    for place in range(4):
        cluster.vote(place, proposal, urgent=True)
    cluster.run(3_000)
    assert cluster.outcome(0, proposal) == "passed"


ACTS: dict[str, Callable[[Cluster], object]] = {
    "ticks": lambda cluster: [cluster.give(device, Tick()) for device in cluster.devices],
    "greetings": lambda cluster: cluster.connect(),
    "a decision, from its proposal to receipts": decide,
    "an erasure": erase,
}


@pytest.mark.parametrize("name", ACTS)
def test_no_step_touches_what_has_grown_with_history(name: str) -> None:
    cluster = old_cluster()
    if name != "greetings":
        cluster.connect()
    cluster.run(1_000)
    assert most_touches(cluster, lambda: ACTS[name](cluster)) <= MOST


def test_counting_counts() -> None:
    cluster = old_cluster()
    state = cluster.node(0).core.state
    for look in (
        lambda: state.closed_proposals,
        lambda: state.erased,
        lambda: {**state.roster.invites},
        lambda: list(state.roster.left.items()),
    ):
        Count.touches = 0
        look()
        assert Count.touches >= PAST
