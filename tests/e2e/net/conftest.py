"""Nets to test with; what they can do is in `support.hosts.nets`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import trio
from support.hosts.nets import Process, Rig, Stranger


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            yield Rig(nursery)
            nursery.cancel_scope.cancel()


@pytest.fixture
def mallory() -> Stranger:
    return Stranger(b"m" * 32)


@pytest.fixture
def start_process() -> Iterator[Callable[..., Process]]:
    processes: list[Process] = []

    def start(number: int, **config: object) -> Process:
        processes.append(Process())
        processes[-1].begin(number, config)
        return processes[-1]

    yield start
    for process in processes:
        process.thaw()
        process.kill()
