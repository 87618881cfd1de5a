"""watch: what happens, as it happens."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from ...arguments import read_whole
from ...asked.client import Event
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, everywhere
from ...shown.document import Document
from ...shown.spans import show_clock
from ...views import (
    action_words,
    called_in,
    counted,
    label,
    outcome_words,
    person,
    short_id,
    tally,
    title,
)

if TYPE_CHECKING:
    from ...shown.terminal import Words

# What people see unless they ask for more: decisions and who is there, not machinery.
_FOR_PEOPLE = (
    "hello",
    "proposal_changed",
    "proposal_decided",
    "epoch_started",
    "leapt",
    "state_changed",
    "own_chain_learned",
    "peer_connected",
    "peer_lost",
    "alarm",
    "lagged",
)


# Events that say everything by their type.
_SHORT = 8  # characters of an id
_PLAIN = {"own_chain_learned": "this device knows again how far it had signed, and signs"}


@everywhere
def watch(
    invocation: Invocation,
    kinds: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only events of this type (repeatable)."),
    ] = None,
    after: Annotated[
        int | None,
        typer.Option(
            "--after",
            parser=read_whole(0),
            metavar="INDEX",
            help="Begin after this commit of the log.",
        ),
    ] = None,
    details: Annotated[
        bool, typer.Option("--details", help="Also single operations and commits.")
    ] = False,
    of_all: Annotated[
        bool, typer.Option("--all", help="What happens in all communities of this home.")
    ] = False,
) -> None:
    """Print what happens in a community, one line each, until you press Ctrl-C.

    With --json each line is one event as the API sends it. With --timeout it
    ends after that time.

    \b
    [bold]Examples[/]
      p2pnode watch
      p2pnode watch --json --type proposal_decided --after 0
    """
    wanted = tuple(kinds or ())
    if not wanted and not details and not invocation.options.as_json:
        wanted = _FOR_PEOPLE
    if of_all and (after is not None or invocation.options.community is not None):
        option = "--after" if after is not None else "-c"
        raise Failure(
            Exit.USAGE,
            "bad_argument",
            f"{option} is about one community, and --all about all of them",
            tries=("p2pnode watch --all", "p2pnode watch -c NAME --after INDEX"),
        )
    printed, names = Printed(), Names(invocation) if of_all else None
    end_s = (
        math.inf if invocation.options.timeout is None else time.monotonic() + invocation.timeout_s
    )
    while True:
        lagged = False
        for_s = None if end_s == math.inf else max(0.0, end_s - time.monotonic())
        source = invocation.api if names is None else invocation.node
        for event in source.events(after, wanted, for_s):
            is_shown = _print_event(invocation, event, printed, after, names)
            if is_shown and event.kind in {"proposal_changed", "proposal_decided"}:
                invocation.shows_titles([event.data.sub("proposal")])
            invocation.note_shown()
            after = event.id if event.id is not None else after
            lagged = event.kind == "lagged"
        if time.monotonic() >= end_s:
            return
        if not lagged:
            raise Failure(
                Exit.NO_DAEMON,
                "stream_ended",
                "the daemon stopped",
                tries=(
                    "p2pnode run",
                    f"p2pnode watch{' --all' if of_all else ''}"
                    f"{'' if after is None else f' --after {after}'}",
                ),
            )


class Names:
    """What the communities of this home are called; asked again for one that is new."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._by_id: dict[str, str] = {}

    def of(self, community: str) -> str:
        if community not in self._by_id:
            lines = self._invocation.node.every("communities").subs("items")
            self._by_id |= {one.text("id"): called_in(one, lines) for one in lines}
        return self._by_id.setdefault(community, short_id(community))  # it was left meanwhile


@dataclass(slots=True)
class Printed:
    """What was last printed of each proposal: a change nobody can see is not printed again."""

    by_proposal: dict[str, str] = field(default_factory=dict)

    def is_news(self, event: Event, words: str) -> bool:
        proposal = event.data.maybe_sub("proposal") if "proposal_" in event.kind else None
        if proposal is None:
            return True
        before = self.by_proposal.get(proposal.text("id"))
        self.by_proposal[proposal.text("id")] = words
        return words != before


def _print_event(
    invocation: Invocation,
    event: Event,
    printed: Printed,
    after: int | None,
    names: Names | None = None,
) -> bool:
    """Print an event, if there is anything new to see; return whether all of it was shown."""
    if invocation.options.as_json:
        invocation.terminal.line(event.data.raw)
        return True
    from rich.text import Text  # noqa: PLC0415 (only when people read)

    words = _event_words(invocation, event, after)
    if not printed.is_news(event, str(words)):
        return False
    at_ms = event.data.time_ms("at") if "at" in event.data.raw else None
    clock = "" if at_ms is None else show_clock(at_ms)
    community = None if names is None else event.data.maybe_text("community")
    where = "" if names is None or community is None else f"{names.of(community)}: "
    return invocation.terminal.one_line(Text.assemble((f"{clock}  ", "dim"), where, words))


def _hello_words(data: Document, after: int | None) -> str:
    if "communities" in data.raw:
        number = len(data.subs("communities"))
        return "watching the only community" if number == 1 else f"watching {number} communities"
    index = data.count("index")
    if after is None or after >= index:
        return f"watching from commit {index} on"
    return f"what was decided in commits {after + 1} to {index}, then what happens"


def _epoch_words(kind: str, data: Document) -> str:
    if kind == "leapt":
        words = f"took over the state after commit {data.count('index')}, which receipts prove"
        if data.flag("is_shown"):
            return words
        return f"{words}; nobody could show that it goes on from the last commits here"
    return (
        f"epoch {data.count('number')}: {counted(data.count('members'), 'member')}, "
        f"{counted(data.count('committee'), 'node')} on the committee"
    )


def _event_words(invocation: Invocation, event: Event, after: int | None) -> Words:
    from rich.text import Text  # noqa: PLC0415

    data = event.data
    match event.kind:
        case "hello":
            return _hello_words(data, after)
        case "proposal_changed" | "proposal_decided":
            one = data.sub("proposal")
            effect = action_words(invocation, one.sub("action"))
            return Text.assemble(
                f"{label(one)} ",
                outcome_words(invocation, one),
                f" ({tally(one)})  {title(one)}{effect and f' → {effect}'}",
            )
        case "op_final":
            proposal = data.maybe_text("proposal")
            about = "" if proposal is None else f" on {short_id(proposal)}"
            return (
                f"{data.text('kind')} by {person(data.sub('author'))}{about}: {data.text('code')}"
            )
        case "record_changed" | "fact":
            what, of = ("name", "subject") if event.kind == "fact" else ("practice", "key")
            return f"{data.text(what)} {data.text(of)[:_SHORT]}"
        case "committed":
            return f"commit {data.count('index')}: {counted(data.count('entries'), 'operation')}"
        case "leapt" | "epoch_started":
            return _epoch_words(event.kind, data)
        case "state_changed":
            return f"this node is now: {data.text('state')}"
        case "peer_connected" | "peer_lost":
            return f"{_peer(data)} {'connected' if event.kind == 'peer_connected' else 'is gone'}"
        case "peer_refused" | "refused_by_peer":
            return _refused_words(event.kind, data)
        case "alarm":
            return Text(f"ALARM {data.text('code')}: {data.text('detail')}", style="bold red")
        case "lagged":
            return f"some events were missed ({data.text('detail')}); going on"
        case other:
            return _PLAIN.get(other, other)


def _refused_words(kind: str, data: Document) -> str:
    whose = (
        f"something of {_peer(data)} was refused"
        if kind == "peer_refused"
        else f"{_peer(data)} refused something of ours"
    )
    return f"{whose}{_often(data)}: {data.text('detail')}"


def _often(data: Document) -> str:
    """Return how often something was since it was told last, where it was more than once."""
    times = data.count("times")
    return f" {times} times" if times > 1 else ""


def _peer(data: Document) -> str:
    someone = data.maybe_sub("member")
    return short_id(data.text("device")) if someone is None else person(someone)
