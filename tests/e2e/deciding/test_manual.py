"""docs/cli.md's transcripts, typed anew against real nodes.

In a `console` block, `alice$ p2pnode …` is typed at alice's terminal, and the lines under it
are what she must see: `…` stands for anything within a line, and alone for any lines. LINK
stands for the link that was printed last. Blocks follow one another in one community.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support.processes.terminals import Terminal

from p2pnode_cli.asked.client import Api

MANUAL = Path(__file__).parents[3] / "docs" / "cli.md"
_PROMPT = re.compile(r"(\w+)\$ p2pnode ?(.*)")


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[dict[str, Terminal]]:
    terminals = {name: Terminal(tmp_path / name) for name in ("alice", "bob", "carol")}
    yield terminals
    for one in terminals.values():
        one.close()
        print(f"--- {one.home.name}\n{one.log_end()}")


def _settle(terminals: Sequence[Terminal]) -> None:
    """Return when all members' nodes have what each of them has: people read, then type."""
    while True:
        standing = {api: _standing(api) for api in (one.api for one in terminals if one.is_running)}
        members = {api: at for api, at in standing.items() if at is not None}
        if len(set(members.values())) <= 1:
            return
        behind = min(members, key=lambda api: members[api])
        events = behind.events()
        next(events)  # hello: nothing is missed from here on
        if _standing(behind) == members[behind]:
            next(events)


def _standing(api: Api) -> tuple[int, int] | None:
    if not api.node.get("communities").subs("items"):
        return None
    status = api.get("status")
    if status.text("state") != "member":
        return None
    return status.sub("log").count("index"), status.count("pending_ops")


def _steps(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield who types what, and what is to be seen."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        who, typed, expected = "", "", list[str]()
        for line in block.splitlines():
            prompt = _PROMPT.fullmatch(line)
            if prompt is None:
                expected.append(line)
                continue
            if who:
                yield who, typed, expected
            who, typed, expected = prompt[1], prompt[2], []
        yield who, typed, expected


def _fits(expected: Sequence[str], seen: Sequence[str]) -> bool:
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".+") + r"\n"
        for line in expected
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in seen)) is not None


@pytest.mark.slow
def test_the_manual_shows_what_is_to_be_seen(homes: dict[str, Terminal]) -> None:
    link, count = "", 0
    for who, typed, expected in _steps(MANUAL.read_text(encoding="utf-8")):
        count += 1
        one = homes[who]
        _settle(tuple(homes.values()))
        if typed.startswith("run"):
            one.run()
            continue
        seen = one.transcript(*shlex.split(typed.replace("LINK", link)))
        shown = "\n".join(seen)
        assert _fits(expected, seen), f"{who}$ p2pnode {typed}\n{shown}"
        link = next((line for line in seen if line.startswith("p2pnode:join:")), link)
    assert count > 15


def test_a_transcript_that_differs_is_noticed() -> None:
    assert _fits(["a … c", "…", "z"], ["a b c", "x", "y", "z"])
    assert not _fits(["a … c"], ["a b d"])
    assert not _fits(["a"], ["a", "b"])
