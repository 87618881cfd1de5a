"""What a page asks again and again touches nothing that grows with history.

Whatever holds all that was ever opened or closed is replaced by what lets itself be looked up in,
measured and cut, and not be walked through.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pytest
from support.hosts.asking import Asker, founder

from p2pnode.community.verbs.submitting import How

FINAL = How(wait="final")
DECIDED = 8


class Walked(AssertionError):
    """All of it was gone through."""


class StillList(list[Any]):
    def __iter__(self) -> NoReturn:
        raise Walked

    def __contains__(self, item: object) -> NoReturn:
        raise Walked


class StillDict(dict[Any, Any]):
    def __iter__(self) -> NoReturn:
        raise Walked

    def values(self) -> NoReturn:  # type: ignore[override]
        raise Walked

    def items(self) -> NoReturn:  # type: ignore[override]
        raise Walked


def hold_still(asker: Asker) -> None:
    session = asker.community.session
    assert session is not None
    assert session.core is not None
    state = session.core.state
    register = state._holds.register
    register._ids = StillList(register._ids)
    register._numbers = StillDict(register._numbers)
    register._table._closed = StillDict(register._table._closed)
    object.__setattr__(state._holds.roster, "left", StillDict(state._holds.roster.left))


POLLED = (
    "status",
    "proposals?limit=3",
    "proposals?state=open&limit=3",
    "proposals?needs_my_vote=true&limit=3",
    "decisions?limit=3",
    "proposals/{number}",
    "proposals/{id}",
    "proposals/{id}/explanation",
    "proposals/{young}",
    "members?limit=3",
    "peers?limit=3",
    "commits?limit=3",
    "epochs?limit=3",
    "ops",
    "node/health",
    "node",
    "communities?limit=3",
    "status",
)


@pytest.mark.parametrize("target", POLLED)
async def test_what_is_polled_walks_through_nothing_that_grows(tmp_path: Path, target: str) -> None:
    async with founder(tmp_path, linger_ms=600_000) as alice:
        for number in range(DECIDED):
            await alice.community.propose("tactical", f"Tea {number}", vote="yes", how=FINAL)
        await alice.community.propose("tactical", "Coffee")
        young = (await alice.ask("GET", "proposals?state=open&limit=1"))["items"][0]["id"]
        rows = (await alice.ask("GET", "decisions?limit=1"))["items"]
        hold_still(alice)
        words = {"number": rows[0]["number"], "id": rows[0]["id"], "young": young}
        answer = await alice.ask("GET", target.format(**words))
        assert answer.status == 200, answer.body
