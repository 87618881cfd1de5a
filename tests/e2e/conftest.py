"""Daemons that a test starts are dead when it ends; their logs are shown when it fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from support.processes.daemons import Daemon, Start, community


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=None, help="so many kills in the storm")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a community: `alice, bob = start("alice", "bob")`."""
    started: list[Daemon] = []

    def begin(
        *names: str,
        charter: Mapping[str, object] | None = None,
        program: str = "p2pnode",
        **settings: str,
    ) -> list[Daemon]:
        daemons = [Daemon(tmp_path / name, **settings) for name in names]
        for one in daemons:
            one.program = program
        started.extend(daemons)
        return community(daemons, names, charter or {})

    yield begin
    for one in started:
        one.kill()
        print(f"--- {one.paths.home}\n{one.log}")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Daemon]:
    """One home with a key and no process yet."""
    one = Daemon(tmp_path / "alone")
    yield one
    one.kill()
    print(one.log)
