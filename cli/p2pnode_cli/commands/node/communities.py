"""communities, use: which there are here, and which one commands are about that name none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ...asked.chosen import forget_chosen, load_chosen, save_chosen
from ...exits import Exit
from ...failures import Failure
from ...session import Session, of_node
from ...shown.document import Document
from ...views import called_in, needs_words, short_id

if TYPE_CHECKING:
    from rich.table import Table


@of_node
def communities(session: Session) -> None:
    """List the communities of this home, and what needs you in each.

    \b
    [bold]Examples[/]
      p2pnode communities
      p2pnode communities --json | jq -r '.items[] | select(.needs_my_vote > 0) | .name'
    """
    listed = session.node.every("communities")
    session.print(listed, lambda: _show(session, listed))


def _show(session: Session, listed: Document) -> None:
    lines = listed.subs("items")
    if not lines:
        session.terminal.show("This node belongs to no community yet.")
        session.terminal.note('Begin one:   p2pnode found "Our allotment" --name YOU')
        session.terminal.note("Or join one: p2pnode join LINK --name YOU")
        return
    session.terminal.show(_table(session, lines))
    for one in lines:
        trouble = one.maybe_text("trouble")
        if trouble is not None:
            session.terminal.note(f"{short_id(one.text('id'))} does not run: {trouble}")
    if len(lines) > 1:
        session.terminal.note("one of them by itself: p2pnode status -c NAME")


def _table(session: Session, lines: list[Document]) -> Table:
    chosen = load_chosen(session.paths.state_dir) if len(lines) > 1 else None
    table = session.terminal.table(
        "name", "id", "state", "members", "you", "needs you", grow="name"
    )
    for one in lines:
        member, members = one.maybe_sub("member"), one.maybe_count("members")
        in_use = " (in use)" if one.text("id") == chosen else ""
        table.add_row(
            (one.maybe_text("name") or "–") + in_use,
            short_id(one.text("id")),
            one.text("state"),
            "–" if members is None else str(members),
            "–" if member is None else member.text("name"),
            needs_words(one),
        )
    return table


@of_node
def use(
    session: Session,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Of the community, or its id.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Choose none.")] = False,
) -> None:
    """Choose a community for commands that name none; or say which it is.

    What a command names with -c counts before it, and so does P2PNODE_COMMUNITY.
    Where there is only one, that is meant whatever was chosen.

    \b
    [bold]Examples[/]
      p2pnode use "Lane 7"
      p2pnode use --none
    """
    if name is not None and none:
        raise Failure(Exit.USAGE, "bad_argument", "NAME and --none exclude each other")
    if none:
        forget_chosen(session.paths.state_dir)
        _print(session, None, "no community is chosen")
    elif name is not None:
        if not name.strip():
            raise Failure(Exit.USAGE, "bad_argument", "NAME is empty")
        status = session.node.of(name).get("status")
        save_chosen(session.paths.state_dir, status.text("id"))
        community = status.maybe_sub("community")
        shown = short_id(status.text("id"))
        if community is not None:
            shown = f"{community.text('name')} ({shown})"
        _print(session, status.text("id"), f"in use from here on: {shown}")
    else:
        chosen = load_chosen(session.paths.state_dir)
        if chosen is None:
            _print(session, None, "no community is chosen")
        else:
            _print(session, chosen, f"in use: {_called(session, chosen)}")


def _called(session: Session, community: str) -> str:
    """Return the name and the id of the community, or that it is none of this home any more."""
    try:
        lines = session.node.every("communities").subs("items")
    except Failure as failure:
        if failure.code != "no_daemon":
            raise
        return short_id(community)
    for one in lines:
        if one.text("id") == community:
            return f"{called_in(one, lines)} ({short_id(community)})"
    return f"{short_id(community)}, which is none of this home any more"


def _print(session: Session, community: str | None, words: str) -> None:
    found = Document({"schema": "p2pnode/use/1", "community": community})
    session.print(found, lambda: session.terminal.show(words))
