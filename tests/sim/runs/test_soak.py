"""A quarter of a day with nine laptops that close and open: `python3 dev.py soak` is a whole one.

Six of nine are needed, seven are awake in the morning. What is said becomes final once a
quorum is awake and the time has passed that ops are given to travel together (linger). The
promises of every simulated run are checked as well (simulator/run.py).
"""

from __future__ import annotations

from pathlib import Path

from sim.soak.days import PLAN, live
from sim.soak.growth import weigh

# Dials, three rounds over nine laptops, and the next second of the clock that counts.
SOON_S = 15


def test_all_that_sleepers_say_becomes_final_soon_after_a_quorum_wakes(tmp_path: Path) -> None:
    days = live(6, seed=1)
    assert len(days.world.people.topics) >= 10, "hardly anything was asked"
    assert max(days.waited_s) > 3600, "nobody slept over anything"
    assert max(days.waited_awake_s) <= PLAN.linger_ms / 1000 + SOON_S

    weights = weigh(days, tmp_path / "store.db")
    assert weights[-1].decided == len(days.world.people.topics)
    # Each op may cost the nine blocks of three rounds, of which each has at most 1 KiB.
    assert weights[-1].content_bytes["blocks"] <= weights[-1].ops * 27 * 1024
