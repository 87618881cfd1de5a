"""decisions, show, explain: reading what was and is being decided."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from p2pnode_protocols.wire.errors import CODES

from ...arguments import ProposalRef, Wait, read_whole, whole_seconds
from ...asked.seen import seen
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, everywhere
from ...shown.document import Document
from ...shown.spans import show_closing
from ...views import (
    REASON_CHARS,
    effect_rows,
    label,
    numbered,
    outcome_words,
    people,
    person,
    proposal_fields,
    proposal_table,
    reference,
    shorten,
    tally,
    title,
    told_apart,
    words_of,
)

if TYPE_CHECKING:
    from ...shown.terminal import Row

_ROWS = 20  # of a list, unless told otherwise


class Outcome(StrEnum):
    OPEN = "open"
    PASSED = "passed"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


@everywhere
def decisions(
    invocation: Invocation,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS]...", help="Words in the title.")
    ] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only what is still open.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="What is open as well as what is decided.")
    ] = False,
    needs_my_vote: Annotated[
        bool, typer.Option("--needs-my-vote", help="Only what waits for your vote.")
    ] = False,
    outcome: Annotated[
        Outcome | None, typer.Option("--outcome", help="Only what ended like this.")
    ] = None,
    tier: Annotated[str | None, typer.Option("--tier", "-t", metavar="TIER")] = None,
    limit: Annotated[
        int,
        typer.Option(
            "--limit", parser=read_whole(1, 200), metavar="NUMBER", help="Newest first; up to 200."
        ),
    ] = _ROWS,
    cursor: Annotated[
        str | None, typer.Option("--cursor", metavar="TEXT", help="Go on where a list ended.")
    ] = None,
) -> None:
    """List what has been decided, newest first.

    \b
    [bold]Examples[/]
      p2pnode decisions
      p2pnode decisions shed paint --outcome passed
    """
    if (open_only or needs_my_vote) and outcome not in (None, Outcome.OPEN):
        option = "--open" if open_only else "--needs-my-vote"
        raise Failure(
            Exit.USAGE,
            "bad_argument",
            f"{option} and --outcome {outcome} exclude each other: what is open has no outcome yet",
            tries=(f"p2pnode decisions --outcome {outcome}", f"p2pnode decisions {option}"),
        )
    if open_only and everything:
        raise Failure(
            Exit.USAGE,
            "bad_argument",
            "--open and --all exclude each other",
            tries=("p2pnode decisions --open", "p2pnode decisions --all"),
        )
    query: dict[str, str | int | bool | None] = {
        "cursor": cursor,
        "limit": limit,
        "outcome": outcome,
        "tier": tier,
    }
    if open_only or everything or needs_my_vote or outcome is Outcome.OPEN:
        state = "all" if everything else "open"
        query |= {"state": state, "needs_my_vote": True if needs_my_vote else None}
        found = invocation.api.get(
            "proposals", query=query | {"query": " ".join(words or []) or None}
        )
    else:
        query["query"] = " ".join(words or []) or None
        found = invocation.api.get("decisions", query=query)
    asked = [shlex.quote(one) for one in words or []]
    flags = {"--open": open_only, "--all": everything, "--needs-my-vote": needs_my_vote}
    asked += [option for option, is_given in flags.items() if is_given]
    asked += [] if outcome is None else [f"--outcome {outcome}"]
    asked += [] if tier is None else [f"--tier {shlex.quote(tier)}"]
    asked += [] if limit == _ROWS else [f"--limit {limit}"]
    invocation.print(found, lambda: _show_list(invocation, found, asked))
    invocation.shows_titles(found.subs("items"))


def _show_list(invocation: Invocation, found: Document, asked: Sequence[str]) -> None:
    """Print a list; `asked`: what was typed for it, to go on with."""
    items = found.subs("items")
    if not items:
        invocation.terminal.show("nothing found")
        invocation.terminal.note("what is open: p2pnode decisions --open")
        return
    invocation.terminal.show(proposal_table(invocation, items))
    following = found.maybe_text("next_cursor")
    if following is not None:
        command = " ".join(["p2pnode decisions", *asked, "--cursor", shlex.quote(following)])
        invocation.terminal.note_whole(invocation.terminal.here(f"more: {command}"))


@everywhere
def show(
    invocation: Invocation,
    proposal: ProposalRef,
    diff: Annotated[
        bool, typer.Option("--diff", help="What has changed since the text you last saw.")
    ] = False,
    parts: Annotated[
        bool, typer.Option("--parts", help="Each paragraph and heading with its number.")
    ] = False,
    wait: Wait = None,
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code",
            help="Exit 0 passed and final, 10 rejected, 11 undecided, 12 lapsed.",
        ),
    ] = False,
) -> None:
    """Show one proposal: text, votes, and how they are counted.

    \b
    [bold]Examples[/]
      p2pnode show 12
      p2pnode show 12 --wait=final --exit-code && ./deploy.sh
    """
    query: dict[str, str | int | bool | None] = {}
    if wait is not None:
        query = {"wait": str(wait), "timeout": whole_seconds(invocation)}
    found = invocation.api.get("proposals", proposal, query=query)
    revisions = found.subs("revisions")
    before = seen(invocation.paths.state_dir, found.text("id")).last
    if diff and not invocation.options.as_json:
        _show_diff(invocation, found, revisions, before)
    else:
        invocation.print(found, lambda: _show_proposal(invocation, found, by_parts=parts))
    if revisions[-1].flag("arrived"):
        invocation.shows_text(found)
    else:
        invocation.shows_titles([found])
    if found.raw.get("timed_out") is True:
        raise Failure(
            Exit.TIMED_OUT,
            "timeout",
            f"{label(found)} is not {wait} after {invocation.timeout_s:g} s",
            tries=(f"p2pnode explain {reference(found)}",),
        )
    if exit_code:
        raise typer.Exit(_exit_of(found))


def _exit_of(found: Document) -> Exit:
    match found.text("grade"), found.text("outcome"):
        case "final", "passed":
            return Exit.DONE
        case "final", "rejected" | "withdrawn":
            return Exit.REJECTED
        case "final", "lapsed":
            return Exit.LAPSED
        case _:
            return Exit.UNDECIDED


def _show_proposal(invocation: Invocation, found: Document, *, by_parts: bool) -> None:
    from rich.text import Text  # noqa: PLC0415 (only when people read)

    terminal = invocation.terminal
    terminal.show(Text(f"{label(found)}  {title(found)}", style="bold"))
    rows = proposal_fields(invocation, found)
    revisions = found.subs("revisions")
    if len(revisions) > 1:
        rows.append(("revision", f"{len(revisions)}; votes on earlier ones do not count"))
    terminal.show(terminal.fields(rows))
    text = numbered(revisions[-1]) if by_parts else words_of(revisions[-1])
    if text:
        terminal.show("", text.rstrip())
    _show_ballots(invocation, found, len(revisions))
    if found.text("grade") != "final":
        terminal.note(f"why it stands like this: p2pnode explain {reference(found)}")


def _show_ballots(invocation: Invocation, found: Document, newest: int) -> None:
    terminal = invocation.terminal
    votes, missing = found.subs("votes"), found.subs("missing")
    called = told_apart([*(one.sub("member") for one in votes), *missing])
    terminal.show("")
    if votes:
        table = terminal.table("member", "vote", "certainty", "reason")
        table.columns[3].no_wrap = False
        for one in votes:
            remark = shorten(one.maybe_text("reason") or "", REASON_CHARS)
            if one.count("revision") != newest:
                remark = f"(on revision {one.count('revision')}, not counted) {remark}".rstrip()
            elif not one.flag("counted"):
                remark = f"(not counted) {remark}".rstrip()
            if one.flag("elsewhere"):
                remark = f"(said on another device of yours) {remark}".rstrip()
            table.add_row(
                called[one.sub("member").text("id")],
                terminal.state(one.text("choice")),
                terminal.state(one.text("state")),
                remark,
            )
        terminal.show(table)
    told: set[str] = set()
    is_final = found.text("grade") == "final"
    for one in found.subs("refused_votes"):
        who = one.sub("member")
        told.add(who.text("id"))
        said = f"{called.get(who.text('id'), person(who))} ({one.text('choice')})"
        terminal.show(f"{_why_refused(one, newest, is_final)}: {said}")
    # Of others only their counted votes are known here: one may have come too late.
    word = "not voted" if found.text("outcome") == "open" else "no vote counted"
    if found.text("outcome") == "open":
        told = set()  # they are asked still
    names = sorted(called[one.text("id")] for one in missing if one.text("id") not in told)
    if names:
        terminal.show(f"{word}: {', '.join(names)}")


def _why_refused(vote: Document, newest: int, is_final: bool) -> str:
    """Return in front of a vote that is not counted what is the matter with it."""
    code, number = vote.text("code"), vote.maybe_count("revision")
    on = f" on revision {number}" if number is not None and newest > 1 else ""
    match code:
        case "closed" if not is_final:  # blocks of others may hold it from before the close
            return f"perhaps too late to count{on}"
        case "closed" | "already_decided":
            return f"came too late to count{on}"
        case "superseded_revision":
            return f"came{on or ' on a text'} when that had been replaced"
        case _:
            return f"vote refused{on}, {CODES.get(code, '')} [{code}]"


def _show_diff(
    invocation: Invocation, found: Document, revisions: list[Document], before: str | None
) -> None:
    known = [one.text("id") for one in revisions]
    newest = len(revisions) - 1
    older = known.index(before) if before in known else newest
    if older == newest:
        older = max(newest - 1, 0)
    if older == newest:
        invocation.terminal.show(f"{label(found)} has only one revision.")
        return
    lines = difflib.unified_diff(
        _lines_of(revisions[older]),
        _lines_of(revisions[newest]),
        f"revision {revisions[older].count('number')}",
        f"revision {revisions[newest].count('number')}",
        lineterm="",
    )
    for line in lines:
        invocation.terminal.show(line)
    invocation.terminal.note(f"vote on it: p2pnode vote {reference(found)} CHOICE")


def _lines_of(revision: Document) -> list[str]:
    text = words_of(revision)
    return [title(revision), *([] if text is None else ["", *text.splitlines()])]


@everywhere
def explain(invocation: Invocation, proposal: ProposalRef) -> None:
    """Why it stands as it does: what is missing, and whose.

    \b
    [bold]Examples[/]
      p2pnode explain 12
      p2pnode explain 12 --json | jq '.reasons[].code'
    """
    found = invocation.api.get("proposals", proposal, "explanation")
    invocation.print(found, lambda: _show_explanation(invocation, found))
    invocation.shows_titles([found.sub("proposal")])


def _show_explanation(invocation: Invocation, found: Document) -> None:
    from rich.text import Text  # noqa: PLC0415

    terminal, now_ms = invocation.terminal, invocation.now_ms()
    proposal = found.sub("proposal")
    terminal.show(Text(f"{label(proposal)}  {title(proposal)}", style="bold"))
    rows: list[Row] = [
        *effect_rows(invocation, proposal.sub("action")),
        ("state", Text.assemble(outcome_words(invocation, proposal), f", {tally(proposal)}")),
        ("counts", found.prose("formula") or "–"),
    ]
    for number, reason in enumerate(found.subs("reasons")):
        at_ms = reason.time_ms("at")
        when = "" if at_ms is None else f", {show_closing(at_ms, now_ms)}"
        rows.append(
            ("because" if number == 0 else "", f"{terminal.here(reason.text('text'))}{when}")
        )
    earliest_ms = found.time_ms("earliest_at")
    if earliest_ms is not None and proposal.text("outcome") == "open":
        rows.append(("earliest", f"could be decided {show_closing(earliest_ms, now_ms)}"))
    finality = found.sub("finality")
    waits_for = finality.subs("waits_for")
    rows.append(("final?", terminal.here(finality.text("text"))))
    if waits_for:
        rows.append(("waits for", people(waits_for)))
    terminal.show(terminal.fields(rows))
