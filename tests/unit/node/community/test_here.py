"""What verbs and questions rest on: the community that runs here, or why none does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import trio

from p2pnode.clock import Clock
from p2pnode.community.events import Bus
from p2pnode.community.here import Here
from p2pnode.errors import RequestError
from p2pnode.home.errors import StoreError

BEHIND = StoreError("store_behind", "the store is older than this device")
FULL = StoreError("disk_full", "no space is left")


@dataclass
class FakeKeeper:
    session: Any = None
    trouble: StoreError | None = None
    store: Any = None
    stage: str = "idle"


@dataclass
class FakeSession:
    """A session whose charter is here, or is still asked for."""

    core: object | None
    stage: str = "member"
    looked: list[str] = field(default_factory=list)
    arrival: Any = field(
        default_factory=lambda: SimpleNamespace(progress=SimpleNamespace(detail="asking for it"))
    )

    def look(self) -> None:
        self.looked.append("looked")


def make_here(keeper: FakeKeeper, behind: StoreError | None = None) -> Here:
    as_keeper: Any = keeper
    return Here(Clock(), Bus(), as_keeper, lambda: behind)


def code_of(ask: Callable[[], object]) -> str:
    with pytest.raises((RequestError, StoreError)) as caught:
        ask()
    return caught.value.code


async def test_why_no_community_runs_here_is_said() -> None:
    assert code_of(make_here(FakeKeeper()).running) == "no_community"
    assert code_of(make_here(FakeKeeper(), BEHIND).running) == "store_behind"
    assert code_of(make_here(FakeKeeper(trouble=FULL)).running) == "store_unwritable"
    assert code_of(make_here(FakeKeeper(FakeSession(None))).running) == "joining"


@pytest.mark.parametrize(
    ("stage", "code"), [("member", None), ("joining", "joining"), ("observer", "joining")]
)
async def test_only_who_has_a_seat_may_speak_and_all_may_ask(stage: str, code: str | None) -> None:
    session, core = FakeSession(object(), stage), object()
    session.core = core
    here = make_here(FakeKeeper(session))
    assert here.running() == (session, core)
    assert session.looked, "what is not final is judged by this moment's clock"
    if code is None:
        assert here.speaking() == (session, core)
    else:
        assert code_of(here.speaking) == code


async def test_a_wait_says_whether_it_was_in_vain(autojump_clock: trio.abc.Clock) -> None:
    here = make_here(FakeKeeper())
    assert await here.wait_until(lambda: True, 5)
    assert not await here.wait_until(lambda: False, 5)
    here.bus.close()
    with pytest.raises(RequestError, match="shutting down"):
        await here.wait_until(lambda: False, 5)
