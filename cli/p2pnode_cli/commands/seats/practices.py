"""practices: which are in force, and putting a newer one into force."""

from __future__ import annotations

from typing import Annotated

import typer

from ...arguments import DryRun, Grade, Wait, write_query
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, everywhere
from ...receipts import finish
from ...shown.document import Document
from ..deciding.proposing import Choice

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the practice, such as ratings.")]
Title = Annotated[
    str | None, typer.Option("--title", metavar="TEXT", help="Default: the change itself.")
]
Text = Annotated[
    str | None, typer.Option("--text", metavar="TEXT", help="Why; the members read it.")
]
Vote = Annotated[Choice | None, typer.Option("--vote", help="Cast your own vote with it.")]


@everywhere
def practices(invocation: Invocation) -> None:
    """Show which practices are in force, and whose nodes can follow the next version.

    A practice is what a community can do beside asking and voting, such as
    rating what matters. It is in force once the community has decided so.

    \b
    [bold]Examples[/]
      p2pnode practices
      p2pnode practices add ratings --vote yes
    """
    found = invocation.api.get("practices")
    invocation.print(found, lambda: _show(invocation, found))


def _show(invocation: Invocation, found: Document) -> None:
    terminal = invocation.terminal
    table = terminal.table(
        "practice", "in force", "this program", "can follow next", "would stop", grow="would stop"
    )
    for one in found.subs("items"):
        ready, others = one.subs("ready"), one.subs("not_ready")
        table.add_row(
            one.text("name"),
            str(one.count("in_force") or "no"),
            str(one.count("here") or "lacks it"),
            f"{len(ready)} of {len(ready) + len(others)}, {one.count('needed')} needed",
            ", ".join(seat.text("name") for seat in others) or "nobody",
        )
    terminal.show(table)
    terminal.note("put one into force: p2pnode practices add NAME")


@everywhere
def add(
    invocation: Invocation,
    name: Name,
    title: Title = None,
    text: Text = None,
    vote: Vote = None,
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Propose to put a practice into force that is not.

    \b
    [bold]Examples[/]
      p2pnode practices add ratings --vote yes
      p2pnode practices add ratings --dry-run
    """
    if _version(invocation, name) > 0:
        raise Failure(
            Exit.CONFLICT,
            "bad_change",
            f"{name} is in force already",
            tries=(f"p2pnode practices raise {name}", "p2pnode practices"),
        )
    _propose(invocation, name, 1, title, text, vote, wait, dry_run=dry_run)


@everywhere
def raise_(
    invocation: Invocation,
    name: Name,
    title: Title = None,
    text: Text = None,
    vote: Vote = None,
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Propose to go over to the next version of a practice; there is no way back.

    Nodes without it stop at that decision, and go on with a newer program.

    \b
    [bold]Examples[/]
      p2pnode practices raise ratings --vote yes
      p2pnode practices raise ratings --dry-run
    """
    version = _version(invocation, name)
    if version == 0:
        raise Failure(
            Exit.CONFLICT,
            "bad_change",
            f"{name} is not in force",
            tries=(f"p2pnode practices add {name}", "p2pnode practices"),
        )
    _propose(invocation, name, version + 1, title, text, vote, wait, dry_run=dry_run)


def _version(invocation: Invocation, name: str) -> int:
    """Return the version in force; 0: none."""
    listed = invocation.api.get("practices").subs("items")
    return next((one.count("in_force") for one in listed if one.text("name") == name), 0)


def _propose(
    invocation: Invocation,
    name: str,
    version: int,
    title: str | None,
    text: str | None,
    vote: Choice | None,
    wait: Grade | None,
    *,
    dry_run: bool,
) -> None:
    changes = {f"practices.{name}": version}
    body = {"changes": changes, "text": text, "title": title, "vote": vote}
    receipt = invocation.api.post(
        "amendments", body=body, query=write_query(invocation, wait, dry_run)
    )
    finish(invocation, receipt, "proposed", wait, about=f"practices.{name}={version}")
