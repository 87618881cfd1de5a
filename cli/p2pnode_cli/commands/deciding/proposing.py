"""propose, vote, revise, withdraw: what is signed in a member's name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ...arguments import (
    DryRun,
    ProposalRef,
    Wait,
    confirm,
    read_moment,
    read_prose,
    read_whole,
    write_query,
)
from ...asked.client import Query
from ...asked.seen import seen
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, everywhere
from ...receipts import finish
from ...shown.document import Document
from ...shown.spans import rfc3339, show_closing
from ...typed.files import read_path
from ...views import (
    NOT_ALL_HERE,
    action_words,
    label,
    least_open_ms,
    plain,
    reference,
    title,
    words_of,
)

Title = Annotated[str, typer.Argument(metavar="TITLE", help="One line: what is decided.")]
Body = Annotated[
    str | None, typer.Option("--text", metavar="TEXT", help="The longer text under the title.")
]
BodyFile = Annotated[
    Path | None,
    typer.Option(
        "--text-file", parser=read_path, metavar="FILE", help="The same, read (-: stdin)."
    ),
]
Closes = Annotated[
    str | None,
    typer.Option(
        "--closes",
        metavar="TIME",
        help="When voting ends: 3d, friday, tomorrow 17:00, 2030-05-17 14:00. Default: the tier's.",
    ),
]
ClosesAnew = Annotated[
    str | None,
    typer.Option("--closes", metavar="TIME", help="When voting ends. Default: as before."),
]
Reason = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why; everyone can read it.")
]

MeantRevision = Annotated[
    str | None,
    typer.Option(
        "--revision",
        metavar="REV",
        help="The text you mean, by number or id. Default: the one you last saw.",
    ),
]


class Choice(StrEnum):
    YES = "yes"
    NO = "no"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class _Wish:
    """When voting shall end, and when that was said; both ms since the Unix epoch."""

    close_ms: int
    said_ms: int


def _closing(invocation: Invocation, closes: str | None) -> _Wish | None:
    """Return what --closes asks for. Raises `Failure` `bad_time`."""
    now_ms = invocation.now_ms()
    return None if closes is None else _Wish(read_moment("--closes", closes, now_ms), now_ms)


def _for_api(wish: _Wish | None) -> str | None:
    return None if wish is None else rfc3339(wish.close_ms)


def _echo_closing(invocation: Invocation, wish: _Wish | None, tier: str, receipt: Document) -> None:
    """Say with its zone when it closes; in some tiers that is later than was wished (R10.20).

    Afterwards: what is refused closes at no time.
    """
    if wish is None:
        return
    close_ms = wish.close_ms
    if receipt.text("state") == "dry_run":
        tiers = invocation.api.get("charter").subs("tiers")
        least_ms = max((least_open_ms(one) for one in tiers if one.text("name") == tier), default=0)
        close_ms = max(close_ms, wish.said_ms + least_ms)
    else:
        close_ms = receipt.sub("proposal").time_ms("closes_at") or close_ms
    why = f": questions of the tier {tier} are open for longer" if close_ms > wish.close_ms else ""
    invocation.terminal.note(f"closes {show_closing(close_ms, wish.said_ms)}{why}")


def _tier(invocation: Invocation, tier: str | None) -> str:
    if tier is not None:
        return tier
    tiers = invocation.api.get("charter").subs("tiers")
    shown = tuple(f"--tier {one.text('name'):15}{_tier_words(one)}" for one in tiers)
    raise Failure(
        Exit.USAGE,
        "unknown_tier",
        "which tier? It says how much agreement this decision needs",
        tries=shown,
    )


def _tier_words(tier: Document) -> str:
    if tier.text("mode") == "objection":
        return "passes unless somebody objects"
    sign = ">" if tier.flag("strict") else "≥"
    return f"passes when yes {sign} {plain(tier.sub('threshold').raw)}"


@everywhere
def propose(
    invocation: Invocation,
    title: Title,
    tier: Annotated[
        str | None,
        typer.Option("--tier", "-t", metavar="TIER", help="How much agreement it needs."),
    ] = None,
    text: Body = None,
    text_file: BodyFile = None,
    closes: Closes = None,
    vote: Annotated[
        Choice | None, typer.Option("--vote", help="Cast your own vote with it.")
    ] = None,
    remove: Annotated[
        str | None,
        typer.Option("--remove", metavar="MEMBER", help="If it passes, the seat is gone."),
    ] = None,
    set_away: Annotated[
        str | None,
        typer.Option("--set-away", metavar="MEMBER", help="… that node leaves the committee."),
    ] = None,
    set_back: Annotated[
        str | None,
        typer.Option("--set-back", metavar="MEMBER", help="… that node is on it again."),
    ] = None,
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Put a question to the community.

    \b
    [bold]Examples[/]
      p2pnode propose "Meet on Tuesdays" --tier tactical --vote yes
      p2pnode propose "New statutes" -t strategic --text-file draft.md --closes 2w
    """
    given = [one for one in (remove, set_away, set_back) if one is not None]
    if len(given) > 1:
        raise Failure(Exit.USAGE, "bad_action", "only one of --remove, --set-away and --set-back")
    action: dict[str, object] = {"kind": "none"}
    if remove is not None:
        action = {"kind": "remove", "member": remove}
    elif given:
        action = {"kind": "set_away", "member": given[0], "away": set_away is not None}
    wish = _closing(invocation, closes)
    tier = _tier(invocation, tier)
    body = {
        "action": action,
        "closes_at": _for_api(wish),
        "text": read_prose(text, text_file),
        "tier": tier,
        "title": title,
        "vote": vote,
    }
    receipt = invocation.api.post(
        "proposals", body=body, query=write_query(invocation, wait, dry_run)
    )
    _echo_closing(invocation, wish, tier, receipt)
    finish(invocation, receipt, "proposed", wait, about=title)


@everywhere
def vote(
    invocation: Invocation,
    proposal: ProposalRef,
    choice: Annotated[Choice, typer.Argument(metavar="yes|no|aside", help="Your vote.")],
    reason: Reason = None,
    revision: MeantRevision = None,
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Say yes or no to a proposal, or stand aside.

    It counts for the text that you last saw. What no command has shown you, or
    what was replaced since, is shown and asked about first; without a terminal
    nothing is signed then: name the text (--revision), or say --yes. You can vote
    again until it is decided.

    \b
    [bold]Examples[/]
      p2pnode vote 12 yes
      p2pnode vote pro_k3v7 no --reason "too dear" --wait=final
    """
    word = "stood aside on" if choice is Choice.ASIDE else f"voted {choice} on"
    body: dict[str, object] = {"choice": choice, "reason": reason}
    query = write_query(invocation, wait, dry_run)
    receipt = _say_about(invocation, proposal, ("vote", choice), "votes", body, revision, query)
    finish(invocation, receipt, word, wait)


def _say_about(
    invocation: Invocation,
    proposal: str,
    command: tuple[str, ...],
    what: str,
    body: dict[str, object],
    revision: str | None,
    query: Query,
) -> Document:
    """Sign something about a proposal, as the text stood that was seen; return the receipt.

    Args:
        command: the words that were typed around the proposal, the first before it.
        what: the API's word for it, below the proposal.
        body: what is said, the text it is about excepted.
        revision: that text, if it was named.
        query: how it is said.

    Raises:
        Failure: as `_ask_whether_meant`; of the daemon.
    """
    found = invocation.api.get("proposals", proposal)
    path = ("proposals", found.text("id"), what)
    meant = {**body, "revision": _named_revision(found, revision)}
    if revision is None and not query.get("dry_run") and not _is_seen(invocation, found):
        # What nobody can say any more, or not from here, is refused for that: to look helps not.
        invocation.api.post(*path, body=meant, query={"dry_run": True})
        _ask_whether_meant(invocation, found, command)
    try:
        return invocation.api.post(*path, body=meant, query=query)
    except Failure as failure:
        if failure.code == "superseded_revision":
            failure.tries = _looking(found, command)
        raise


def _is_seen(invocation: Invocation, found: Document) -> bool:
    known = seen(invocation.paths.state_dir, found.text("id"))
    return invocation.options.yes or known.covers(found.subs("revisions")[-1])


def _named_revision(found: Document, asked: str | None) -> str:
    """Return the id of the revision that is meant; None asked: the one shown here."""
    if asked is None:
        return found.text("revision_id")
    for one in found.subs("revisions"):
        if asked in {str(one.count("number")), one.text("id")}:
            return one.text("id")
    return asked  # a prefix, or nothing: the daemon says which


def _ask_whether_meant(invocation: Invocation, found: Document, command: tuple[str, ...]) -> None:
    """Ask before something is signed about a text that was not shown here, or not as it is.

    Args:
        command: the words that were typed around the proposal, the first before it.

    Raises:
        Failure: `superseded_revision` or `not_seen`, nobody is here to ask; `not_confirmed`.
    """
    current = found.subs("revisions")[-1]
    known = seen(invocation.paths.state_dir, found.text("id"))
    what = f"{label(found)} “{title(found)}”"
    effect = action_words(invocation, found.sub("action"))
    if effect:
        what += f" → {effect}"
    has_arrived = current.flag("arrived")
    is_replaced = known.last not in (None, current.text("id"))
    if not typer.get_text_stream("stdin").isatty():
        raise Failure(
            Exit.CONFLICT,
            "superseded_revision" if is_replaced else "not_seen",
            _unseen_words(found, what, is_replaced=is_replaced, has_arrived=has_arrived),
            why="Nothing was signed: what is signed is about the text that was seen. "
            + ("Look at it, then say it again." if has_arrived else "Its words come from others."),
            tries=_looking(found, command),
        )
    invocation.terminal.show(f"Replaced since you saw it: {what}" if is_replaced else what)
    text = words_of(current)
    if text:
        invocation.terminal.show("", text.rstrip(), "")
    is_vote = command[0] == "vote"
    words = f"{' '.join(command)} on" if is_vote else command[0]
    confirm(invocation, f"{words.capitalize()} this text?")
    if has_arrived:
        invocation.shows_text(found)


def _unseen_words(found: Document, what: str, *, is_replaced: bool, has_arrived: bool) -> str:
    if is_replaced:
        number = found.subs("revisions")[-1].count("number")
        said = f"what you saw of {label(found)} has been replaced; revision {number} is: {what}"
    elif has_arrived:
        return f"no command has shown you this text yet: {what}"
    else:
        said = what
    return said if has_arrived else f"{said}; {NOT_ALL_HERE}"


def _looking(found: Document, command: tuple[str, ...]) -> tuple[str, ...]:
    """Return how to look at the text as it is, or at who may have it, and how to mean it unseen."""
    current = found.subs("revisions")[-1]
    number = current.count("number")
    diff = " --diff" if number > 1 else ""
    first, *rest = command
    again = " ".join((first, reference(found), *rest))
    unseen = f"{again} --revision {number}"
    if current.flag("arrived"):
        return f"p2pnode show {reference(found)}{diff}", f"p2pnode {unseen}"
    return "p2pnode peers", f"p2pnode {unseen}"


@everywhere
def revise(
    invocation: Invocation,
    proposal: ProposalRef,
    new_title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="The new title.")
    ] = None,
    text: Body = None,
    text_file: BodyFile = None,
    closes: ClosesAnew = None,
    revision: MeantRevision = None,
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Replace the text of your proposal; everybody is asked again.

    It replaces the text that you last saw: your other device may have replaced
    it meanwhile. What no command has shown you is asked about first.

    \b
    [bold]Examples[/]
      p2pnode revise 12 --text-file draft-2.md
      p2pnode revise 12 --title "Meet on Wednesdays" --closes 3d
    """
    wish = _closing(invocation, closes)
    body: dict[str, object] = {
        "closes_at": _for_api(wish),
        "text": read_prose(text, text_file),
        "title": new_title,
    }
    if all(value is None for value in body.values()):
        raise Failure(
            Exit.USAGE,
            "nothing_to_revise",
            "nothing would change",
            tries=("p2pnode revise ID --text-file FILE",),
        )
    query = write_query(invocation, wait, dry_run)
    given = {"--title TEXT": new_title, "--text TEXT": text, "--text-file FILE": text_file}
    given["--closes TIME"] = closes
    command = ("revise", *(one for one, value in given.items() if value is not None))
    receipt = _say_about(invocation, proposal, command, "revisions", body, revision, query)
    _echo_closing(invocation, wish, receipt.sub("proposal").text("tier"), receipt)
    finish(invocation, receipt, "revised", wait)
    if not dry_run:
        invocation.terminal.note("votes on the text before count no more, yours neither")


@everywhere
def withdraw(
    invocation: Invocation,
    proposal: ProposalRef,
    reason: Reason = None,
    revision: MeantRevision = None,
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Take your own proposal back; it ends without a decision.

    What no command has shown you, or what was replaced since, is asked about
    first.

    \b
    [bold]Examples[/]
      p2pnode withdraw 12
      p2pnode withdraw 12 --reason "settled over lunch"
    """
    body: dict[str, object] = {"reason": reason}
    query = write_query(invocation, wait, dry_run)
    receipt = _say_about(invocation, proposal, ("withdraw",), "withdrawal", body, revision, query)
    finish(invocation, receipt, "withdrew", wait)


@everywhere
def erase(
    invocation: Invocation,
    proposal: ProposalRef,
    part: Annotated[
        int | None,
        typer.Option(
            "--part",
            parser=read_whole(1, 20_000),
            metavar="N",
            help="Only part N, as show --parts numbers them.",
        ),
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="TEXT", help="Why; this text stays.")
    ] = None,
    revision: MeantRevision = None,
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Propose to delete a proposal's title, body and reasons at every node.

    Votes and outcome stay, and so does what proves them: only the words go. A
    node that is off deletes them when it learns of the decision. Files that
    somebody saved elsewhere, certificates too, are out of reach.

    \b
    [bold]Examples[/]
      p2pnode erase 12 --text "it names somebody who did not agree to it"
      p2pnode erase 12 --part 3 --dry-run
    """
    body: dict[str, object] = {"part": part, "text": text, "vote": "yes"}
    query = write_query(invocation, wait, dry_run)
    command = ("erase",) if part is None else ("erase", f"--part {part}")
    receipt = _say_about(invocation, proposal, command, "erasure", body, revision, query)
    finish(invocation, receipt, "proposed", wait, about="to erase texts")
