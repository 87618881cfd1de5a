"""Every command that is suggested anywhere is one, with all that it needs, and can be copied.

Collected from the sources: the steps of every error, receipt, status and check, the notes of
every command, examples in help texts and in the documents. The real parser reads them.
"""

from __future__ import annotations

import ast
import logging
import re
import shlex
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from support.hints import MENTION, problem_of, problem_of_command, problem_of_mentions

from p2pnode.hints import joined_steps
from p2pnode.home.errors import DAMAGED_STEPS, StoreError
from p2pnode.logs import Format, set_up_logs

ROOT = Path(__file__).parents[3]
SOURCES = sorted(
    one
    for place in ("p2pnode", "protocols/p2pnode_protocols", "cli/p2pnode_cli")
    for one in (ROOT / place).rglob("*.py")
)
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# How hints are called where they are made, and from which argument on they are given.
_NAMED = re.compile(
    r"(?:.*_)?(?:todo|tries|steps?|again|next)_?|.*(?:NEXT|TODO|STEPS?|ANEW|ALLOWED)"
)
_MADE_BY = {
    "RequestError": 2,
    "LocalError": 2,
    "StoreError": 2,
    "BackupError": 2,
    "KeyFileError": 2,
    "ConfigError": 2,
    "HomeLocked": 2,
    "check": 3,
    "Check": 3,
    "_as_check": 3,
}


def _texts(node: ast.expr) -> list[str]:
    """Return what a string expression may be: `X` for what is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            found = [_texts(one) for one in parts]
            return ["".join(one) for one in product(*found)]
        case ast.FormattedValue(value=ast.IfExp() as inner):
            return _texts(inner)
        case ast.IfExp(body=body, orelse=other):
            return [*_texts(body), *_texts(other)]
        case ast.FormattedValue(value=value):
            # What is filled in may be options, none of them for one.
            names = {one.id for one in ast.walk(value) if isinstance(one, ast.Name)}
            return ["" if names & {"diff", "facts", "known", "without"} else "X"]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return ["".join(one) for one in product(_texts(left), _texts(right))]
        case _:
            return ["X"]


def _strings(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the whole strings under a node, with their lines; no docstrings."""
    if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
        if isinstance(node, ast.Constant) and not isinstance(node.value, str):
            return
        if not isinstance(node, ast.BinOp) or isinstance(node.op, ast.Add):
            yield from ((node.lineno, one) for one in _texts(node))
            return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue  # a docstring
        yield from _strings(child)


def _hints(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the strings that stand where hints are made."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args):
                after = _MADE_BY.get(name, len(args))
                for one in args[after:]:
                    yield from _strings(one)
                for keyword in node.keywords:
                    if keyword.arg is not None and _NAMED.fullmatch(keyword.arg):
                        yield from _strings(keyword.value)
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if _NAMED.fullmatch(name):
                yield from _strings(value)
            case ast.Assign(targets=[ast.Attribute(attr=name)], value=value) if _NAMED.fullmatch(
                name
            ):
                yield from _strings(value)
            case _:
                pass


def _trees() -> Iterator[tuple[str, ast.AST]]:
    for one in SOURCES:
        yield str(one.relative_to(ROOT)), ast.parse(one.read_text(encoding="utf-8"))


TREES = dict(_trees())


def test_hints_are_found_in_the_sources() -> None:
    found = {text for tree in TREES.values() for _, text in _hints(tree)}
    assert "p2pnode verify-log" in found
    assert len([one for one in found if one.startswith("p2pnode ")]) > 40


@pytest.mark.parametrize("path", TREES)
def test_each_hint_is_a_command_that_can_be_copied_or_a_sentence(path: str) -> None:
    hints = list(_hints(TREES[path]))
    before = ["", *(text for _, text in hints)]
    wrong = [
        f"{path}:{line}: {text!r}: {problem}"
        for (line, text), one_before in zip(hints, before, strict=False)
        if (problem := problem_of(text, one_before)) is not None
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", TREES)
def test_each_command_that_a_sentence_ends_with_or_names_exists(path: str) -> None:
    """After a colon it ends the sentence; elsewhere its words and options are looked at."""
    wrong = []
    for line, text in _strings(TREES[path]):
        problem = problem_of_mentions(text)
        for found in MENTION.finditer(text):
            if text[: found.start()].rstrip(" ").endswith(":") or found.start() == 0:
                problem = problem or problem_of_command(text[found.start() :].rstrip("\n"))
        if problem is not None:
            wrong.append(f"{path}:{line}: {text!r}: {problem}")
    assert not wrong, "\n".join(wrong)


def _examples() -> Iterator[tuple[str, str]]:
    """Yield the commands of help texts and of the documents, with where they stand."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and (words := ast.get_docstring(node)):
                for line in words.splitlines():
                    yield path, line
    for file in DOCUMENTS:
        is_code = False
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("```"):
                is_code = not is_code
            elif is_code:
                yield file.name, re.sub(r"^[a-z]*\$ ", "", line)


def _commands_in(line: str) -> Iterator[str]:
    """Yield what the shell runs as p2pnode in one line of an example."""
    line = line.split("  #", maxsplit=1)[0].strip()
    line = re.sub(r"^([A-Z][A-Z0-9_]*=\S+ )+", "", line)
    if not line.startswith("p2pnode ") or not re.match(r"p2pnode (--|[a-z])", line):
        return
    line = re.sub(r'"\$\(.*?\)"', "FILLED_IN", line).replace("…", "")
    yield re.split(r" (?:\||&&|>|2>|<) ?", line)[0]


_SLIPS = ("p2pnode vot 3 no",)  # of the manual, to show what is answered
EXAMPLES = [
    (where, one) for where, line in _examples() for one in _commands_in(line) if one not in _SLIPS
]


@pytest.mark.parametrize(("where", "line"), EXAMPLES)
def test_each_example_of_a_help_text_or_document_is_read(where: str, line: str) -> None:
    assert problem_of_command(line) is None


def test_examples_are_found() -> None:
    assert {"README.md", "cli.md"} <= {where for where, _ in EXAMPLES}
    assert len(EXAMPLES) > 80


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda one: one.name)
def test_each_command_that_a_document_names_exists(file: Path) -> None:
    spans = re.findall(r"`(p2pnode [^`]+)`", file.read_text(encoding="utf-8"))
    assert [one for one in map(problem_of_mentions, spans) if one is not None] == []


@pytest.mark.parametrize(
    "hint",
    [
        "p2pnode show 12 --diff, then vote again",
        "p2pnode explain 13; to decide it otherwise, propose anew",
        "p2pnode hurry (op_k3v7abcd)",
        "p2pnode join LINK, with a new invite",
        "p2pnode devices add",
        "p2pnode status    (what it waits for)",
        "p2pnode vote 12 yes|no|aside",
        "at once: p2pnode hurry",
        "p2pnode explain 12 --home",
        "p2pnode vote 12 maybe",
        "p2pnode propse X",
        "p2pnode rebuild",
        "p2pnode join LINK",
        "tiers.tactical.threshold=2/3",
        "--yes",
    ],
)
def test_what_fails_when_it_is_copied_is_found(hint: str) -> None:
    assert problem_of(hint) is not None


def test_link_for_a_lost_record_needs_no_name_but_an_invite_does() -> None:
    lost = "fetch it from them with a link that a member prints (devices link):"
    assert problem_of("p2pnode join LINK", lost) is None
    assert problem_of("p2pnode join LINK", "with a new invite:") is not None


# Hints as nodes give them: commands for here, for another device, and one with its own --home.
HINTS = [
    *DAMAGED_STEPS,
    "with the key of another home:",
    "p2pnode init --home DIR",
    "ask them; if the seat is still there, on another device of it:",
    "p2pnode devices",
    "else, with a new invite:",
    "p2pnode join LINK --name NAME",
]
HERE, ELSEWHERE = ["join LINK", "join LINK --name NAME"], ["init --home DIR", "devices"]


def require_for(home: str | None, said: str) -> None:
    """Require that each of `HINTS` is there, with the --home that it has to be typed with."""
    words = " ".join(said.split())
    prefix = "p2pnode " if home is None else f"p2pnode --home {home} "
    for one in HERE:
        assert re.search(re.escape(prefix + one) + r"(?! --name)\b", words), (one, words)
    for one in ELSEWHERE:
        assert f"p2pnode {one}" in words, (one, words)
    assert ";; " not in words
    assert ":;" not in words


@pytest.mark.parametrize("with_home", [False, True])
def test_hints_of_a_status_are_for_its_home_each_by_itself(daemon, cli, samples, with_home) -> None:
    warning = {"name": "x", "severity": "critical", "detail": "it is behind", "next": HINTS}
    for severity in ("critical", "warning"):
        daemon.answers["GET", "/status"] = samples["status"](
            warnings=[warning | {"severity": severity}]
        )
        home = str(daemon.home) if with_home else None
        options = () if home is None else ("--home", home)
        require_for(home, cli("status", *options).out)
        (said,) = cli("status", "--json", *options).json["node"]["warnings"]
        require_for(home, " — or: ".join(joined_steps(said["next"])))


@pytest.mark.parametrize("with_home", [False, True])
def test_hints_within_the_words_of_an_explanation_are_for_its_home(
    daemon, cli, samples, with_home
) -> None:
    words = "what is known here waits for company, for 9 min at most; at once: p2pnode hurry"
    daemon.answers["GET", "/proposals/7/explanation"] = {
        "schema": "p2pnode/explanation/1",
        "proposal": samples["summary"](),
        "formula": "2 of 5",
        "reasons": [{"code": "open", "text": "look: p2pnode status", "members": [], "at": None}],
        "earliest_at": None,
        "finality": {"state": "waiting", "waits_for": [], "text": words},
    }
    home = ("--home", str(daemon.home)) if with_home else ()
    said = " ".join(cli("explain", "7", *home).out.split())
    for one in ("hurry", "status"):
        assert " ".join(("p2pnode", *home, one)) in said


@pytest.mark.parametrize("home", [None, "/tmp/other home"])
@pytest.mark.parametrize("format_", ["console", "json", "logfmt"])
def test_hints_of_a_log_are_for_its_home(
    format_: Format, home: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        set_up_logs(format_, "info", home)
        log = logging.getLogger("p2pnode.node")
        log.error("%s", StoreError("store_behind", "it is behind", *HINTS))
        log.info("/var/lib/p2pnode is full: p2pnode status")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    behind, full = capsys.readouterr().err.splitlines()
    shown = None if home is None else shlex.quote(home)
    require_for(shown, behind)
    assert "/var/lib/p2pnode is full" in full
    assert f"p2pnode {'' if home is None else f'--home {shown} '}status" in full


@pytest.mark.parametrize(
    "command",
    [
        ("revise", "--text", "x"),
        ("revise",),
        ("show",),
        ("explain",),
        ("withdraw",),
        ("erase",),
        ("certificate", "-o", "x.p2pcert"),
    ],
)
@pytest.mark.parametrize("empty", ["", " "])
def test_empty_id_is_named_as_what_is_wrong_before_all_else(home, cli, command, empty) -> None:
    result = cli(command[0], empty, *command[1:])
    assert result.code == 2
    assert "an id or a name is empty [bad_argument]" in result.err
    assert "''" not in result.err


@pytest.mark.parametrize("change", ["x", "=", "=3"])
def test_change_that_is_none_is_answered_with_a_whole_command(home, cli, change) -> None:
    result = cli("amend", change)
    assert result.code == 2
    assert "p2pnode amend tiers.tactical.threshold=2/3" in result.err
    assert "p2pnode amend" not in cli("found", "Ops", "--name", "Ana", "--set", change).err
