"""A suggested command stands on one line, however long it is and whatever names are in it."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.text import Text

from p2pnode_cli.exits import Exit
from p2pnode_cli.failures import Failure
from p2pnode_cli.shown.terminal import Terminal, unbroken
from p2pnode_cli.shown.unbroken import command_spans

NAMES = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "Zs"), exclude_characters="\ue000"),
    min_size=1,
    max_size=120,
).map(lambda name: " ".join(name.split()) or "x")
ENDS = ",.:;) "  # what may end a sentence is no part of a command, and breaks none
PROSE = "The seat is not decided yet, which may take a while; the other person runs: "


def printed(capsys, show) -> list[str]:
    capsys.readouterr()
    show()
    captured = capsys.readouterr()
    return (captured.out + captured.err).splitlines()


def ways(command: str, width: int):
    """Yield each way in which a command is printed among words."""
    terminal = Terminal(width=width)
    yield lambda: terminal.note(PROSE + command)
    yield lambda: terminal.show(PROSE + command)
    yield lambda: terminal.show(Text.assemble(("warning", "bold"), ": ", PROSE, command))
    yield lambda: terminal.show(terminal.fields([("what to do", PROSE + command)]))
    failure = Failure(Exit.CONFLICT, "closed", "too late", why=PROSE, tries=(command, "wait"))
    yield lambda: terminal.failure(failure)


@pytest.mark.parametrize("width", [20, 79, 80, 100])
@pytest.mark.parametrize(
    "command",
    [
        "p2pnode join LINK --name 'the Tuesday group of the third floor, and of the fourth; all'",
        "p2pnode --home '/home/al ice/a rather long path/to the/home' join LINK --name 'A B'",
        "p2pnode rebuild propose --without 'Ana Maria' --without Bo --without 'C D' --dry-run",
        "p2pnode propose 'Erin is away' --tier constitutional --set-away 'Erin the second'",
        "p2pnode vote 7 yes --revision 2",
        "chmod 700 '/home/al ice/a rather long path/to the/home which is even longer'",
    ],
)
def test_a_command_is_never_broken(capsys, command, width):
    for show in ways(command, width):
        assert [line for line in printed(capsys, show) if command in line], command


@given(NAMES)
@example("the Tuesday group")
@example("it's")
@example('say "hi" there')
def test_whatever_the_name_the_whole_command_is_kept(name):
    command = f"p2pnode join LINK --name {shlex.quote(name)}"
    for text in (f"{PROSE}{command}; p2pnode run", command):
        (start, end), *_ = command_spans(text)
        assert text[start:end].rstrip(ENDS) == command.rstrip(ENDS)


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("p2pnode status says who is missing", ["p2pnode status"]),
        ("then: p2pnode ops --seen", ["p2pnode ops --seen"]),
        ("p2pnode show 7, then vote again", ["p2pnode show 7"]),
        ("p2pnode peers add ADDRESS now", ["p2pnode peers add ADDRESS now"[:25]]),
        ("p2pnode init; p2pnode run", ["p2pnode init", "p2pnode run"]),
        ("p2pnode run       (start it)", ["p2pnode run"]),
        ("p2pnode vote 3 yes --revision 2    (or --yes: any)", ["p2pnode vote 3 yes --revision 2"]),
        ("p2pnode explain 7; to ask again, propose anew", ["p2pnode explain 7"]),
        ("hurry: p2pnode hurry (op_abc)", ["p2pnode hurry"]),
        ("/etc/p2pnode config", []),
        ("the p2pnode", []),
    ],
)
def test_prose_around_a_command_is_none_of_it(text, commands):
    assert [text[start:end] for start, end in command_spans(text)] == commands


def test_a_text_without_commands_is_laid_out_as_ever(capsys):
    words = "word " * 60
    lines = printed(capsys, lambda: Terminal(width=40).show(words))
    assert max(map(len, lines)) <= 40
    assert " ".join(lines).split() == words.split()
    assert unbroken("plain words") == "plain words"


def test_styles_stay_with_their_words():
    text = Text.assemble("see ", ("p2pnode show 7", "bold"), " now")
    marked = unbroken(text)
    assert isinstance(marked, Text)
    (span,) = [one for one in marked.spans if one.style == "bold"]
    assert "show" in marked.plain[span.start : span.end]
