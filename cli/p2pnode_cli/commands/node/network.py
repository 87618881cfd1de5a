"""peers: which nodes this one talks to."""

from __future__ import annotations

from typing import Annotated

import typer

from ...invocation import Invocation, everywhere
from ...shown.document import Document
from ...shown.spans import show_span
from ...views import person, short_id

PeerRef = Annotated[
    str, typer.Argument(metavar="PEER", help="A member's name or id, or a device id.")
]


@everywhere
def peers(invocation: Invocation) -> None:
    """List the nodes this one is connected to, or tries to reach.

    \b
    [bold]Examples[/]
      p2pnode peers
      p2pnode peers --json | jq '.items[] | {device, rtt_ms}'
    """
    listed = invocation.api.every("peers")
    invocation.print(listed, lambda: _show_peers(invocation, listed))


def _by_member(peer: Document) -> tuple[bool, str]:
    someone = peer.maybe_sub("member")
    return (someone is None, "" if someone is None else someone.text("name").casefold())


def _show_peers(invocation: Invocation, listed: Document) -> None:
    terminal, now_ms = invocation.terminal, invocation.now_ms()
    items = sorted(listed.subs("items"), key=_by_member)
    if not items:
        terminal.show("no other node is known")
        terminal.note("add one: p2pnode peers add /ip4/…/tcp/…/p2p/…")
        return
    table = terminal.table("member", "device", "state", "since", "rtt", "clock", "drops", "faults")
    for one in items:
        someone = one.maybe_sub("member")
        since_ms = one.time_ms("connected_at")
        rtt, offset = one.maybe_count("rtt_ms"), one.maybe_count("clock_offset_ms")
        table.add_row(
            "–" if someone is None else person(someone),
            short_id(one.text("device")),
            terminal.state(one.text("state")),
            "" if since_ms is None else show_span(now_ms - since_ms),
            "" if rtt is None else f"{rtt} ms",
            "" if offset is None else f"{offset:+} ms",
            str(one.count("drops")),
            str(one.count("faults")),
        )
    terminal.show(table)
    for one in items:
        error = one.maybe_text("last_error")
        if error is not None and one.text("state") != "connected":
            someone, device = one.maybe_sub("member"), short_id(one.text("device"))
            whose = device if someone is None else f"{person(someone)} ({device})"
            terminal.note(f"{whose}: {error}")


@everywhere
def add(
    invocation: Invocation,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="/ip4/192.0.2.7/tcp/17470/p2p/12D3…")
    ],
) -> None:
    """Try to reach a node at one more address.

    \b
    [bold]Examples[/]
      p2pnode peers add /ip4/192.0.2.7/tcp/17470/p2p/12D3KooW…
      p2pnode peers add /dns4/node.example.org/tcp/17470/p2p/12D3KooW…
    """
    answer = invocation.api.post("peers", body={"address": address})
    invocation.print(
        answer,
        lambda: invocation.terminal.show(invocation.terminal.here("dialling; see: p2pnode peers")),
    )


@everywhere
def block(invocation: Invocation, peer: PeerRef) -> None:
    """Cut this node off from another.

    Until `unblock`, or a restart of the daemon. For drills: block on both sides
    to see what a broken network does.

    \b
    [bold]Examples[/]
      p2pnode peers block Bo
      p2pnode peers block dev_k3v7
    """
    answer = invocation.api.call("PUT", ("peers", peer, "block"))
    invocation.print(answer, lambda: invocation.terminal.show(f"{peer} is blocked"))


@everywhere
def unblock(invocation: Invocation, peer: PeerRef) -> None:
    """Let a blocked node in again.

    \b
    [bold]Examples[/]
      p2pnode peers unblock Bo
      p2pnode peers unblock dev_k3v7
    """
    answer = invocation.api.call("DELETE", ("peers", peer, "block"))
    invocation.print(answer, lambda: invocation.terminal.show(f"{peer} is let in again"))
