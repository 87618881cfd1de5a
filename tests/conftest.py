"""How tests are dealt to workers: long ones first, one by one, but real processes by module."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling, Scheduling

# Where the tests of a module share what takes long to set up: daemons, an installed wheel.
TOGETHER = ("tests/e2e/", "tests/packaging/")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: of many seconds; workers begin with these")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a worker: what is begun last has to be short, or all wait for it."""
    if hasattr(config, "workerinput"):  # who runs some tests reads them in their order
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    return Dealt(config, log) if config.getvalue("dist") == "loadscope" else None


class Dealt(LoadScopeScheduling):
    """Each worker takes what is next once it has little left."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0] if nodeid.startswith(TOGETHER) else nodeid
