"""communities, use: which there are here, and which one commands are about that name none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ...asked.chosen import forget_chosen, load_chosen, save_chosen
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, of_node
from ...shown.document import Document
from ...views import called_in, needs_words, short_id

if TYPE_CHECKING:
    from rich.table import Table


@of_node
def communities(invocation: Invocation) -> None:
    """List the communities of this home, and what needs you in each.

    \b
    [bold]Examples[/]
      p2pnode communities
      p2pnode communities --json | jq -r '.items[] | select(.needs_my_vote > 0) | .name'
    """
    listed = invocation.node.every("communities")
    invocation.print(listed, lambda: _show(invocation, listed))


def _show(invocation: Invocation, listed: Document) -> None:
    lines = listed.subs("items")
    if not lines:
        invocation.terminal.show("This node belongs to no community yet.")
        invocation.terminal.note('Begin one:   p2pnode found "Our allotment" --name YOU')
        invocation.terminal.note("Or join one: p2pnode join LINK --name YOU")
        return
    invocation.terminal.show(_table(invocation, lines))
    for one in lines:
        trouble = one.maybe_text("trouble")
        if trouble is not None:
            invocation.terminal.note(f"{short_id(one.text('id'))} does not run: {trouble}")
    if len(lines) > 1:
        invocation.terminal.note("one of them by itself: p2pnode status -c NAME")


def _table(invocation: Invocation, lines: list[Document]) -> Table:
    chosen = load_chosen(invocation.paths.state_dir) if len(lines) > 1 else None
    table = invocation.terminal.table(
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
    invocation: Invocation,
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
        forget_chosen(invocation.paths.state_dir)
        _print(invocation, None, "no community is chosen")
    elif name is not None:
        if not name.strip():
            raise Failure(Exit.USAGE, "bad_argument", "NAME is empty")
        status = invocation.node.of(name).get("status")
        save_chosen(invocation.paths.state_dir, status.text("id"))
        community = status.maybe_sub("community")
        shown = short_id(status.text("id"))
        if community is not None:
            shown = f"{community.text('name')} ({shown})"
        _print(invocation, status.text("id"), f"in use from here on: {shown}")
    else:
        chosen = load_chosen(invocation.paths.state_dir)
        if chosen is None:
            _print(invocation, None, "no community is chosen")
        else:
            _print(invocation, chosen, f"in use: {_called(invocation, chosen)}")


def _called(invocation: Invocation, community: str) -> str:
    """Return the name and the id of the community, or that it is none of this home any more."""
    try:
        lines = invocation.node.every("communities").subs("items")
    except Failure as failure:
        if failure.code != "no_daemon":
            raise
        return short_id(community)
    for one in lines:
        if one.text("id") == community:
            return f"{called_in(one, lines)} ({short_id(community)})"
    return f"{short_id(community)}, which is none of this home any more"


def _print(invocation: Invocation, community: str | None, words: str) -> None:
    found = Document({"schema": "p2pnode/use/1", "community": community})
    invocation.print(found, lambda: invocation.terminal.show(words))
