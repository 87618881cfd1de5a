"""Ratings for tests: what people say and liars sign, and vectors."""

from __future__ import annotations

from random import Random
from typing import Any

from practices.kit import Asking, Kit, Place, draw_item, draw_odd, say

from p2pnode_protocols.practices.ratings import RATINGS
from p2pnode_protocols.practices.ratings.bodies import Rate
from p2pnode_protocols.practices.ratings.record import DAY_MS, Rated, compute_trends, weigh
from p2pnode_protocols.record.bodies import Body
from p2pnode_protocols.record.seam.in_force import Practices
from p2pnode_protocols.record.state import State
from p2pnode_protocols.wire.ids import MemberId, WallMs

WEEK_MS = 7 * DAY_MS


def _draw(rng: Random, state: State, seat: MemberId) -> Body:
    mine = state.record("ratings", seat)
    on = [] if mine is None else [item for item, _, off_ms in mine.rows if off_ms is None]
    if on and rng.random() < 0.4:
        return say(Rate((), rng.choice(on), False))
    return say(Rate((), draw_item(rng, state), True))


def _lie(rng: Random, state: State, seat: MemberId) -> Body:
    if rng.random() < 0.5:
        return draw_odd(rng, [Rate.KIND])
    return say(Rate((), draw_item(rng, state), rng.random() < 0.5))


def _vectors() -> dict[str, list[dict[str, Any]]]:
    bodies = [Rate((), b"i" * 32, True), Rate((), b"i" * 32, False)]
    return {
        "bodies": [
            {
                "kind": one.KIND,
                "item": one.item.hex(),
                "is_on": one.is_on,
                "encoded": one.to_bytes().hex(),
            }
            for one in bodies
        ],
        "weights": [
            {"age_ms": age_ms, "half_life_ms": half_life_ms, "weight": weigh(age_ms, half_life_ms)}
            for half_life_ms in (60_000, WEEK_MS, 3 * DAY_MS + 1)
            for part in range(0, 85)
            for age_ms in (part * half_life_ms // 4, part * half_life_ms // 4 + 1)
        ],
        "trends": [_trend_case(seed) for seed in range(8)],
    }


def _trend_case(seed: int) -> dict[str, Any]:
    rng, now_ms = Random(f"trends/{seed}"), 40 * WEEK_MS
    items = [bytes([number]) * 32 for number in range(5)]
    records = []
    for number in range(rng.randint(1, 7)):
        rated = sorted(rng.sample(items, rng.randint(1, 5)))
        rows = []
        for item in rated:
            since_ms = WallMs(now_ms - rng.randint(0, 22 * WEEK_MS))
            off_ms = WallMs(now_ms - rng.randint(0, 2 * WEEK_MS)) if rng.random() < 0.3 else None
            rows.append((item, since_ms, off_ms))
        records.append(Rated(MemberId(bytes([100 + number]) * 32), tuple(rows), WallMs(now_ms)))
    return {
        "now_ms": now_ms,
        "half_life_ms": WEEK_MS,
        "raters": [
            {
                "member": one.member.hex(),
                "rows": [[item.hex(), since_ms, off_ms] for item, since_ms, off_ms in one.rows],
            }
            for one in records
        ],
        "trends": [
            [one.item.hex(), one.weight, [member.hex() for member, _ in one.raters]]
            for one in compute_trends(records, now_ms, WEEK_MS)
        ],
    }


async def _ask(good: Asking, proposal: str) -> None:
    await good("POST", "ratings?wait=final", {"item": proposal})
    await good("GET", "ratings")


KIT = Kit(
    practices=Practices(RATINGS),
    examples={Rate.KIND: (Rate((), b"i" * 32, True), Rate((), b"i" * 32, False))},
    draw=_draw,
    lie=_lie,
    vectors=_vectors,
    settings=(("half_life_ms", 60_000),),
    ask=_ask,
    places={Rate.KIND: Place(("rate",), "POST", "/ratings", "Receipt")},
)
