"""What many answers have in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .rendering import MemberText

Outcome = Literal["open", "passed", "rejected", "lapsed", "withdrawn"]
Grade = Literal["open", "provisional", "final"]
Severity = Literal["ok", "info", "warning", "critical"]
Stage = Literal["idle", "joining", "member", "observer", "removed", "halted"]


@dataclass(frozen=True, slots=True)
class Fraction:
    num: int
    den: int


@dataclass(frozen=True, slots=True)
class Person:
    id: MemberText
    name: str
