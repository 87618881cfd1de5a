"""Rates of what happened over time."""

from __future__ import annotations

from collections.abc import Sequence

SAMPLE_S = 0.5


def count_windows(at_ns: Sequence[int], warm_up_s: float) -> list[float]:
    """Return the rate per second in each whole half second after the warm-up.

    Args:
        at_ns: when each thing happened, in any order; at least one.
        warm_up_s: from the first of them on, not counted.

    Raises:
        ValueError: nothing is left to count after the warm-up.
    """
    begin_ns = min(at_ns) + round(warm_up_s * 1e9)
    step_ns = round(SAMPLE_S * 1e9)
    counts = [0] * ((max(at_ns) - begin_ns) // step_ns)
    for at in at_ns:
        place = (at - begin_ns) // step_ns
        if 0 <= place < len(counts):
            counts[place] += 1
    if not counts:
        raise ValueError("it ended before the warm-up was over")
    return [count / SAMPLE_S for count in counts]
