"""The fuzzers by name; each has `check`, `seeds` and `mutate` (docs/architecture.md, Fuzzing)."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

NAMES = ("core", "frames", "objects", "proofs", "texts")


def load(name: str) -> ModuleType:
    """Return a fuzzer; what it tests is imported with it."""
    return import_module(f".{name}", __name__)
