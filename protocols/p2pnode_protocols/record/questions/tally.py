"""Counting: pure, exact, monotone (docs/protocol.md R10.3).

One more yes never turns pass into fail, one more no never turns fail into pass. Only
integers take part: a/b · n is compared as a · n against b · yes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...wire.shapes import Shaped, shaped
from ..seats.charter import Base, Ratio


@shaped("rule")
@dataclass(frozen=True, slots=True)
class Rule(Shaped):
    """What a proposal is judged by: its pinned tier's numbers, or stricter ones."""

    threshold: Ratio
    strict: bool  # yes > threshold · base, instead of ≥
    base: Base
    floor: Ratio


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of those who count said what; everyone counts once.

    Who counts is the electorate, but for the seat that the decision is about (R10.23).
    """

    yes: int
    no: int
    aside: int
    electorate: int
    least_yes: int = 1  # whatever the fractions say

    @property
    def missing(self) -> int:
        """How many have not voted."""
        return self.electorate - self.yes - self.no - self.aside

    def completed(self, choice: Literal["yes", "no"]) -> Tally:
        """Return it as if all who have not voted said this."""
        # Asked at every vote, so without `replace`, which costs as much as all the rest.
        yes = self.yes + self.missing if choice == "yes" else self.yes
        no = self.no + self.missing if choice == "no" else self.no
        return Tally(yes, no, self.aside, self.electorate, self.least_yes)


def compute_base(rule: Rule, tally: Tally) -> int:
    """Return what the threshold is a fraction of (R10.2)."""
    return tally.electorate - tally.aside if rule.base == "electorate" else tally.yes + tally.no


def passes(rule: Rule, tally: Tally) -> bool:
    """Return whether the votes as they stand meet threshold and floor (R10.1)."""
    have = tally.yes * rule.threshold.den
    need = rule.threshold.num * compute_base(rule, tally)
    met = have > need if rule.strict else have >= need
    return met and tally.yes >= compute_floor(rule, tally)


def compute_floor(rule: Rule, tally: Tally) -> int:
    """Return the least number of yes whatever the base: the floor, and never none at all."""
    return max(tally.least_yes, -(-rule.floor.num * tally.electorate // rule.floor.den))


def compute_needed(rule: Rule, tally: Tally) -> int | None:
    """Return the least number of yes that passes while the no and aside stay as they are.

    None: no number does (unanimity of the votes cast, and there is a no). The number may
    be more than are left to say yes; `is_hopeless` tells.
    """
    num, den = rule.threshold.num, rule.threshold.den
    if rule.base == "electorate":
        least, part = num * compute_base(rule, tally), den
    else:  # yes ≥ t · (yes + no)  ⇔  yes · (den − num) ≥ num · no
        least, part = num * tally.no, den - num
    if part == 0:
        return None if tally.no else compute_floor(rule, tally)
    over = least // part + 1 if rule.strict else -(-least // part)
    return max(over, compute_floor(rule, tally))


def is_sure(rule: Rule, tally: Tally) -> bool:
    """Return whether it passes whatever those who have not voted say (R10.4).

    Votes as they stand: that somebody may still change theirs does not count. With base
    "electorate" those who have not voted are in the base already.
    """
    return passes(rule, tally.completed("no"))


def is_hopeless(rule: Rule, tally: Tally) -> bool:
    """Return whether it fails even if all who have not voted say yes (R10.5)."""
    return not passes(rule, tally.completed("yes"))
