"""charter, amend: the rules of the community, and changing them."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Annotated

import typer

from ..arguments import DryRun, Wait, write_query
from ..document import Document
from ..exits import Exit
from ..failures import Failure
from ..receipts import finish
from ..session import Session, everywhere
from ..spans import parse_duration_ms, show_span
from ..views import plain
from .deciding import Choice


def read_changes(given: Sequence[str]) -> dict[str, object]:
    """Return charter changes of `PATH=VALUE` texts, values as the API takes them.

    Raises:
        Failure: `bad_change`, one that is not PATH=VALUE, twice the same, or no duration.
    """
    changes: dict[str, object] = {}
    for one in given:
        path, mark, value = one.partition("=")
        path = path.strip()
        if not mark or not path or path in changes:
            problem = "given twice" if path in changes else "not PATH=VALUE"
            raise Failure(
                Exit.USAGE,
                "bad_change",
                f"{one!r}: {problem}",
                tries=("tiers.tactical.threshold=2/3", "what can be set: p2pnode charter"),
            )
        try:
            changes[path] = _read_value(path, value.strip())
        except ValueError as error:
            raise Failure(Exit.USAGE, "bad_change", f"{path}: {error}") from None
    return changes


def _read_value(path: str, text: str) -> object:
    num, slash, den = text.partition("/")
    if slash and num.isdigit() and den.isdigit():
        return _ratio(int(num), int(den))
    if text.endswith("%") and text[:-1].isdigit():
        return _ratio(int(text[:-1]), 100)
    if text.lstrip("-").isdigit():
        return int(text)
    if text in {"true", "false"}:
        return text == "true"
    return parse_duration_ms(text) if path.endswith("_ms") else text


def _ratio(num: int, den: int) -> dict[str, int]:
    if den == 0:
        raise ValueError("a ratio has at least 1 under its line")
    common = gcd(num, den)
    return {"num": num // common, "den": den // common}


@everywhere
def charter(session: Session) -> None:
    """Show the rules, and how much agreement each decision needs.

    \b
    [bold]Examples[/]
      p2pnode charter
      p2pnode charter --json | jq '.amendable'
    """
    found = session.api.get("charter")
    session.print(found, lambda: _show_charter(session, found))


def _show_charter(session: Session, found: Document) -> None:
    terminal = session.terminal
    terminal.show(terminal.heading(found.text("name")))
    table = terminal.table("tier", "passes when", "open for", "at least", "floor")
    for tier in found.subs("tiers"):
        table.add_row(
            tier.text("name"),
            tier_words(tier),
            show_span(tier.count("window_ms")),
            show_span(tier.count("min_open_ms")) if tier.count("min_open_ms") else "–",
            plain(tier.sub("floor").raw),
        )
    terminal.show(table, "")
    rows = [("fault_model", found.text("fault_model"))]
    for group in ("rules", "timing"):
        for name, value in found.sub(group).pairs():
            shown = plain(value)
            if name.endswith("_ms") and isinstance(value, int):
                shown = f"{shown}  ({show_span(value)})"
            rows.append((f"{group}.{name}", shown))
    terminal.show(terminal.fields(rows))
    terminal.note("change one: p2pnode amend PATH=VALUE    all paths: --json, under amendable")


def tier_words(tier: Document) -> str:
    """Return the rule of a tier in a few words."""
    if tier.text("mode") == "objection":
        return "nobody objects"
    sign = ">" if tier.flag("strict") else "≥"
    base = "of the votes cast" if tier.text("base") == "cast" else "of all not standing aside"
    return f"yes {sign} {plain(tier.sub('threshold').raw)} {base}"


@everywhere
def amend(
    session: Session,
    changes: Annotated[
        list[str], typer.Argument(metavar="PATH=VALUE...", help="What to set, and to what.")
    ],
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="Default: the change itself.")
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="TEXT", help="Why; the members read it.")
    ] = None,
    vote: Annotated[
        Choice | None, typer.Option("--vote", help="Cast your own vote with it.")
    ] = None,
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Propose a change of the charter.

    Changing a threshold needs the higher of the old and the new one.

    \b
    [bold]Examples[/]
      p2pnode amend tiers.tactical.threshold=2/3 --vote yes
      p2pnode amend tiers.strategic.window_ms=14d --text "A week was too short."
    """
    body = {"changes": read_changes(changes), "text": text, "title": title, "vote": vote}
    query = write_query(session, wait, dry_run)
    receipt = session.api.post("amendments", body=body, query=query)
    finish(session, receipt, "proposed", wait, about=" ".join(changes))
