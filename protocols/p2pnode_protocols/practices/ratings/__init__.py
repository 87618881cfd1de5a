"""Ratings: that an item matters, and what matters now (docs/practices/ratings.md)."""

from __future__ import annotations

from ...record.seam.practice import Practice, Verb
from ...wire.shapes import shape_of
from .bodies import Rate
from .record import RATED, Rated, Settings, forget, rate, tick
from .words import REASONS, describe, explain

RATINGS: Practice[Rated] = Practice(
    name="ratings",
    version=1,
    record=shape_of(Rated),
    most_open=RATED,
    verbs=(
        Verb(
            Rate.KIND,
            shape_of(Rate),
            lambda said: said.author,
            rate,
            awaits=lambda said: said.body.item,
        ),
    ),
    has_items=False,
    settings=shape_of(Settings),
    tick=tick,
    hears={"member.left": forget},
    view=describe,
    explain=explain,
    facts={"rating.rose": "so many have rated an item as its practice's settings name"},
    codes=("already_said", "too_many", "unknown_item"),
    reasons=REASONS,
)
