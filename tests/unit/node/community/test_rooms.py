"""How the node is cut: rooms of few files, none long; parts that inherit from none of ours."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from p2pnode.community.community import Community
from p2pnode.host.host import Host

ROOT = Path(__file__).parents[4] / "p2pnode"
FILES = sorted(ROOT.rglob("*.py"))
FOLDERS = sorted({path.parent for path in FILES})
MOST_LINES = 500
MOST_MODULES = 15
# Values, refusals, and what the schema of a request is made of.
_VALUES = {"Exception", "ValueError", "BaseModel", "Shaped", "Text", "NamedTuple", "Protocol"}


def classes() -> Iterator[tuple[str, ast.ClassDef]]:
    for path in FILES:
        for one in ast.walk(ast.parse(path.read_text())):
            if isinstance(one, ast.ClassDef):
                yield path.relative_to(ROOT).as_posix(), one


def bases(one: ast.ClassDef) -> list[str]:
    plain = [base.value if isinstance(base, ast.Subscript) else base for base in one.bases]
    return [ast.unparse(base).rpartition(".")[2] for base in plain]


def is_value(one: ast.ClassDef, known: dict[str, ast.ClassDef]) -> bool:
    """Return whether it is a value: a dataclass, an error, a model, or made from one of these."""
    if any("dataclass" in ast.unparse(by) for by in one.decorator_list):
        return True
    return any(
        base in _VALUES or (base in known and is_value(known[base], known)) for base in bases(one)
    )


def test_no_part_inherits_from_another() -> None:
    known = {one.name: one for _, one in classes()}
    heirs = [
        f"{file}: {one.name}({base})"
        for file, one in classes()
        for base in bases(one)
        if base in known and base != one.name and not is_value(known[base], known)
    ]
    assert heirs == []


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_file_is_long(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_room_is_crowded(folder: Path) -> None:
    modules = [one for one in folder.glob("*.py") if one.name != "__init__.py"]
    assert len(modules) <= MOST_MODULES


def bound(one: type) -> dict[str, str]:
    """Return what a class binds under a name of its own: name → part and method."""
    file = ROOT.joinpath(*one.__module__.split(".")[1:]).with_suffix(".py")
    tree = ast.parse(file.read_text())
    return {
        target.attr: ast.unparse(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and not target.attr.startswith("_")
    }


def test_what_a_community_is_asked_the_host_is_not() -> None:
    verbs = {name for name, value in bound(Community).items() if "." in value}
    assert verbs
    of_host = {name for name, value in bound(Host).items() if "." in value}
    assert not verbs & of_host
