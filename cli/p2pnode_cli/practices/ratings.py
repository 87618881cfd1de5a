"""rate, ratings: what matters."""

from __future__ import annotations

from typing import Annotated

import typer

from ..arguments import DryRun, Wait, write_query
from ..invocation import Invocation, everywhere
from ..receipts import finish
from ..shown.document import Document
from ..views import titled
from . import Commands

_WHOLE = 1 << 20  # what a rating of this moment weighs
_NOT_FINAL = {"queued": " (not final yet)", "leaving": " (taken back, not final yet)"}


@everywhere
def rate(
    invocation: Invocation,
    item: Annotated[str, typer.Argument(metavar="ITEM", help="A proposal: its number, or its id.")],
    off: Annotated[bool, typer.Option("--off", help="Take it back.")] = False,
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Say that something matters: what many have rated lately stands on top.

    A rating weighs half as much after each half life of the charter. There is
    no minus: what is wrong with a proposal is said by a vote.

    \b
    [bold]Examples[/]
      p2pnode rate 12
      p2pnode rate 12 --off
    """
    body = {"item": item, "on": not off}
    query = write_query(invocation, wait, dry_run)
    receipt = invocation.api.post("ratings", body=body, query=query)
    finish(invocation, receipt, "taken back" if off else "rated", wait, about=item)


@everywhere
def ratings(invocation: Invocation) -> None:
    """List what is rated, what matters most first.

    \b
    [bold]Examples[/]
      p2pnode ratings
      p2pnode ratings --json | jq '.items[0].title'
    """
    found = invocation.api.get("ratings")
    invocation.print(found, lambda: _show(invocation, found))


def _show(invocation: Invocation, found: Document) -> None:
    items = found.subs("items")
    if not items:
        invocation.terminal.show("nothing is rated; `p2pnode rate ITEM` says that it matters")
        return
    table = invocation.terminal.table("proposal", "title", "outcome", "weight", "by", grow="title")
    for one in items:
        proposal = one.maybe_sub("proposal")
        number = None if proposal is None else proposal.maybe_count("number")
        names = [
            rater.sub("person").text("name") + _NOT_FINAL.get(rater.text("state"), "")
            for rater in one.subs("raters")
        ]
        table.add_row(
            "–" if number is None else f"#{number}",
            f"({one.text('item')[:8]})" if proposal is None else titled(invocation, proposal),
            "–" if proposal is None else proposal.text("outcome"),
            f"{one.count('weight') / _WHOLE:.2f}",
            ", ".join(names),
        )
    invocation.terminal.show(table)


COMMANDS: Commands = (("Decide", "rate", rate), ("Decide", "ratings", ratings))
