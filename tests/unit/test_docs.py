"""The documents say what the code does: rule numbers, error codes, constants, links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from p2pnode.home import config
from p2pnode.home import errors as local_errors
from p2pnode_cli.exits import MEANINGS
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.record.actions import CoreAction
from p2pnode_protocols.record.bodies import CoreBody
from p2pnode_protocols.record.certificates.faults import FAULTS
from p2pnode_protocols.wire import limits
from p2pnode_protocols.wire.errors import CODES

ROOT = Path(__file__).parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/**/*.md")])
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
RULE = re.compile(r"\bR\d+\.\d+\b")
STATED = re.findall(r"^- \*\*(R\d+\.\d+) ", PROTOCOL, re.MULTILINE)


def cited() -> dict[str, set[str]]:
    """Return rule number → the source files that name it."""
    found: dict[str, set[str]] = {}
    for folder in ("protocols", "p2pnode", "cli", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            for rule in RULE.findall(path.read_text()):
                found.setdefault(rule, set()).add(path.relative_to(ROOT).as_posix())
    return found


def test_rules_are_numbered_without_gap_or_repetition() -> None:
    sections: dict[int, list[int]] = {}
    for rule in STATED:
        section, number = rule[1:].split(".")
        sections.setdefault(int(section), []).append(int(number))
    assert list(sections) == sorted(sections)
    for section, numbers in sections.items():
        assert numbers == list(range(1, len(numbers) + 1)), f"section {section}"


def test_every_rule_is_cited_by_code_or_tests() -> None:
    assert sorted(set(STATED) - set(cited())) == []


def test_every_cited_rule_is_stated() -> None:
    unknown = {rule: files for rule, files in cited().items() if rule not in STATED}
    assert unknown == {}
    everywhere = set().union(*(RULE.findall(path.read_text()) for path in DOCS))
    assert sorted(everywhere - set(STATED)) == []


def section(document: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one that is not below it."""
    level = heading.split(maxsplit=1)[0]
    text = (ROOT / "docs" / document).read_text().partition(f"\n{heading}\n")[2]
    assert text, f"{document} has no {heading!r}"
    return re.split(rf"^#{{1,{len(level)}}} ", text, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of a section's table rows, without heads and rules."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    marks = {i for i, cells in enumerate(lines) if set("".join(cells)) <= set("-| ")}
    return [cells for i, cells in enumerate(lines) if i not in marks and i + 1 not in marks]


def test_every_refusal_code_is_explained_and_no_other() -> None:
    stated = {
        code.strip("`"): meaning for code, meaning in rows(section("protocol.md", "## 11. Errors"))
    }
    assert stated == CODES


def test_every_limit_is_stated_with_its_value() -> None:
    stated = {
        name.strip("`"): value for name, value, _ in rows(section("protocol.md", "### 7.1 Limits"))
    }
    assert stated == {
        name: f"{value:,}".replace(",", " ")
        for name, value in vars(limits).items()
        if name.isupper() and name != "KIB"
    }


def test_every_kind_of_op_action_and_message_is_listed() -> None:
    named = {
        word
        for cells in rows(section("protocol.md", "### 2.4 Ops"))
        for word in re.findall(r"`(\w+)`", cells[0])
    }
    assert named == {one.KIND for one in (*get_args(CoreBody), *get_args(CoreAction))}
    numbered = {
        int(cells[0]): cells[1]
        for cells in rows(section("protocol.md", "## 7. Dissemination"))
        if cells[0].isdecimal()
    }
    assert numbered == {one.KIND: one.__name__.lower() for one in get_args(Message)}


def test_operations_lists_exit_codes_local_errors_and_settings() -> None:
    stated = {
        int(code): meaning for code, meaning in rows(section("operations.md", "## Exit codes"))
    }
    assert stated == {int(code): meaning for code, meaning in MEANINGS.items()}
    local = rows(section("operations.md", "## When something is wrong here"))
    assert {code.strip("`"): meaning for code, meaning in local} == local_errors.CODES
    assert config.reference() in (ROOT / "docs" / "reference" / "config.md").read_text()


def test_every_fault_of_a_certificate_is_explained_and_no_other() -> None:
    stated = {
        code.strip("`"): meaning
        for code, meaning in rows(section("certificates.md", "## Refusals"))
    }
    assert stated == FAULTS
    steps = section("certificates.md", "## How to verify")
    assert set(re.findall(r"`([a-z]+_[a-z_]+)`", steps)) == set(FAULTS)


def test_documents_that_code_names_exist() -> None:
    named = {
        document
        for folder in ("protocols", "p2pnode", "cli", "verifier", "tests", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        for document in re.findall(r"docs/[a-z0-9/-]*\w\.md", path.read_text())
    }
    assert named
    assert sorted(one for one in named if not (ROOT / one).is_file()) == []


def test_every_test_that_operations_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", section("operations.md", "## Bad input and faults")))
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert named
    assert sorted(named - set(re.findall(r"def (test_\w+)\(", tests))) == []


def test_every_test_that_the_table_of_cases_names_exists() -> None:
    text = (ROOT / "docs" / "testing.md").read_text()
    named = set(re.findall(r"\btest_\w+", text[text.index("## From cases to tests") :]))
    paths = list((ROOT / "tests").rglob("test_*.py"))
    there = {path.stem for path in paths}
    for path in paths:
        there.update(re.findall(r"def (test_\w+)\(", path.read_text()))
    assert named
    assert sorted(named - there) == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        place = path if not file else path.parent / file
        assert place.exists(), f"{path.name}: {target}"
        if anchor:
            assert anchor in anchors(place), f"{path.name}: {target}"


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as forges make them."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize(
    ("heading", "package"),
    [
        ("## The core", "protocols/p2pnode_protocols"),
        ("## The node", "p2pnode"),
        ("## The commands", "cli/p2pnode_cli"),
    ],
)
def test_architecture_has_a_line_for_every_module(heading: str, package: str) -> None:
    tables = re.findall(
        r"^\| module \| concept \|\n.*\n((?:\|.*\n)+)",
        section("architecture.md", heading),
        re.MULTILINE,
    )
    listed = [
        name for table in tables for name in re.findall(r"^\| `(\S+)` \|", table, re.MULTILINE)
    ]
    root = ROOT / package
    there = [
        path.relative_to(root).with_suffix("").as_posix()
        for path in root.rglob("*.py")
        if path.name != "__init__.py" and "practices" not in path.parent.parts
    ]
    assert sorted(listed) == sorted(there)


def test_every_decision_says_since_when_it_holds_and_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    listed = re.findall(r"^\d+\. \[.*\]\((.*)\)$", (folder / "README.md").read_text(), re.MULTILINE)
    paths = sorted(folder.glob("0*.md"))
    assert listed == [path.name for path in paths]
    dated = re.compile(r"^Status: \w+, \d{4}-\d\d-\d\d\b", re.MULTILINE)
    assert [path.name for path in paths if not dated.search(path.read_text())] == []


def test_quick_start_holds_two_commands_of_dev_py() -> None:
    readme = (ROOT / "README.md").read_text()
    section = readme.partition("## Quick start")[2].partition("\n## ")[0]
    blocks = re.findall(r"```\w*\n(.*?)```", section, re.DOTALL)
    assert [block.strip().splitlines() for block in blocks] == [
        ["python3 dev.py demo"],
        ["python3 dev.py test"],
    ]


def test_the_root_holds_what_the_project_is_made_of_and_nothing_that_a_test_wrote() -> None:
    held = {one.name for one in ROOT.iterdir() if one.is_file() and not one.name.startswith(".")}
    assert held == {"CHANGELOG.md", "LICENSE", "README.md", "dev.py", "pyproject.toml"}
