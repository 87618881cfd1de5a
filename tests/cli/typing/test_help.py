from __future__ import annotations

import re

import pytest
import typer

from p2pnode_cli.arguments import Grade
from p2pnode_cli.commands.deciding.proposing import Choice
from p2pnode_cli.main import _PANELS, app
from p2pnode_protocols.record.seats.names import find_member_fault

COMMANDS = [
    *([name] for commands in _PANELS.values() for name in commands),
    ["peers"],
    ["peers", "add"],
    ["peers", "block"],
    ["peers", "unblock"],
    *(["devices", name] for name in ("link", "request", "add", "revoke", "use", "renew")),
    ["devices"],
    *(["rebuild", name] for name in ("propose", "sign", "apply", "withdraw")),
    ["config", "show"],
    ["config", "check"],
    [],
]
WANTED = """
    init found invite join run status propose vote revise withdraw erase decisions show explain
    members leave away back amend watch peers doctor demo verify-log config paths
    certificate verify
    devices backup restore recover rekey
"""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_two_examples_and_fits_eighty_columns(home, cli, command):
    result = cli(*command, "--help")
    assert result.code == 0
    examples = [line for line in result.out.splitlines() if line.startswith("   p2pnode")]
    examples += [line for line in result.out.splitlines() if line.startswith("   P2PNODE_")]
    assert len(examples) == 2
    assert all(" ".join(["p2pnode", *command]) in line for line in examples) or command == []
    assert [line for line in result.out.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_loses_no_word_in_brackets_and_breaks_no_line_of_its_text(home, cli, command):
    shown = "".join(cli(*command, "--help").out.replace("│", " ").split())
    found = typer.main.get_command(app)
    for name in command:
        found = found.commands[name]
    for option in found.params:
        for words in re.findall(r"\[[^\]]+\]", getattr(option, "help", None) or ""):
            assert "".join(words.split()) in shown  # Rich takes [such] for its own
    text, _, _ = (found.callback.__doc__ or "").partition("\b")
    assert [line for line in text.splitlines() if len(line.strip()) > 78] == []


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_takes_the_options_of_all(home, cli, command):
    shown = cli(*command, "--help").out
    for option in ("--home", "--json", "--quiet", "--verbose", "--no-color", "--yes", "--timeout"):
        assert option in shown


def test_every_promised_command_is_there():
    group = typer.main.get_command(app)
    assert set(group.commands) >= set(WANTED.split())


def test_version_is_one_line(home, cli):
    result = cli("--version")
    assert (result.code, result.out) == (0, "p2pnode 0.1.0\n")


def test_no_member_is_called_as_a_command_or_a_choice_is():
    """Whoever reads or types a line knows what in it is a name (R2.20)."""
    said = {*Choice, *Grade, *typer.main.get_command(app).commands}
    for word in said:
        assert find_member_fault(word) is not None, word
