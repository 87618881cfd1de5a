"""ops: what was said here and does not count, yet or at all."""

from __future__ import annotations

from typing import Annotated

import typer

from p2pnode.hints import joined_steps

from ...arguments import Grade, Wait, whole_seconds
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, everywhere
from ...receipts import waiting_op_words
from ...shown.document import Document
from ...views import short_id


@everywhere
def ops(
    invocation: Invocation,
    everything: Annotated[
        bool, typer.Option("--all", help="Those as well that you have said you know of.")
    ] = False,
    seen: Annotated[
        bool, typer.Option("--seen", help="You know of the refused ones: status drops them.")
    ] = False,
) -> None:
    """What you said that is on its way, and what was refused and why.

    Whatever was accepted here gets into the record or stands in this list,
    over restarts too. The status shows the refused ones until you say that
    you know.

    \b
    [bold]Examples[/]
      p2pnode ops
      p2pnode ops --seen
    """
    query = {"all": True if everything else None}
    found = invocation.api.every("ops", query=query, rows="refused")
    invocation.print(found, lambda: _show(invocation, found))
    refused = found.subs("refused")
    if seen and refused:
        # Those that were shown, and no others: more may have come meanwhile.
        invocation.api.post("ops", "seen", body={"ops": [one.text("op") for one in refused]})
        invocation.terminal.note("the status shows these no more; p2pnode ops --all does")
    elif refused and not everything:
        invocation.terminal.note("once you know of them: p2pnode ops --seen")


@everywhere
def hurry(invocation: Invocation, wait: Wait = None) -> None:
    """Make final at once what you said and what would wait for company.

    What is said without --wait waits, for a minute as a rule, so that many
    votes make one round of blocks. Nodes that make blocks are asked to begin.

    \b
    [bold]Examples[/]
      p2pnode hurry
      p2pnode hurry --wait
    """
    query: dict[str, str | int | bool | None] = {}
    if wait is not None:
        query = {"wait": str(wait), "timeout": whole_seconds(invocation)}
    found = invocation.api.post("ops", "hurry", query=query)
    invocation.print(found, lambda: _show(invocation, found))
    if wait is Grade.FINAL and found.subs("waiting"):
        raise Failure(
            Exit.TIMED_OUT,
            "timeout",
            f"not final after {invocation.timeout_s:g} s",
            why="It is safe on this node's disk and goes on by itself; nothing has to be repeated.",
            tries=("p2pnode status",),
        )


def _show(invocation: Invocation, found: Document) -> None:
    terminal = invocation.terminal
    waiting, refused = found.subs("waiting"), found.subs("refused")
    if not waiting and not refused:
        terminal.show("Everything you said here is in the record.")
        return
    if waiting:
        terminal.show(terminal.heading(f"on its way ({len(waiting)})"))
        for one in waiting:
            # Of the whole list: without a quorum nothing of it is made final.
            said = Document({**one.raw, "can_finalize": found.flag("can_finalize")})
            words = waiting_op_words(invocation, said)
            terminal.show(f"your {one.text('what')} ({short_id(one.text('op'))}): {words}")
    if refused:
        show_refused(invocation, refused, found.count("refused_total"))


def show_refused(invocation: Invocation, refused: list[Document], total: int) -> None:
    """Print own ops that do not count: what each was, why, and what to do."""
    terminal = invocation.terminal
    terminal.show(terminal.heading(f"of yours, refused ({total})"))
    for one in refused:
        terminal.show(f"your {one.text('what')}: {one.text('detail')} [{one.text('code')}]")
        for step in joined_steps(terminal.steps_here(one.texts("next"))):
            terminal.note(f"  {step}")
