"""The options of the larger checks."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--whole-scope", action="store_true", help="every third round, not one in so many"
    )
    parser.addoption(
        "--fates", type=int, default=None, help="so many random lives of own ops, not a few"
    )
