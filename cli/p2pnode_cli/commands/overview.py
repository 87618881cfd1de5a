"""status: what needs my vote, what is going on, whether decisions can become final."""

from __future__ import annotations

from typing import TYPE_CHECKING

from p2pnode.hints import joined_steps

from ..document import Document
from ..session import Session, everywhere
from ..views import (
    committee_lines,
    counted,
    joining_words,
    label,
    outcome_words,
    proposal_table,
    reference,
    short_id,
    show_remaining,
    titled,
)
from .checking import quorum_steps
from .keeping import show_binding_ways
from .own import show_refused

if TYPE_CHECKING:
    from ..terminal import Row

_LISTED = 8  # lines per list: the whole of it must fit a small terminal
_LATELY = 3
_MOST = 100  # rows that are asked for beyond these


def show_status(session: Session) -> None:
    """Print the status; what bare `p2pnode` does."""
    status = session.api.get("status")
    session.print(status, lambda: _show(session, status))
    if session.options.as_json:
        session.shows_titles(status.subs("needs_my_vote"))


@everywhere
def status(session: Session) -> None:
    """What needs your vote, and whether decisions can become final.

    \b
    [bold]Examples[/]
      p2pnode status
      p2pnode status --json | jq '.needs_my_vote[].number'
    """
    show_status(session)


def _show(session: Session, status: Document) -> None:
    if status.text("state") == "halted":
        session.terminal.show("The store cannot be used, so nothing is signed or sent.")
    warnings = [
        one for one in status.subs("warnings") if one.text("name") not in {"quorum", "community"}
    ]  # those two are said in full with the rest
    critical = [one for one in warnings if one.text("severity") == "critical"]
    for warning in critical:  # what else there is to say may not count because of it
        _show_warning(session, warning)
    if critical:
        session.terminal.show("")
    refused = status.subs("refused_ops")
    if refused:
        show_refused(session, refused, status.count("refused_ops_total"))
        session.terminal.note("once you know of them: p2pnode ops --seen")
        session.terminal.show("")
    joining = status.maybe_sub("joining")
    if joining is not None and joining.text("stage") == "unbound":
        _show_unbound(session, joining)
        return
    _show_state(session, status, is_well=not critical)
    for warning in warnings:
        if warning not in critical:
            _show_warning(session, warning)


def _show_state(session: Session, status: Document, *, is_well: bool) -> None:
    match status.text("state"):
        case "idle" if is_well:
            _show_idle(session)
        case "joining":
            _show_joining(session, status)
        case "halted":
            session.terminal.note("It goes on by itself once that is put right.")
        case "removed":
            session.terminal.note("You can still read: p2pnode decisions")
        case "idle":
            pass
        case _:
            _show_votes(session, status)
            _show_lately(session, _show_provisional(session, status))
            _show_community(session, status)


def _show_idle(session: Session) -> None:
    session.terminal.show("This node belongs to no community yet.")
    session.terminal.note('Begin one:   p2pnode found "Our allotment" --name YOU')
    session.terminal.note("Or join one: p2pnode join LINK --name YOU")


def _show_joining(session: Session, status: Document) -> None:
    terminal, joining = session.terminal, status.sub("joining")
    community, name = status.maybe_sub("community"), short_id(joining.text("community"))
    if community is not None:  # its charter is here
        name = f"{community.text('name')} ({name})"
    rows: list[Row] = [("joining", name)]
    rows.append((joining.text("stage").replace("_", " "), joining.text("detail")))
    rows += _by_error(joining.subs("addresses"))
    terminal.show(terminal.fields(rows))
    if joining.text("stage") == "refused":
        terminal.note("Join anew, with a new invite: p2pnode join LINK --name NAME")
    else:
        terminal.note(joining_words(joining.text("stage")))
    terminal.note("To give it up: p2pnode join --give-up")


def _show_unbound(session: Session, joining: Document) -> None:
    terminal = session.terminal
    terminal.show(joining.text("detail"))
    code = joining.maybe_text("binding")
    if code is not None:
        terminal.show("Pass this line on:")
        terminal.whole(code)
        show_binding_ways(session, code)
    terminal.show(terminal.fields(_by_error(joining.subs("addresses"))))
    terminal.note("It goes on by itself, and after restarts, until it is bound.")


def _by_error(addresses: list[Document]) -> list[Row]:
    """Return a line for each kind of trouble, with the addresses that have it."""
    found: dict[str, list[str]] = {}
    for one in addresses:
        address = one.text("address")
        error = (one.maybe_text("error") or "no trouble so far").removeprefix(f"{address}: ")
        found.setdefault(error, []).append(address)
    return [
        ("tried", f"{tried[0] if len(tried) == 1 else f'{len(tried)} addresses'}: {error}")
        for error, tried in found.items()
    ]


def _show_votes(session: Session, status: Document) -> None:
    terminal = session.terminal
    waiting = status.subs("needs_my_vote")
    if not waiting:
        terminal.show("nothing needs your vote")
    else:
        terminal.show(terminal.heading(f"needs your vote ({len(waiting)})"))
        _show_asked(session, waiting[:_LISTED])
        if len(waiting) > _LISTED:
            more = f"… and {len(waiting) - _LISTED} more: p2pnode decisions --needs-my-vote"
            terminal.show(terminal.here(more))
        first = reference(waiting[0])
        terminal.note(f"read one: p2pnode show {first}")
        terminal.note(f"then vote yes, no or aside: p2pnode vote {first} CHOICE")
    asked = {one.text("id") for one in waiting}
    others = [
        one
        for one in session.api.every("proposals", query={"state": "open"}).subs("items")
        if one.text("id") not in asked
    ]
    if others:
        terminal.show("")
        terminal.show(terminal.heading(f"also open ({len(others)})"))
        terminal.show(proposal_table(session, others[:_LISTED]))
        session.shows_titles(others[:_LISTED])


def _show_asked(session: Session, waiting: list[Document]) -> None:
    now_ms = session.now_ms()
    table = session.terminal.table("id", "tier", "title", "closes", grow="title")
    for one in waiting:
        closes_ms = one.time_ms("closes_at")
        closes = "" if closes_ms is None else show_remaining(closes_ms, now_ms)
        table.add_row(label(one), one.text("tier"), titled(session, one), closes)
    session.terminal.show(table)
    session.shows_titles(waiting)


def _show_provisional(session: Session, status: Document) -> int:
    """Print what is decided by what this node has seen, and is not final; return how much it is.

    It stands apart: what others have said meanwhile may turn it.
    """
    found = session.api.every("proposals", query={"state": "provisional"}).subs("items")
    if not found:
        return 0
    terminal = session.terminal
    terminal.show("")
    terminal.show(terminal.heading(f"not final yet ({len(found)})"))
    terminal.show(proposal_table(session, found[:_LISTED]))
    session.shows_titles(found[:_LISTED])
    committee = status.maybe_sub("committee")
    if committee is not None and not committee.flag("can_finalize"):
        terminal.note(
            "Too few nodes are in reach: it counts only if others have it before it closes."
        )
    return len(found)


def _show_lately(session: Session, provisional: int) -> None:
    """Print what was decided for good; `provisional`: how many others may stand in that list."""
    found = session.api.get("decisions", query={"limit": _LATELY + min(provisional, _MOST)})
    decided = [one for one in found.subs("items") if one.text("grade") == "final"][:_LATELY]
    if not decided:
        return
    session.terminal.show("")
    session.terminal.show(session.terminal.heading("decided lately"))
    table = session.terminal.table("id", "tier", "title", "votes", "outcome", grow="title")
    table.show_header = False
    for one in decided:
        counts = one.sub("tally")
        table.add_row(
            label(one),
            one.text("tier"),
            titled(session, one),
            f"{counts.count('yes')}:{counts.count('no')}/{counts.count('electorate')}",
            outcome_words(session, one),
        )
    session.terminal.show(table)


def _show_community(session: Session, status: Document) -> None:
    terminal = session.terminal
    community, epoch, log = (
        status.maybe_sub("community"),
        status.maybe_sub("epoch"),
        status.maybe_sub("log"),
    )
    member = status.maybe_sub("member")
    rows: list[Row] = []
    if community is not None:
        rows.append(
            (
                "community",
                f"{community.text('name')} ({short_id(community.text('id'))}), "
                f"{counted(community.count('members'), 'member')}{_with_node(status)}",
            )
        )
    if community is not None:
        rows += [
            ("rebuilt", one.text("text").removeprefix("rebuilt "))
            for one in community.subs("rebuilds")
        ]
    if member is not None:
        away = ", away: your node is off the committee" if member.flag("away") else ""
        rows.append(("you", f"{member.text('name')}{away}"))
    if epoch is not None and log is not None:
        pending = status.count("pending_ops")
        # Votes and questions, this member's or others', that wait for their place in it.
        more = f"; {counted(pending, 'operation')} not final yet" if pending else ""
        committee = status.maybe_sub("committee")
        if pending and committee is not None and not committee.flag("can_finalize"):
            more += "; by when others must have yours: p2pnode ops"
        rows.append(
            (
                "record",
                f"epoch {epoch.count('number')}, {counted(log.count('index'), 'commit')}{more}",
            )
        )
    committee = status.maybe_sub("committee")
    if committee is not None:
        rows.extend(committee_lines(committee, session.now_ms()))
    terminal.show("")
    terminal.show(terminal.fields(rows))
    for step in quorum_steps(status)[1:]:  # the first shows who is missing, as it does here
        terminal.note(step)


def _with_node(status: Document) -> str:
    """Return how many of the members have a node on the committee, where not all have one."""
    community, committee = status.sub("community"), status.maybe_sub("committee")
    if committee is None or committee.count("size") == community.count("members"):
        return ""
    return f", {committee.count('size')} of them with a node on the committee"


def _show_warning(session: Session, warning: Document) -> None:
    from rich.text import Text  # noqa: PLC0415

    terminal = session.terminal
    following = " — or: ".join(joined_steps(terminal.steps_here(warning.texts("next"))))
    terminal.show(
        Text.assemble(
            terminal.state(warning.text("severity")),
            f": {terminal.here(warning.text('detail'))}",
            f" — {following}" if following else "",
        )
    )
