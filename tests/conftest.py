"""How tests are dealt to workers: long ones first, one by one, but real processes by module."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling, Scheduling
from xdist.workermanage import WorkerController

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
    """Each worker takes what is next once it has little left.

    A test that ends its worker has failed. Left to itself xdist would give it to the next one,
    and leave the rest of a worker that came late undone: a worker begins its last test only when
    it has another, or is told that there is none.
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0] if nodeid.startswith(TOGETHER) else nodeid

    def remove_node(self, node: WorkerController) -> str | None:
        work = self.assigned_work[node]
        left = [test for unit in work.values() for test, is_done in unit.items() if not is_done]
        if not left:
            return super().remove_node(node)
        work[self._split_scope(left[0])][left[0]] = True
        super().remove_node(node)
        return left[0]

    def _reschedule(self, node: WorkerController) -> None:
        super()._reschedule(node)
        while not node.shutting_down and self._pending_of(self.assigned_work[node]) <= 2:
            super()._reschedule(node)
