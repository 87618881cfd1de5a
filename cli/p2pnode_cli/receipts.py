"""What a command that signed something says afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arguments import Grade
from .exits import Exit
from .failures import Failure
from .invocation import Invocation
from .shown.document import Document
from .shown.spans import show_closing
from .views import (
    concerned_rows,
    effect_rows,
    label,
    outcome_words,
    reference,
    short_id,
    tally,
    title,
)

SOON_MS = 2_000  # nobody hurries what takes no longer

if TYPE_CHECKING:
    from .shown.terminal import Row, Words


def finish(
    invocation: Invocation, receipt: Document, did: str, wait: Grade | None, about: str = ""
) -> None:
    """Print the receipt: what was done, how certain it is, how the proposal stands.

    Args:
        did: past tense, in front of the proposal: "voted yes on".
        about: what to name where the receipt has no proposal: a dry run makes none.

    Raises:
        Failure: `timeout`, it was waited for and is not final yet.
    """
    proposal = receipt.maybe_sub("proposal")
    invocation.print(receipt, lambda: _show(invocation, receipt, proposal, did, about))
    if proposal is not None and did in {"proposed", "revised", "invited"}:
        # One's own text needs no second look before one votes on it.
        invocation.shows_text(proposal)
    elif proposal is not None:
        invocation.shows_titles([proposal])
    require_in_time(invocation, receipt)


def require_in_time(invocation: Invocation, receipt: Document) -> None:
    """Raise `Failure` `timeout` when what was waited for is not final yet."""
    proposal = receipt.maybe_sub("proposal")
    if receipt.raw.get("timed_out") is True:
        raise Failure(
            Exit.TIMED_OUT,
            "timeout",
            f"not final after {invocation.timeout_s:g} s",
            why="It is safe on this node's disk and goes on by itself; nothing has to be repeated.",
            tries=(
                "p2pnode status" if proposal is None else f"p2pnode explain {reference(proposal)}",
            ),
        )


def _show(
    invocation: Invocation, receipt: Document, proposal: Document | None, did: str, about: str
) -> None:
    from rich.text import Text  # noqa: PLC0415 (only when people read)

    terminal = invocation.terminal
    is_dry = receipt.text("state") == "dry_run"
    if proposal is not None:
        about = f"{label(proposal)}  {title(proposal)}"
    if is_dry:
        is_going_on = did.split(maxsplit=1)[0].rstrip(":").endswith("ing")  # leaving, coming back
        terminal.show(Text(f"would {'be' if is_going_on else 'have'} {did} {about}".rstrip()))
        terminal.show("Nothing was signed (--dry-run); the rules allow it.")
    else:
        terminal.show(Text(f"{did} {about}".rstrip()))
    action = receipt.maybe_sub("action") if proposal is None else proposal.sub("action")
    rows: list[Row] = [] if action is None else effect_rows(invocation, action)
    if did == "withdrew":  # it happens no more
        rows = [("dropped", words) for _, words in rows]
    if not is_dry:
        rows.append(("receipt", _certainty(invocation, receipt)))
    rows += _former_vote(receipt)
    if proposal is not None:
        rows.append(
            ("now", Text.assemble(outcome_words(invocation, proposal), f", {tally(proposal)}"))
        )
        rows += concerned_rows(proposal)
    terminal.show(terminal.fields(rows))
    if proposal is not None and not is_dry:
        terminal.note(f"see: p2pnode show {reference(proposal)}")


def _certainty(invocation: Invocation, receipt: Document) -> Words:
    from rich.text import Text  # noqa: PLC0415

    proposal = receipt.maybe_sub("proposal")
    op = receipt.maybe_text("op")
    name = "" if op is None else f" ({short_id(op)})"
    if receipt.text("state") == "final" and receipt.maybe_text("code") is None:
        where = "in a part of the log that this node does not have"
        return Text.assemble(invocation.terminal.state("final"), f": {where}{name}")
    replacing = receipt.maybe_text("replaced_by")
    if replacing is not None and receipt.text("state") == "final":
        return Text.assemble(
            invocation.terminal.state("final"),
            f": but not counted{name}; {replaced_words(replacing)}",
        )
    if receipt.text("state") == "final":
        return Text.assemble(invocation.terminal.state("final"), f": everyone will count it{name}")
    return Text.assemble(
        invocation.terminal.state("queued"),
        f": safe on this node's disk{name}; {_deadline(invocation, receipt, proposal)}",
        waiting_words(invocation, receipt),
        f"; but {replaced_words(replacing)}" if replacing is not None else "",
    )


def replaced_words(choice: str) -> str:
    """Return which vote of one's own seat counts in place of another one."""
    return (
        f"another device of your seat, or another command, voted {choice} as well, and that came "
        "after it"
    )


def _former_vote(receipt: Document) -> list[Row]:
    """Return which vote of the seat this one replaces; no row where there is none."""
    choice, device = receipt.maybe_text("replaces"), receipt.maybe_text("replaces_device")
    if choice is None:
        return []
    whose = f"the {choice} that another device of your seat said ({short_id(device or '')})"
    return [("replaces", whose if device is not None else f"your {choice} of before")]


def _deadline(invocation: Invocation, said: Document, about: Document | None) -> str:
    """Return by when it has to reach others, where nobody can say that it will; else nothing.

    Args:
        said: with `can_finalize`.
        about: with `counts_until`; None: there is no such time.
    """
    now_ms = invocation.now_ms()
    until_ms = None if about is None else about.time_ms("counts_until")
    if said.raw.get("can_finalize") is not False or until_ms is None or until_ms <= now_ms:
        return ""
    return f"it counts only if others have it before the close, {show_closing(until_ms, now_ms)}; "


def waiting_op_words(invocation: Invocation, op: Document) -> str:
    """Return what an own op waits for, as `waiting_words`, and by when others must have it."""
    replacing = op.maybe_text("replaced_by")
    replaced = "" if replacing is None else f"; but {replaced_words(replacing)}"
    return f"{_deadline(invocation, op, op)}{waiting_words(invocation, op)}{replaced}"


def waiting_words(invocation: Invocation, said: Document) -> str:
    """Return when nodes begin to make final what waits, and how to hurry it.

    How long they take then depends on who is there: nobody can promise when it will be final.
    """
    due_ms, now_ms = said.time_ms("due_at"), invocation.now_ms()
    if said.raw.get("can_finalize") is False:
        return invocation.terminal.here(
            "final only once enough of the others' nodes take part with this one: p2pnode status"
        )
    if due_ms is None or due_ms - now_ms < SOON_MS:
        return "being made final now"
    return invocation.terminal.here(
        f"nodes begin to make it final {show_closing(due_ms, now_ms)} at the latest, with what "
        "else is said; at once: p2pnode hurry"
    )
