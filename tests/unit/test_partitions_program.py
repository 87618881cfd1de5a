"""The namespace scenarios' own judgement: what they call wrong, and when they cannot run."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from partitions import clocks, lab, program
from partitions.scenarios import SCENARIOS, TITLES, Figures
from partitions.watching import Shown, TooLate, Watcher
from support.hosts import openapi


def note(watcher: Watcher, name: str, grade: str, outcome: str = "passed") -> None:
    """Let the watcher hear something in a node's stream of events."""
    watcher._note(name, {"id": "pro_1", "grade": grade, "outcome": outcome}, None)


def answer(watcher: Watcher, name: str, grade: str, asked_s: float) -> None:
    """Let the watcher get an answer that it asked for at that time."""
    watcher._note(name, {"id": "pro_1", "grade": grade, "outcome": "passed"}, asked_s)


def test_what_becomes_final_step_by_step_is_no_problem() -> None:
    watcher = Watcher({})
    for grade in ("open", "provisional", "final", "final"):
        note(watcher, "alice", grade)
        note(watcher, "bob", grade)
    assert watcher.problems == []
    assert watcher.finals("pro_1").keys() == {"alice", "bob"}


def test_two_final_outcomes_are_a_problem() -> None:
    watcher = Watcher({})
    note(watcher, "alice", "final", "passed")
    note(watcher, "bob", "final", "rejected")
    assert watcher.problems == ["pro_1 is final as rejected at bob, as passed at alice"]


def test_what_was_final_and_is_not_any_more_is_a_problem() -> None:
    watcher = Watcher({})
    note(watcher, "alice", "final")
    note(watcher, "alice", "provisional")
    assert watcher.problems == ["alice: pro_1 was passed, final, now provisional"]


def test_an_answer_that_the_stream_overtook_is_no_problem_and_a_later_one_is() -> None:
    watcher = Watcher({})
    asked_s = time.monotonic()
    note(watcher, "alice", "final")
    answer(watcher, "alice", "provisional", asked_s)
    assert watcher.problems == []
    answer(watcher, "alice", "provisional", time.monotonic())
    assert watcher.problems == ["alice: pro_1 was passed, final, now provisional"]


def test_a_stream_that_an_answer_overtook_is_no_problem() -> None:
    watcher = Watcher({})
    answer(watcher, "alice", "final", time.monotonic())
    note(watcher, "alice", "provisional")
    note(watcher, "alice", "final")
    assert watcher.problems == []


def test_something_final_without_a_quorum_is_a_problem_and_ends_all_waiting() -> None:
    watcher = Watcher({})
    with watcher.nothing_final([]):
        watcher._cut = {"alice"}
        note(watcher, "alice", "provisional")
        note(watcher, "bob", "final")
        assert watcher.problems == []
        note(watcher, "alice", "final")
    assert watcher.problems == ["alice: pro_1 is final, without a quorum"]
    with pytest.raises(Shown):
        watcher.until("anything", lambda: None, 60)


def test_what_does_not_happen_is_too_late() -> None:
    with pytest.raises(TooLate, match="not within 0 s: rain"):
        Watcher({}).until("rain", lambda: None, 0)


def test_without_root_or_ip_it_says_so_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lab, "_IP", "/usr/sbin/ip")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert program.main(["storm"]) == program.CANNOT
    assert "run this as root" in capsys.readouterr().err
    monkeypatch.setattr(lab, "_IP", None)
    assert program.main([]) == program.CANNOT
    assert "apt-get install iproute2" in capsys.readouterr().err


def test_without_libfaketime_only_the_clocks_cannot_be_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lab, "find_missing", list)
    monkeypatch.setattr(clocks, "_PLACES", (str(tmp_path),))
    assert program.main(["clocks"]) == program.CANNOT
    assert "apt-get install libfaketime" in capsys.readouterr().err


def test_table_has_a_row_for_each_scenario_and_says_which_failed() -> None:
    assert SCENARIOS.keys() == TITLES.keys()
    good = program.Result("storm", Figures(30.0, 2, 1.26), 80, "ab" * 32, [])
    bad = program.Result("one-way", None, 0, "", ["TooLate: …"])
    rows = program.as_table([good, bad]).splitlines()[2:]
    assert rows == [
        f"| {TITLES['storm']} | 30 s | 2 | 1.3 s | 80, abababab… |  |",
        f"| {TITLES['one-way']} | | | | | FAILED |",
    ]


def test_scenarios_side_by_side_describe_the_api_once() -> None:
    """FastAPI fails when two threads describe the same models at once (a run of all, once)."""
    openapi._describe.cache_clear()
    at_once = 4
    together = threading.Barrier(at_once)

    def ask() -> int:
        together.wait()
        return id(openapi.described())

    with ThreadPoolExecutor(at_once) as pool:
        found = {one.result() for one in [pool.submit(ask) for _ in range(at_once)]}
    assert len(found) == 1
