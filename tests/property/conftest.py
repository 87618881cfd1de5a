"""The option of the exhaustive check."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--whole-scope", action="store_true", help="every third round, not one in so many"
    )
