"""status: what needs my vote, what is going on, whether decisions can become final."""

from __future__ import annotations

from typing import TYPE_CHECKING

from p2pnode.hints import joined_steps

from ...failures import Failure
from ...invocation import Invocation, everywhere
from ...shown.document import Document
from ...views import (
    called_in,
    committee_lines,
    counted,
    joining_words,
    label,
    needs_words,
    outcome_words,
    proposal_table,
    reference,
    short_id,
    show_remaining,
    titled,
)
from ..deciding.own import show_refused
from .checking import quorum_steps
from .keeping import show_binding_ways

if TYPE_CHECKING:
    from ...shown.terminal import Row

_LISTED = 8  # lines per list: the whole of it must fit a small terminal
_LATELY = 3
_MOST = 100  # rows that are asked for beyond these


def show_status(invocation: Invocation) -> None:
    """Print the status; what bare `p2pnode` does.

    Of the community that was named; else of all of this home.
    """
    if invocation.named is not None:
        status = invocation.api.get("status")
        invocation.print(status, lambda: _show(invocation, status, status.subs("warnings")))
        shown = [status]
    else:
        node = invocation.node.get("node")
        shown = [one for line in node.subs("communities") if (one := _ask(invocation, line))]
        raw = {"communities": [one.raw for one in shown], "node": node.raw}
        found = Document({"schema": "p2pnode/overview/1", **raw})
        invocation.print(found, lambda: _show_all(invocation, node, shown))
    if invocation.options.as_json:
        invocation.shows_titles(one for status in shown for one in status.subs("needs_my_vote"))


def _ask(invocation: Invocation, line: Document) -> Document | None:
    """Return the status of a community; None: it does not run, or was left just now."""
    try:
        return invocation.node.of(line.text("id")).get("status")
    except Failure as failure:
        if line.maybe_text("trouble") is None and failure.code != "unknown_community":
            raise
        return None


@everywhere
def status(invocation: Invocation) -> None:
    """What needs your vote, and whether decisions can become final.

    Of several communities it shows what needs you in each, and of one that is
    named (-c) the whole.

    \b
    [bold]Examples[/]
      p2pnode status
      p2pnode status --json | jq '.communities[].needs_my_vote[].number'
    """
    show_status(invocation)


def _show_all(invocation: Invocation, node: Document, statuses: list[Document]) -> None:
    lines = node.subs("communities")
    if len(lines) == 1 and len(statuses) == 1:
        _show(invocation, statuses[0], node.subs("warnings"))
        return
    warnings = _told_apart(node.subs("warnings"))
    critical = [one for one in warnings if one.text("severity") == "critical"]
    for warning in critical:
        _show_warning_of_one(invocation, warning, lines)
    if critical:
        invocation.terminal.show("")
    if not lines and not critical:
        _show_idle(invocation)
    for at, one in enumerate(sorted(statuses, key=_urgency)):
        if at:
            invocation.terminal.show("")
        with invocation.terminal.about(called_in(_line_of(one, lines), lines)):
            _show_one_of_all(invocation, one, _line_of(one, lines))
    for warning in warnings:
        if warning not in critical:
            _show_warning_of_one(invocation, warning, lines)
    if lines:
        invocation.terminal.note("the whole of one: p2pnode status -c NAME")


def _show_warning_of_one(invocation: Invocation, warning: Document, lines: list[Document]) -> None:
    """Print what is to be looked at; what to do about it names the community, if it is of one."""
    about = [one for one in lines if one.raw["id"] == warning.raw.get("community")]
    if len(lines) < 2 or not about:
        _show_warning(invocation, warning)
        return
    with invocation.terminal.about(called_in(about[0], lines)):
        _show_warning(invocation, warning)


def _urgency(status: Document) -> bool:
    """Return whether nothing in it needs its member: such a one comes later."""
    return not (status.subs("needs_my_vote") or status.count("refused_ops_total"))


def _line_of(status: Document, lines: list[Document]) -> Document:
    return next(one for one in lines if one.text("id") == status.text("id"))


def _show_one_of_all(invocation: Invocation, status: Document, line: Document) -> None:
    """Print of one of several what needs its member, and whether decisions become final."""
    terminal = invocation.terminal
    name = line.maybe_text("name") or short_id(line.text("id"))
    waiting = status.subs("needs_my_vote")
    said = f"needs your vote ({len(waiting)})" if waiting else needs_words(line)
    terminal.show(
        terminal.heading(f"{name}: {'needs nothing of you' if said == 'nothing' else said}")
    )
    if waiting:
        _show_waiting(invocation, waiting)
    if status.count("refused_ops_total"):
        terminal.note(f"{status.count('refused_ops_total')} of yours were refused: p2pnode ops")
    committee = status.maybe_sub("committee")
    if status.text("state") == "member" and committee is not None:
        member, members = status.sub("member"), status.sub("community").count("members")
        rows: list[Row] = [("you", f"{member.text('name')}, of {counted(members, 'member')}")]
        if not committee.flag("can_finalize"):
            rows += committee_lines(committee, invocation.now_ms())
        terminal.show(terminal.fields(rows))
    elif line.maybe_sub("joining") is None:
        terminal.show(f"this node is to it: {status.text('state')}")


def _told_apart(warnings: list[Document]) -> list[Document]:
    """Return those that are not said with the community they are about."""
    return [one for one in warnings if one.text("name") not in {"quorum", "community"}]


def _show(invocation: Invocation, status: Document, told: list[Document]) -> None:
    """Print the status of one community; `told`: what is to be looked at here."""
    if status.text("state") == "halted":
        invocation.terminal.show("The store cannot be used, so nothing is signed or sent.")
    warnings = _told_apart(told)  # those two are said in full with the rest
    critical = [one for one in warnings if one.text("severity") == "critical"]
    for warning in critical:  # what else there is to say may not count because of it
        _show_warning(invocation, warning)
    if critical:
        invocation.terminal.show("")
    refused = status.subs("refused_ops")
    if refused:
        show_refused(invocation, refused, status.count("refused_ops_total"))
        invocation.terminal.note("once you know of them: p2pnode ops --seen")
        invocation.terminal.show("")
    joining = status.maybe_sub("joining")
    if joining is not None and joining.text("stage") == "unbound":
        _show_unbound(invocation, joining)
        return
    _show_state(invocation, status)
    for warning in warnings:
        if warning not in critical:
            _show_warning(invocation, warning)


def _show_state(invocation: Invocation, status: Document) -> None:
    match status.text("state"):
        case "joining":
            _show_joining(invocation, status)
        case "halted":
            invocation.terminal.note("It goes on by itself once that is put right.")
        case "removed":
            invocation.terminal.note("You can still read: p2pnode decisions")
        case "idle":
            pass
        case _:
            _show_votes(invocation, status)
            _show_lately(invocation, _show_provisional(invocation, status))
            _show_community(invocation, status)


def _show_idle(invocation: Invocation) -> None:
    invocation.terminal.show("This node belongs to no community yet.")
    invocation.terminal.note('Begin one:   p2pnode found "Our allotment" --name YOU')
    invocation.terminal.note("Or join one: p2pnode join LINK --name YOU")


def _show_joining(invocation: Invocation, status: Document) -> None:
    terminal, joining = invocation.terminal, status.sub("joining")
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


def _show_unbound(invocation: Invocation, joining: Document) -> None:
    terminal = invocation.terminal
    terminal.show(joining.text("detail"))
    code = joining.maybe_text("binding")
    if code is not None:
        terminal.show("Pass this line on:")
        terminal.whole(code)
        show_binding_ways(invocation, code)
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


def _show_votes(invocation: Invocation, status: Document) -> None:
    terminal = invocation.terminal
    waiting = status.subs("needs_my_vote")
    if not waiting:
        terminal.show("nothing needs your vote")
    else:
        terminal.show(terminal.heading(f"needs your vote ({len(waiting)})"))
        _show_waiting(invocation, waiting)
    asked = {one.text("id") for one in waiting}
    others = [
        one
        for one in invocation.api.every("proposals", query={"state": "open"}).subs("items")
        if one.text("id") not in asked
    ]
    if others:
        terminal.show("")
        terminal.show(terminal.heading(f"also open ({len(others)})"))
        terminal.show(proposal_table(invocation, others[:_LISTED]))
        invocation.shows_titles(others[:_LISTED])


def _show_waiting(invocation: Invocation, waiting: list[Document]) -> None:
    _show_asked(invocation, waiting[:_LISTED])
    if len(waiting) > _LISTED:
        more = f"… and {len(waiting) - _LISTED} more: p2pnode decisions --needs-my-vote"
        invocation.terminal.show(invocation.terminal.here(more))
    first = reference(waiting[0])
    invocation.terminal.note(f"read one: p2pnode show {first}")
    invocation.terminal.note(f"then vote yes, no or aside: p2pnode vote {first} CHOICE")


def _show_asked(invocation: Invocation, waiting: list[Document]) -> None:
    now_ms = invocation.now_ms()
    table = invocation.terminal.table("id", "tier", "title", "closes", grow="title")
    for one in waiting:
        closes_ms = one.time_ms("closes_at")
        closes = "" if closes_ms is None else show_remaining(closes_ms, now_ms)
        table.add_row(label(one), one.text("tier"), titled(invocation, one), closes)
    invocation.terminal.show(table)
    invocation.shows_titles(waiting)


def _show_provisional(invocation: Invocation, status: Document) -> int:
    """Print what is decided by what this node has seen, and is not final; return how much it is.

    It stands apart: what others have said meanwhile may turn it.
    """
    found = invocation.api.every("proposals", query={"state": "provisional"}).subs("items")
    if not found:
        return 0
    terminal = invocation.terminal
    terminal.show("")
    terminal.show(terminal.heading(f"not final yet ({len(found)})"))
    terminal.show(proposal_table(invocation, found[:_LISTED]))
    invocation.shows_titles(found[:_LISTED])
    committee = status.maybe_sub("committee")
    if committee is not None and not committee.flag("can_finalize"):
        terminal.note(
            "Too few nodes are in reach: it counts only if others have it before it closes."
        )
    return len(found)


def _show_lately(invocation: Invocation, provisional: int) -> None:
    """Print what was decided for good; `provisional`: how many others may stand in that list."""
    found = invocation.api.get("decisions", query={"limit": _LATELY + min(provisional, _MOST)})
    decided = [one for one in found.subs("items") if one.text("grade") == "final"][:_LATELY]
    if not decided:
        return
    invocation.terminal.show("")
    invocation.terminal.show(invocation.terminal.heading("decided lately"))
    table = invocation.terminal.table("id", "tier", "title", "votes", "outcome", grow="title")
    table.show_header = False
    for one in decided:
        counts = one.sub("tally")
        table.add_row(
            label(one),
            one.text("tier"),
            titled(invocation, one),
            f"{counts.count('yes')}:{counts.count('no')}/{counts.count('electorate')}",
            outcome_words(invocation, one),
        )
    invocation.terminal.show(table)


def _show_community(invocation: Invocation, status: Document) -> None:
    terminal = invocation.terminal
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
        rows.extend(committee_lines(committee, invocation.now_ms()))
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


def _show_warning(invocation: Invocation, warning: Document) -> None:
    from rich.text import Text  # noqa: PLC0415

    terminal = invocation.terminal
    following = " — or: ".join(joined_steps(terminal.steps_here(warning.texts("next"))))
    terminal.show(
        Text.assemble(
            terminal.state(warning.text("severity")),
            f": {terminal.here(warning.text('detail'))}",
            f" — {following}" if following else "",
        )
    )
