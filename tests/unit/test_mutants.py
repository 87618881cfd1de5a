"""Every mutant of the table still fits the sources; `python3 dev.py mutants` runs them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "mutants"))

from mutant import Mutant  # noqa: E402
from table import MUTANTS  # noqa: E402


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_mutant_still_applies_and_names_tests_that_exist(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1
    assert mutant.old != mutant.new
    paths = [one for one in mutant.caught_by if one.endswith(".py")]
    assert paths
    assert all((ROOT / path).is_file() for path in paths)


def test_each_mutant_is_another_one() -> None:
    assert len({one.name for one in MUTANTS}) == len(MUTANTS) >= 14
