"""join: beginning to join, giving that up, and what is said of both."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from p2pnode.home.pending import PendingJoin, clear_pending, is_pending, save_pending

from ...arguments import Wait, whole_seconds
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, everywhere
from ...shown.document import Document
from ...views import called_in, joining_words, short_id

if TYPE_CHECKING:
    from p2pnode.community.links import JoinLink


@everywhere
def join(
    invocation: Invocation,
    link: Annotated[
        str | None, typer.Argument(metavar="LINK", help="The line you were sent.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", "-n", metavar="NAME", help="What the others call you.")
    ] = None,
    wait: Wait = None,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Forget a join that is not done.")
    ] = False,
) -> None:
    """Take the seat that an invite link opens, under the name that --name says.

    Nobody else has to do anything at that moment. With the daemon running it
    begins at once, otherwise when the daemon does. It goes on, over restarts too,
    until one member is reachable and the invite has passed, or you give it up.
    Who left comes back like this, with a new invite. A home that has lost its
    record fetches it with a link of [bold]devices link[/], and without a name.

    \b
    [bold]Examples[/]
      p2pnode join p2pnode:join:1… --name Bo
      p2pnode join "$(cat link.txt)" --name Bo --wait --timeout 5m
    """
    if give_up:
        _give_up(invocation)
        return
    if invocation.options.community is not None:
        raise Failure(
            Exit.USAGE,
            "bad_usage",
            "the link says which community; -c is for --give-up",
            tries=("the same without -c",),
        )
    if link is None:
        raise Failure(Exit.USAGE, "missing", "LINK is missing", tries=("p2pnode join --help",))
    opens_seat = _opens_seat(link, is_sure=name is None)
    if name is None and opens_seat:
        raise Failure(
            Exit.USAGE,
            "missing",
            "--name is missing: the link opens a seat, which needs one",
            tries=(f"p2pnode join {shlex.quote(link)} --name NAME",),
        )
    if name is not None and not opens_seat:
        invocation.terminal.note("the link opens no seat, so --name is not used")
        name = None
    query: dict[str, str | int | bool | None] = {}
    if wait is not None:
        query = {"wait": "final", "timeout": whole_seconds(invocation)}

    def ask() -> Document | None:
        """Return the daemon's answer, None when there is no daemon."""
        try:
            body = {"link": link, "member_name": name}
            return invocation.node.post("node", "joins", body=body, query=query)
        except Failure as failure:
            if failure.code != "no_daemon":
                raise
            return None

    answer = ask()
    if answer is None:
        _keep_for_later(invocation, link, name)
        answer = ask()  # one that was starting may have looked for the file already
    if answer is None:
        _show_kept(invocation, name)
        if wait is not None:
            raise Failure(
                Exit.NO_DAEMON,
                "no_daemon",
                "the join is kept, but no daemon answers here, so there is nothing to wait for",
                tries=("p2pnode run",),
            )
        return
    invocation.print(answer, lambda: _show_join(invocation, answer, name))
    if answer.text("stage") == "refused":
        raise Failure(
            Exit.NOT_ALLOWED,
            answer.maybe_text("code") or "join_refused",
            answer.text("detail"),
            tries=_AFTER_REFUSAL,
        )
    if answer.raw.get("timed_out") is True:
        raise Failure(
            Exit.TIMED_OUT,
            "timeout",
            f"not admitted after {invocation.timeout_s:g} s",
            why=joining_words(answer.text("stage")),
            tries=("p2pnode status", "p2pnode join --give-up"),
        )


_AFTER_REFUSAL = (
    "with a new invite:",
    "p2pnode join LINK --name NAME",
    "to forget this one:",
    "p2pnode join --give-up",
)


def _give_up(invocation: Invocation) -> None:
    try:
        is_given_up = _give_up_asking(invocation)
    except Failure as failure:
        if failure.code != "no_daemon":
            raise
        is_given_up = _give_up_here(invocation)
    said = "given up: that join is forgotten" if is_given_up else "no join is under way here"
    done = Document({"schema": "p2pnode/join/1", "stage": "given_up", "timed_out": False})
    invocation.print(done, lambda: invocation.terminal.show(said))


def _give_up_asking(invocation: Invocation) -> bool:
    """Let the daemon give up the join that is meant: the only one that is not done.

    Returns:
        Whether there is one.
    """
    if invocation.named is not None:
        invocation.api.call("DELETE", ("join",))
        return True
    lines = invocation.node.every("communities").subs("items")
    pending = [one for one in lines if one.maybe_sub("joining") is not None]
    if not pending and len(lines) == 1:
        pending = lines  # which says why there is nothing to give up
    _require_one([called_in(one, lines) for one in pending])
    for one in pending:
        invocation.node.of(one.text("id")).call("DELETE", ("join",))
    return bool(pending)


def _give_up_here(invocation: Invocation) -> bool:
    """As `_give_up_asking`, where no daemon runs: of these only the ids are known."""
    places = [
        (place.data_dir.name, place)
        for place in invocation.paths.communities()
        if is_pending(place.data_dir)
    ]
    if (named := invocation.named) is not None:
        places = [one for one in places if one[0].startswith(named.strip().lower())]
        if len(places) != 1:
            raise Failure(
                Exit.NOT_FOUND,
                "unknown_community",
                f"no join is kept here for {named}, by its id",
                why="No daemon answers here, so a community is known by its id alone.",
                tries=("p2pnode run",),
            )
    _require_one([short_id(name) for name, _ in places])
    for _, place in places:
        clear_pending(place.data_dir)
        if not place.store_file.exists():
            place.forget()
    return bool(places)


def _require_one(names: list[str]) -> None:
    """Raise `Failure` `which_community` where several joins are not done."""
    if len(names) > 1:
        raise Failure(
            Exit.CONFLICT,
            "which_community",
            f"{len(names)} joins are not done: {', '.join(names)}",
            tries=tuple(f"p2pnode join --give-up -c {shlex.quote(one)}" for one in names),
        )


def _read_link(link: str) -> JoinLink:
    from p2pnode.community.links import JoinLink  # noqa: PLC0415
    from p2pnode.errors import RequestError  # noqa: PLC0415 (cryptography: only here)

    try:
        return JoinLink.from_text(link)
    except RequestError as error:
        raise Failure(
            Exit.USAGE,
            error.code,
            error.detail,
            tries=("copy the whole line again, or ask for a new invite",),
        ) from None


def _opens_seat(link: str, *, is_sure: bool) -> bool:
    """Return whether a link is an invite's; those of `devices link` open no seat.

    Args:
        link: as it was typed.
        is_sure: what is no link is refused; else it passes for an invite, as the daemon says it.

    Raises:
        Failure: `bad_link`.
    """
    try:
        return _read_link(link).secret is not None
    except Failure:
        if is_sure:
            raise
        return True


def _keep_for_later(invocation: Invocation, link: str, name: str | None) -> None:
    from p2pnode_protocols.record.seats.names import find_member_fault, shown  # noqa: PLC0415

    read = _read_link(link)
    fault = None if name is None else find_member_fault(name)
    if name is not None and fault is not None:
        raise Failure(Exit.USAGE, "bad_field", f"--name: {shown(name)} is not allowed; {fault}")
    if 0 < read.expires_ms <= invocation.now_ms():
        raise Failure(
            Exit.NOT_ALLOWED,
            "invite_over",
            "the invite has expired; ask for a new one",
            tries=_AFTER_REFUSAL[:2],
        )
    invocation.paths.prepare()
    place = invocation.paths.of(read.community)
    place.prepare()
    save_pending(place.data_dir, PendingJoin(link=link, member_name=name or ""))


def _show_kept(invocation: Invocation, name: str | None) -> None:
    kept = Document({"schema": "p2pnode/join/1", "stage": "kept", "timed_out": False})
    has_key = invocation.paths.key_file.exists()

    def human() -> None:
        who = "this device" if name is None else name
        invocation.terminal.show(f"kept: {who} will join when the daemon starts")
        if not has_key:
            invocation.terminal.note("first, as this home has no key yet: p2pnode init")
        invocation.terminal.note("then: p2pnode run")

    invocation.print(kept, human)


def _show_join(invocation: Invocation, answer: Document, name: str | None) -> None:
    stage = answer.text("stage")
    if stage == "admitted":
        member = answer.maybe_sub("member")
        got = name if member is None else member.text("name")
        invocation.terminal.show("admitted" if got is None else f"admitted: you are {got}")
        if name not in (None, got):
            invocation.terminal.note(
                f"Somebody has a name that reads as {name} does: the others see you as {got}."
            )
        invocation.terminal.note("what needs your vote: p2pnode status")
        return
    called = "" if name is None else f" as {name}"
    invocation.terminal.show(f"joining{called}: {stage.replace('_', ' ')}")
    if stage == "refused":
        return
    if stage == "waiting_for_invite":
        invocation.terminal.show(answer.text("detail"))
    invocation.terminal.note(f"{joining_words(stage)} See: p2pnode status")
