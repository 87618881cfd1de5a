"""found, invite, members, leave, away, back: who belongs, and who is there."""

from __future__ import annotations

import shlex
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ...arguments import DryRun, Wait, confirm, read_moment, read_whole, write_query
from ...invocation import IfLost, Invocation, everywhere, of_node
from ...receipts import finish, require_in_time, waiting_words
from ...shown.document import Document
from ...shown.spans import show_closing, show_span
from ...views import (
    budget_words,
    called_in,
    label,
    people,
    reference,
    short_id,
    tally,
)
from .charter import read_changes

if TYPE_CHECKING:
    pass


class FaultModel(StrEnum):
    BYZANTINE = "byzantine"
    CRASH = "crash"


YourName = Annotated[
    str, typer.Option("--name", "-n", metavar="NAME", help="What the others call you.")
]


@of_node
def found(
    invocation: Invocation,
    called: Annotated[str, typer.Argument(metavar="COMMUNITY", help="Its name.")],
    name: YourName,
    fault_model: Annotated[
        FaultModel,
        typer.Option(
            "--fault-model", help="What nodes may do: lie (byzantine), or only fall silent (crash)."
        ),
    ] = FaultModel.BYZANTINE,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Begin with another charter value."),
    ] = None,
) -> None:
    """Begin a community, with you as its first member.

    \b
    [bold]Examples[/]
      p2pnode found "Our allotment" --name Ana
      p2pnode found Ops --name Ana --set tiers.tactical.threshold=2/3
    """
    body = {
        "changes": read_changes(changes or [], "the same with --set tiers.tactical.threshold=2/3"),
        "fault_model": fault_model,
        "member_name": name,
        "name": called,
    }
    made = invocation.node.post("communities", body=body)
    invocation.print(made, lambda: _show_beside_others(invocation, made))


def _show_beside_others(invocation: Invocation, made: Document) -> None:
    """Print what was founded; where it is not the only one, hints say which they are about."""
    lines = invocation.node.every("communities").subs("items")
    if len(lines) <= 1:
        _show_founded(invocation, made)
        return
    own = next((one for one in lines if one.text("id") == made.text("id")), made)
    with invocation.terminal.about(called_in(own, lines)):
        _show_founded(invocation, made)


def _show_founded(invocation: Invocation, made: Document) -> None:
    terminal = invocation.terminal
    terminal.show(terminal.heading(f"founded {made.text('name')}"))
    rows = [
        ("community", made.text("id")),
        ("you", made.sub("member").text("name")),
    ]
    for number, said in enumerate(budget_words(made.sub("committee"))):
        rows.append(("nodes" if number == 0 else "", said))
    terminal.show(terminal.fields(rows))
    terminal.note("Bring in the others, one link each: p2pnode invite NAME")
    terminal.note("How much agreement decisions need:  p2pnode charter")


@everywhere
def invite(
    invocation: Invocation,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whom the seat is meant for.")],
    uses: Annotated[
        int,
        typer.Option(
            "--uses", parser=read_whole(1, 256), metavar="NUMBER", help="Seats it opens, up to 256."
        ),
    ] = 1,
    expires: Annotated[
        str | None,
        typer.Option(
            "--expires", metavar="TIME", help="When the link expires: 3d, friday. Default: in 7d."
        ),
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="TEXT", help="Why; the members read it.")
    ] = None,
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Offer a seat, and print the one link to pass on.

    The seat is proposed to the others, with your yes. The link works once they
    have agreed. It is printed once and kept nowhere; whoever has it can take the
    seat, so send it as you would send a password.

    \b
    [bold]Examples[/]
      p2pnode invite Bo
      p2pnode invite "the Tuesday group" --uses 6 --expires 2w
    """
    now_ms = invocation.now_ms()
    expires_ms = None if expires is None else read_moment("--expires", expires, now_ms)
    # Whole seconds, rounded down: a bare day ends within its last second.
    expires_in = "7d" if expires_ms is None else f"{max((expires_ms - now_ms) // 1000, 1)}s"
    body = {"expires_in": expires_in, "name": name, "text": text, "uses": uses, "vote": "yes"}
    receipt = invocation.api.post(
        "invites", body=body, query=write_query(invocation, wait, dry_run)
    )
    ends_ms = _ends_ms(receipt) or expires_ms
    if ends_ms is not None:  # afterwards: what is refused never does
        invocation.terminal.note(f"the link expires {show_closing(ends_ms, invocation.now_ms())}")
    seat_name = receipt.maybe_text("seat_name")
    if seat_name is not None:
        invocation.terminal.note(
            f"A seat here has or had a name that reads as {name} does: who joins as {name} will be "
            f"called {seat_name}"
        )
    link, proposal = receipt.maybe_text("link"), receipt.maybe_sub("proposal")
    if link is not None and proposal is not None:
        invocation.if_lost = IfLost(
            "The seat is proposed all the same. Its link is lost for good: it is printed once.",
            (
                "withdraw the seat, then invite anew:",
                f"p2pnode withdraw {reference(proposal)}",
                f"p2pnode invite {shlex.quote(name)}",
            ),
        )
    if link is None or invocation.options.as_json:
        finish(invocation, receipt, "invited", wait, about=name)
        return
    invocation.terminal.whole(link)
    invocation.if_lost = None
    if proposal is not None:
        invocation.shows_text(proposal)
        invocation.terminal.note(_invite_words(name, uses, proposal))
    if receipt.text("state") != "final":
        invocation.terminal.note(f"The question: {waiting_words(invocation, receipt)}")
    who, called = (name, shlex.quote(name)) if uses == 1 else ("Each of them", "THEIR_NAME")
    invocation.terminal.note(
        f"{who} runs: p2pnode init; p2pnode join LINK --name {called}; p2pnode run", elsewhere=True
    )
    require_in_time(invocation, receipt)


def _ends_ms(receipt: Document) -> int | None:
    """Return when the invite that was proposed expires; None: no invite is named."""
    proposal = receipt.maybe_sub("proposal")
    action = receipt.maybe_sub("action") if proposal is None else proposal.sub("action")
    is_named = action is not None and action.text("kind") == "invite"
    return action.time_ms("expires_at") if action is not None and is_named else None


def _invite_words(name: str, uses: int, proposal: Document) -> str:
    seats, are = (
        (f"The seat for {name}", "is") if uses == 1 else (f"{uses} seats for {name}", "are")
    )
    if proposal.text("outcome") == "passed" and proposal.text("grade") == "final":
        return f"{seats} {are} decided. Pass the line above on, privately."
    return (
        f"{seats} {are} not decided yet ({label(proposal)}: {proposal.text('outcome')}, "
        f"{tally(proposal)}{_needed(proposal)}). The link works once it has passed: "
        f"p2pnode explain {reference(proposal)}"
    )


def _needed(proposal: Document) -> str:
    """Return how much agreement it takes; a newcomer to small groups expects less."""
    needed, voters = proposal.maybe_count("required_yes"), proposal.sub("tally").count("electorate")
    if needed is None:
        return ""
    return "; needs everyone's yes" if needed >= voters else f"; needs {needed} yes"


@everywhere
def invites(invocation: Invocation) -> None:
    """List the seats that were offered, and what became of them.

    \b
    [bold]Examples[/]
      p2pnode invites
      p2pnode invites --json | jq '.items[] | select(.state == "open")'
    """
    listed = invocation.api.every("invites")
    invocation.print(listed, lambda: _show_invites(invocation, listed))


def _show_invites(invocation: Invocation, listed: Document) -> None:
    items, now_ms = listed.subs("items"), invocation.now_ms()
    if not items:
        invocation.terminal.show("nobody has been invited")
        invocation.terminal.note("p2pnode invite NAME")
        return
    table = invocation.terminal.table("for", "state", "used", "good until", "proposal", grow="for")
    for one in items:
        expires_ms = one.time_ms("expires_at")
        table.add_row(
            _invited(one),
            one.text("state").replace("_", " "),
            f"{one.count('used')} of {one.count('uses')}",
            "never expires" if expires_ms is None else show_closing(expires_ms, now_ms),
            _named(one),
        )
    invocation.terminal.show(table)


def _invited(invite: Document) -> str:
    """Return whom it is for, and who came by it where that is called otherwise."""
    name, seats = invite.text("name"), invite.subs("seats")
    came = people(seats)
    return name if came in {"", name} else f"{name} → {came}"


def _named(invite: Document) -> str:
    """Return its proposal's number, or the short id of one that has none yet."""
    number = invite.maybe_count("number")
    return short_id(invite.text("proposal")) if number is None else f"#{number}"


@everywhere
def members(invocation: Invocation) -> None:
    """List who belongs to the community, and whose node is there.

    \b
    [bold]Examples[/]
      p2pnode members
      p2pnode members --json | jq -r '.items[].name'
    """
    listed = invocation.api.every("members")
    invocation.print(listed, lambda: _show_members(invocation, listed))


def _show_members(invocation: Invocation, listed: Document) -> None:
    now_ms, rebuilt = invocation.now_ms(), False
    table = invocation.terminal.table("name", "id", "node", "here", "devices", grow="name")
    for one in listed.subs("items"):
        me = " (you)" if one.flag("me") else ""
        agent = " [agent]" if one.text("kind") == "agent" else ""
        invited_as = one.maybe_text("invited_as")
        as_ = "" if invited_as in {None, one.text("name")} else f" (invited as {invited_as})"
        lost_at = one.maybe_count("lost_at")
        if lost_at is not None:
            node = f"lost at {lost_at}"
            rebuilt = True
        elif one.flag("away"):
            node = "away"
        else:
            node = "on committee" if one.flag("on_committee") else "no node"
        seen_ms = one.time_ms("last_seen_at")
        if one.flag("me") or one.flag("connected"):
            here = "yes"
        else:
            here = "never seen" if seen_ms is None else f"{show_span(now_ms - seen_ms)} ago"
        table.add_row(
            f"{one.text('name')}{me}{agent}{as_}",
            short_id(one.text("id")),
            node,
            here,
            str(len(one.subs("devices"))),
        )
    invocation.terminal.show(table)
    if rebuilt:
        invocation.terminal.note(
            "lost at: a rebuild took the node off at that commit: p2pnode epochs"
        )


@everywhere
def away(invocation: Invocation, wait: Wait = None, dry_run: DryRun = False) -> None:
    """Take your node off the committee while you are gone.

    You keep your vote; decisions become final without your node.

    \b
    [bold]Examples[/]
      p2pnode away
      p2pnode away --wait=final && sudo poweroff
    """
    query = write_query(invocation, wait, dry_run)
    receipt = invocation.api.post("members", "me", "absence", query=query)
    finish(invocation, receipt, "going away: your node leaves the committee", wait)


@everywhere
def back(invocation: Invocation, wait: Wait = None, dry_run: DryRun = False) -> None:
    """Put your node back on the committee.

    \b
    [bold]Examples[/]
      p2pnode back
      p2pnode back --wait=final
    """
    query = write_query(invocation, wait, dry_run)
    receipt = invocation.api.call("DELETE", ("members", "me", "absence"), query=query)
    finish(invocation, receipt, "coming back: your node joins the committee", wait)


@everywhere
def leave(invocation: Invocation, wait: Wait = None, dry_run: DryRun = False) -> None:
    """Give up your seat; coming back takes a new invite.

    \b
    [bold]Examples[/]
      p2pnode leave --dry-run
      p2pnode leave --yes
    """
    if not dry_run:
        confirm(invocation, "Give up your seat? You lose your vote; others must invite you again.")
    query = write_query(invocation, wait, dry_run)
    receipt = invocation.api.post("members", "me", "departure", query=query)
    finish(invocation, receipt, "leaving: your seat is given up", wait)
