"""Rules of ratings, weakened one at a time (tests/mutants)."""

from __future__ import annotations

from mutant import CORE, Mutant

OWN = CORE + "practices/ratings/"
TESTS = ("tests/practices/ratings/test_ratings.py",)

MUTANTS = (
    Mutant(
        "a rating turned on again is young",
        "R10.26",
        OWN + "record.py",
        "rows[item] = (now_ms if held is None else held[0]), None",
        "rows[item] = now_ms, None",
        TESTS,
    ),
    Mutant(
        "what was taken back counts",
        "R10.26",
        OWN + "record.py",
        "            if off_ms is None:\n                raters",
        "            if since_ms:\n                raters",
        TESTS,
    ),
    Mutant(
        "ratings stay for ever",
        "R10.28",
        OWN + "record.py",
        "HALVINGS * half_life_ms\n    return end_ms if",
        "999 * half_life_ms\n    return end_ms if",
        TESTS,
    ),
    Mutant(
        "ratings outlive the seat",
        "R10.29",
        OWN + "__init__.py",
        'hears={"member.left": forget},',
        "hears={},",
        TESTS,
    ),
)
