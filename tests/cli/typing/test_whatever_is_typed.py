"""Every command, every value it takes, every stdout: no traceback, and an exit code we document.

Generated from the commands themselves, so that a new one is in it without being named here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import typer

from p2pnode_cli.exits import MEANINGS, Exit
from p2pnode_cli.main import app

_EVERYWHERE = ("home", "timeout")  # tried once, with `paths` and `status`
# Values with which a command gets as far as its work; others get "x".
_GOOD = {
    "proposal": "7",
    "choice": "yes",
    "tier": "tactical",
    "changes": "tiers.tactical.threshold=2/3",
    "output": "out.txt",
    "limit": "20",
    "uses": "1",
    "after": "0",
    "community": "com_aaaa",
}
_NASTY = {
    "empty": "",
    "huge": "x" * 20_000,
    "number": "-" + "9" * 400,
    "control": "\x1b[2J\r\n\x07\x9b\u202e\u200b",
    "no_utf8": "caf\udce9",
    "path": "../a/b?c#d%",
}


Words = tuple[str, ...]


def _commands() -> Iterator[tuple[tuple[str, ...], list[object]]]:
    def below(
        found: object, path: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], list[object]]]:
        inner = getattr(found, "commands", {})
        if not inner or found.invoke_without_command:  # type: ignore[attr-defined]
            yield path, list(found.params)  # type: ignore[attr-defined]
        for name, command in inner.items():
            yield from below(command, (*path, name))

    for path, params in below(typer.main.get_command(app), ()):
        if path not in {(), ("demo",)}:  # the one is `status`; the other starts five nodes
            yield path, params


COMMANDS = dict(_commands())


def _takes_value(param: object) -> bool:
    is_flag = getattr(param, "is_flag", False) or getattr(param, "count", False)
    return not is_flag and param.name not in {"help", "_version"}  # type: ignore[attr-defined]


def _is_argument(param: object) -> bool:
    return param.param_type_name == "argument"  # type: ignore[attr-defined]


def typed(path: Words, wrong: str | None = None, value: str = "") -> list[str]:
    """Return a command line with all that is required, and `value` for the parameter `wrong`."""
    options: list[str] = []
    arguments: list[str] = []
    for param in COMMANDS[path]:
        name = param.name  # type: ignore[attr-defined]
        if name != wrong and not param.required:  # type: ignore[attr-defined]
            continue
        given = value if name == wrong else _GOOD.get(name, "x")
        if _is_argument(param):
            arguments.append(given)
        else:
            options.append(f"{param.opts[0]}={given}")  # type: ignore[attr-defined]
    return [*path, *options, "--", *arguments]


CASES = [
    pytest.param(path, param.name, id=f"{' '.join(path)}-{param.name}")  # type: ignore[attr-defined]
    for path, params in COMMANDS.items()
    for param in params
    if _takes_value(param) and (param.name not in _EVERYWHERE or path in {("paths",), ("status",)})  # type: ignore[attr-defined]
]


@pytest.fixture
def machine(daemon, samples, tmp_path, monkeypatch):
    """A daemon that answers what most commands ask, in a directory where they may write."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("p2pnode.daemon.run_daemon", lambda *_args, **_more: 0)
    seat = samples["member"]("alice")
    receipt = samples["receipt"]()
    daemon.answers |= {
        ("GET", "/members"): samples["listing"](seat),
        ("GET", "/members/me"): seat,
        ("GET", "/invites"): samples["listing"](kind="invites"),
        ("GET", "/peers"): samples["listing"](kind="peers"),
        ("GET", "/charter"): samples["charter"](),
        ("GET", "/link"): {"schema": "p2pnode/link/1", "link": "p2pnode:join:1x"},
        ("POST", "/proposals"): receipt,
        ("POST", "/amendments"): receipt,
        ("POST", "/invites"): receipt,
        ("POST", "/proposals/7/revisions"): receipt,
        ("POST", "/proposals/7/withdrawal"): receipt,
        ("POST", "/proposals/7/erasure"): receipt,
        ("POST", "/members/me/absence"): receipt,
        ("DELETE", "/members/me/absence"): receipt,
        ("POST", "/members/me/departure"): receipt,
    }
    daemon.streams = []
    return daemon


@pytest.mark.parametrize(("path", "name"), CASES)
def test_any_value_ends_in_words_and_a_documented_exit_code(machine, cli, path, name):
    for kind, value in _NASTY.items():
        result = cli(*typed(path, name, value))
        said = f"{kind}: {result.err[-600:]}"
        assert result.code in MEANINGS, said
        assert "Traceback" not in result.err, said
        assert "another version" not in result.err, said
        assert "\x1b[2J" not in result.out + result.err, said
        assert "\x9b" not in result.out + result.err, said


_WHOLE = {
    ("run", "port"),
    ("invite", "uses"),
    ("decisions", "limit"),
    ("watch", "after"),
    ("erase", "part"),
}


def test_every_whole_number_is_known_here():
    kinds = {(*path, one.name): one.type.name for path in COMMANDS for one in COMMANDS[path]}
    assert not {key for key, kind in kinds.items() if kind in {"integer", "integer range", "float"}}
    assert {key for key, kind in kinds.items() if kind == "whole"} == _WHOLE


@pytest.mark.parametrize("number", ["1_0", "10.0", "+1", "-1", " 1", "0x1", "٣", "²", "9" * 400])
@pytest.mark.parametrize("option", sorted(_WHOLE), ids=" ".join)
def test_a_whole_number_is_its_digits(machine, cli, option, number):
    *path, name = option
    result = cli(*typed(tuple(path), name, number))
    assert result.code == 2
    said = " ".join(result.err.replace("│", " ").split())
    assert "no whole number from" in said
    assert machine.requests == []


@pytest.mark.parametrize("command", ["show", "vote", "explain", "revise", "withdraw", "erase"])
@pytest.mark.parametrize("nothing", ["", " ", "\t"])
def test_an_empty_id_is_the_users_slip_and_nothing_is_asked(machine, cli, command, nothing):
    more = ["yes"] if command == "vote" else ["--title", "x"] if command == "revise" else []
    result = cli(command, nothing, *more)
    assert result.code == 2
    assert "empty" in result.err
    assert machine.requests == []


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_what_to_try_is_a_list_after_every_failure(machine, cli, tmp_path, path):
    result = cli("--home", str(tmp_path / "nowhere"), "--json", *typed(path))
    told = [json.loads(line) for line in result.err.splitlines() if line.startswith("{")]
    assert told or result.code != Exit.NO_DAEMON
    for one in told:
        assert isinstance(one["next"], list), one
        assert all(isinstance(step, str) for step in one["next"])


SINGLE = [
    (path, one.opts[0])  # type: ignore[attr-defined]
    for path, params in COMMANDS.items()
    for one in params
    if _takes_value(one) and not _is_argument(one) and not one.multiple  # type: ignore[attr-defined]
]


@pytest.mark.parametrize(("path", "option"), SINGLE, ids=str)
def test_option_that_takes_one_value_is_refused_when_it_is_given_twice(home, cli, path, option):
    """The parser would keep the last one without a word."""
    result = cli(*path, option, "1", option, "2")
    assert result.code == 2
    said = " ".join(result.err.replace("│", " ").split())
    assert "it is given twice, and takes one value" in said
    assert option in said


def _streams(path: Path) -> dict[str, object]:
    return {
        "full": open("/dev/full", "w", encoding="utf-8"),
        "latin-1": path.open("w", encoding="latin-1"),
        "ascii": path.open("w", encoding="ascii"),
    }


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["words", "json"])
@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_any_stdout_ends_in_a_documented_exit_code(
    machine, cli, samples, monkeypatch, tmp_path, path, form
):
    foreign = samples["summary"](title="Żółw → 亀 🐢")
    machine.answers["GET", "/proposals"] = samples["listing"](foreign)
    machine.answers["GET", "/proposals/7"] = samples["proposal"](title="Żółw → 亀 🐢")
    wanted = cli(*form, *typed(path)).code
    for kind, stream in _streams(tmp_path / "taken").items():
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stream)
            result = cli(*form, *typed(path))
        with suppress(OSError):  # what is full may still have something in its buffer
            stream.close()
        assert "Traceback" not in result.err, (kind, result.err)
        allowed = {wanted, 1} if kind == "full" else {wanted}
        if path == ("init",):
            allowed.add(6)  # the second time there is a key
        assert result.code in allowed, (kind, result.err)


def _run(home: Path, *arguments: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "p2pnode_cli", *arguments],
        env=os.environ | {"P2PNODE_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
        **more,  # type: ignore[call-overload]
    )


@pytest.mark.parametrize("arguments", [["status"], ["status", "--json"], ["--help"], ["paths"]])
def test_a_full_disk_behind_stdout_exits_1_and_says_so(daemon, arguments):
    with open("/dev/full", "wb") as full:
        done = _run(daemon.home, *arguments, stdout=full)
    assert done.returncode == 1, done.stderr
    assert b"the output cannot be written: No space left on device" in b" ".join(
        done.stderr.replace(b"\\n", b" ").split()
    )
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["words", "json"])
@pytest.mark.parametrize("outcome", ["full", "nobody reads"])
def test_a_link_that_is_lost_for_good_is_told_with_how_to_withdraw_its_seat(
    daemon, samples, form, outcome
):
    daemon.answers["POST", "/invites"] = samples["receipt"](kind="propose", link="p2pnode:join:1x")
    reading, writing = os.pipe()
    os.close(reading)
    with open("/dev/full", "wb") as full, os.fdopen(writing, "wb") as pipe:
        done = _run(
            daemon.home, "invite", "Bo B", *form, stdout=full if outcome == "full" else pipe
        )
    assert done.returncode == (1 if outcome == "full" else 141)
    said = " ".join(done.stderr.decode().split())
    assert "Its link is lost for good" in said
    assert "p2pnode withdraw 7" in said
    assert "p2pnode invite 'Bo B'" in said


@pytest.mark.parametrize("arguments", [["status"], ["status", "--json"], ["--help"], ["watch"]])
def test_a_reader_that_has_gone_ends_the_command_with_141_in_silence(daemon, arguments):
    event = 'event: committed\nid: 1\ndata: {"index": 1, "entries": 2}\n\n'
    daemon.streams = [event * 10_000] * 100
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = _run(daemon.home, *arguments, stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_closed_stdout_is_told_and_a_closed_stderr_changes_nothing(daemon):
    line = f'"{sys.executable}" -m p2pnode_cli status'
    env = os.environ | {"P2PNODE_HOME": str(daemon.home)}
    done = subprocess.run(["sh", "-c", f"{line} >&-"], env=env, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"Bad file descriptor" in done.stderr
    done = subprocess.run(["sh", "-c", f"{line} 2>&-"], env=env, capture_output=True, check=False)
    assert done.returncode == 0
    assert b"needs your vote" in done.stdout


def test_letters_that_stdout_lacks_are_replaced_in_words_and_escaped_in_json(daemon, samples):
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](title="Żółw → 亀")
    env = {"PYTHONIOENCODING": "latin-1", "P2PNODE_HOME": str(daemon.home)}
    for form, wanted in (([], "?\xf3?w ? ?".encode("latin-1")), (["--json"], b"\\u4e80")):
        done = subprocess.run(
            [sys.executable, "-m", "p2pnode_cli", "show", "7", *form],
            env=os.environ | env,
            capture_output=True,
            check=True,
        )
        assert wanted in done.stdout


def test_a_home_whose_name_is_no_utf8_is_printed_as_it_is(tmp_path):
    home = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    done = _run(home, "paths", stdout=subprocess.PIPE)
    assert done.returncode == 0
    assert b"/caf\xe9/device.key" in done.stdout


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_commands_that_are_suggested_are_for_the_home_that_was_named(
    machine, cli, monkeypatch, path
):
    home = str(machine.home)
    monkeypatch.delenv("P2PNODE_HOME")
    for more in ((), ("--json",)):
        result = cli("--home", home, *more, *typed(path))
        said = f"{result.out} {result.err}".replace(" │", "").split("runs:")[0]
        words = " ".join(said.split())
        for suggested in re.findall(r"(?<![\w/])p2pnode (?:--home (\S+) )?[a-z]", words):
            assert suggested == home, words
    other = cli("--home", str(machine.home / "not there"), "status")
    assert f"p2pnode --home '{machine.home}/not there' run" in " ".join(other.err.split())


def test_nothing_is_counted_in_the_wrong_number(daemon, cli, samples):
    alone = samples["status"]()
    alone["community"] |= {"members": 1}
    alone["committee"] |= {"size": 1}
    alone |= {"log": alone["log"] | {"index": 1}, "pending_ops": 1}
    daemon.answers["GET", "/status"] = alone
    shown = cli("status").out
    assert "1 member\n" in shown
    assert "1 commit; 1 operation not final yet" in shown
    assert re.findall(r"\b1 (?!of|yes|no\b)[a-z]+s\b", shown) == []
