"""Every command that is suggested anywhere is one, with all that it needs, and can be copied.

Collected from the sources: the steps of every error, receipt, status and check, the notes of
every command, examples in help texts and in the documents. The real parser reads them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from support.hints import MENTION, problem_of, problem_of_command, problem_of_mentions

ROOT = Path(__file__).parents[2]
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
    wrong = [
        f"{path}:{line}: {text!r}: {problem}"
        for line, text in _hints(TREES[path])
        if (problem := problem_of(text)) is not None
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
    ],
)
def test_what_fails_when_it_is_copied_is_found(hint: str) -> None:
    assert problem_of(hint) is not None
