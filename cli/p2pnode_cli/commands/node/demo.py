"""demo: five nodes on this machine that decide, fail, break and agree again."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from ...demo import cut, processes, story
from ...demo.following import TooLate
from ...demo.processes import Node
from ...demo.report import Report
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, of_node
from ...shown.document import Document

_NAMES = ("alice", "bob", "carol", "dave", "erin")


@of_node
def demo(
    invocation: Invocation,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the five nodes running, to play with.")
    ] = False,
) -> None:
    """See it work: five nodes on this machine.

    They found a community, decide at three thresholds, lose a node and get it
    back, are cut in two and heal. Nothing leaves this machine, and your own node
    is not touched. Exits 0 only when everything happened as it should.

    \b
    [bold]Examples[/]
      p2pnode demo
      p2pnode demo --keep
    """
    started = time.monotonic()
    report = Report(invocation.terminal)
    root = Path(tempfile.mkdtemp(prefix="p2pnode-demo-"))
    signal.signal(signal.SIGTERM, _interrupt)  # so that the nodes are ended then, too
    nodes: tuple[Node, ...] = ()
    keeping = False
    try:
        nodes = processes.make_nodes(_NAMES, root)
        facts = _play(report, nodes)
        seconds = time.monotonic() - started
        report.summary(_facts(report, facts, seconds))
        keeping = keep  # a broken one most of all
    finally:
        if keeping:
            _leave_running(invocation, nodes, root)
        else:
            processes.stop_all(nodes)
            shutil.rmtree(root, ignore_errors=True)
    if not report.ok:
        failed = [words for words, held in report.expectations if not held]
        raise Failure(
            Exit.FAILED, "demo_failed", "not everything went as expected", why="; ".join(failed)
        )


def _play(report: Report, nodes: tuple[Node, ...]) -> tuple[int, str] | None:
    """Go through the story; what breaks it is reported, and None returned."""
    steps = (
        ("Five nodes, one community", story.found_community),
        ("An implementation detail needs more than half", story.implementation_passes),
        ("A tactical choice needs 60 %", story.tactical_fails_by_one),
        ("A strategic one needs 80 %", story.strategic_waits_for_fourth),
        ("A node dies in the middle of a vote", story.killed_and_back),
        ("The network breaks in two, and heals", cut.cut_and_heal),
    )
    try:
        report.step(1, steps[0][0])
        processes.start_all(nodes)
        story.found_community(report, nodes)
        for number, (title, tell) in enumerate(steps[1:], 2):
            report.step(number, title)
            tell(report, nodes)
        report.step(len(steps) + 1, "Do all five hold the same record?")
        return story.compare_logs(report, nodes)
    except TooLate as error:
        report.broke(str(error))
    except Failure as failure:
        report.broke(str(failure))
        report.say(failure.why)
    return None


def _facts(report: Report, facts: tuple[int, str] | None, seconds: float) -> Document:
    return Document(
        {
            "schema": "p2pnode/demo/1",
            "decisions": [asdict(one) for one in report.timings],
            "expectations": [{"held": held, "words": words} for words, held in report.expectations],
            "log": None if facts is None else {"index": facts[0], "root": facts[1]},
            "ok": report.ok,
            "took_ms": round(seconds * 1000),
        }
    )


def _leave_running(invocation: Invocation, nodes: Sequence[Node], root: Path) -> None:
    terminal = invocation.terminal
    for node in nodes:
        node.release()
    terminal.note("")
    terminal.note("The five nodes keep running. Try:")
    for words in (
        f"p2pnode --home {nodes[0].home} status",
        f'p2pnode --home {nodes[1].home} propose "Plant a pear tree" --tier tactical --vote yes',
        f"p2pnode --home {nodes[2].home} watch",
    ):
        terminal.note_whole(f"  {words}")
    terminal.note("Stop them and remove everything:")
    terminal.note_whole(f"  kill {' '.join(str(node.pid) for node in nodes)}; rm -r {root}")


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)  # as a shell counts a process ended by a signal
