"""The made-up practice for the contract suite: so the suite itself is tested."""

from __future__ import annotations

from random import Random
from typing import Any

from practices.kit import Kit, draw_odd, say
from support.cores.garden import HOUR_MS, NEWER, Clear, Plant, Sow, Uproot, Water, Weed
from support.cores.town import text_of

from p2pnode_protocols.record.bodies import Body
from p2pnode_protocols.record.state import State
from p2pnode_protocols.wire.ids import MemberId, OpId

BED = OpId(b"b" * 32)


def _draw(rng: Random, state: State, seat: MemberId) -> Body:
    beds = [one.id for one in state.records("garden")] or [BED]
    kind = rng.random()
    if kind < 0.4:
        label = (text_of(f"bed {rng.randint(1, 9)}"),) if rng.random() < 0.5 else ()
        return say(Plant(label, rng.randint(1, 20) * HOUR_MS))
    if kind < 0.7:
        return say(Water((), rng.choice(beds), rng.randint(1, 20) * HOUR_MS))
    if kind < 0.8:
        return say(Sow((), rng.randint(1, 5), rng.randint(0, 6)))
    if kind < 0.9:
        return say(Weed((), rng.choice(beds)))
    return say(Uproot((), rng.choice(beds), rng.choice([*state.proposal_ids, BED])))


def _lie(rng: Random, state: State, seat: MemberId) -> Body:
    return draw_odd(rng, [Plant.KIND, Water.KIND, Sow.KIND])


def _vectors() -> dict[str, list[dict[str, Any]]]:
    return {}


KIT = Kit(
    practices=NEWER,
    examples={
        Plant.KIND: (Plant((), HOUR_MS), Plant((text_of("roses"),), 2 * HOUR_MS)),
        Water.KIND: (Water((), BED, HOUR_MS),),
        Uproot.KIND: (Uproot((), BED, BED),),
        Sow.KIND: (Sow((), 3, 2),),
        Weed.KIND: (Weed((), BED),),
        Clear.KIND: (Clear(BED),),
    },
    draw=_draw,
    lie=_lie,
    vectors=_vectors,
)
