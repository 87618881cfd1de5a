"""devices: the keys of your seat, and which of them runs its node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ...arguments import DryRun, Grade, Wait, confirm, write_query
from ...asked.client import Api
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, everywhere, of_node
from ...receipts import finish
from ...shown.document import Document
from ...views import called_in, short_id
from ..node.keeping import show_binding_ways
from ..node.machine import PassphraseFile, read_passphrase

DeviceRef = Annotated[
    str, typer.Argument(metavar="DEVICE", help="Its id, of which 4 characters are enough.")
]


@everywhere
def devices(invocation: Invocation) -> None:
    """List the devices of your seat.

    Each of them votes for you; one of them, the node, also makes blocks.

    \b
    [bold]Examples[/]
      p2pnode devices
      p2pnode devices --json | jq -r '.devices[].id'
    """
    seat = invocation.api.get("members", "me")
    invocation.print(seat, lambda: _show_devices(invocation, seat))


def _show_devices(invocation: Invocation, seat: Document) -> None:
    table = invocation.terminal.table("device", "what it does", "")
    for one in seat.subs("devices"):
        does = "votes and finalizes: the node" if one.flag("node") else "votes"
        if one.flag("forked"):
            does = "votes; forked: makes no blocks any more"
        table.add_row(short_id(one.text("id")), does, "this one" if one.flag("me") else "")
    invocation.terminal.show(table)
    if any(one.flag("node") for one in seat.subs("devices")):
        return
    sound = [one for one in seat.subs("devices") if not one.flag("forked")]
    if sound:
        invocation.terminal.note(f"no device is your node; {_make_one(sound)}")
    else:
        invocation.terminal.note(
            "your node's key signed two blocks where one was due: it runs twice, or was put back "
            "from a copy. Find and stop the other one, then: p2pnode devices renew"
        )


def _make_one(devices: list[Document]) -> str:
    """Return how one of these becomes the node: this one, which runs; of others nobody knows.

    Not just any: a node that is off helps nobody, and the next choice is refused for a while.
    """
    here = [one for one in devices if one.flag("me")]
    if not here and len(devices) != 1:
        return "make one that runs your node: p2pnode devices use DEVICE"
    (device,) = here or devices
    return f"make one: p2pnode devices use {short_id(device.text('id'))}"


@everywhere
def link(invocation: Invocation) -> None:
    """Print a link for a further device of yours; it opens no seat.

    \b
    [bold]Examples[/]
      p2pnode devices link
      p2pnode devices link | ssh laptop 'xargs p2pnode devices request'
    """
    found = invocation.api.get("link")

    def human() -> None:
        invocation.terminal.whole(found.text("link"))
        invocation.terminal.note(
            "the new device runs: p2pnode init; p2pnode devices request LINK", elsewhere=True
        )

    invocation.print(found, human)


@of_node
def request(
    invocation: Invocation,
    link: Annotated[str, typer.Argument(metavar="LINK", help="From p2pnode devices link.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """On a new device: ask to be one of a seat's, and print the line that does it.

    The device waits, over restarts too, until its owner has added it. Without a
    daemon the request is kept for it; that reads the key, so it may need the
    passphrase.

    \b
    [bold]Examples[/]
      p2pnode devices request LINK
      p2pnode devices request LINK --json | jq -r .binding
    """

    def ask() -> Document | None:
        """Return the daemon's answer, None when there is no daemon."""
        try:
            path = ("node", "device-bindings", "me")
            return invocation.node.call("PUT", path, body={"link": link})
        except Failure as failure:
            if failure.code != "no_daemon":
                raise
            return None

    found, is_kept = ask(), False
    if found is None:
        kept = _keep_request(invocation, link, passphrase_file)
        found = ask()  # one that was starting may have looked for the file already
        if found is None:
            found, is_kept = kept, True

    def human() -> None:
        invocation.terminal.whole(found.text("binding"))
        show_binding_ways(invocation, found.text("binding"))
        if is_kept:
            invocation.terminal.note("and here, where it waits until that is done: p2pnode run")

    invocation.print(found, human)


def _keep_request(invocation: Invocation, link: str, passphrase_file: Path | None) -> Document:
    """Sign the request here and keep it for the daemon; return it as the API would."""
    from p2pnode.community.links import JoinLink, bind  # noqa: PLC0415
    from p2pnode.errors import RequestError  # noqa: PLC0415 (cryptography)
    from p2pnode.home.keystore import load_key  # noqa: PLC0415
    from p2pnode.home.pending import (  # noqa: PLC0415
        PendingBinding,
        PendingJoin,
        save_binding,
        save_pending,
    )

    try:
        read = JoinLink.from_text(link)
    except RequestError as error:
        raise Failure(
            Exit.USAGE, error.code, error.detail, tries=("copy the whole line again",)
        ) from None
    if read.member is None:
        raise Failure(
            Exit.USAGE,
            "bad_link",
            "the link names no seat",
            tries=("make one on another device of the seat:", "p2pnode devices link"),
        )
    passphrase = read_passphrase(invocation, passphrase_file)
    signer = load_key(invocation.paths.key_file, passphrase).signer
    code = bind(signer, read.community, read.member).to_text()
    place = invocation.paths.of(read.community)
    place.prepare()
    save_binding(place.data_dir, PendingBinding(code, ""))
    save_pending(place.data_dir, PendingJoin(link, ""))
    return Document({"schema": "p2pnode/binding/1", "binding": code})


@everywhere
def add(
    invocation: Invocation,
    code: Annotated[str, typer.Argument(metavar="LINE", help="What the new device printed.")],
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Bind a further device to your seat. It votes as you from then on.

    \b
    [bold]Examples[/]
      p2pnode devices add p2pnode:bind:1…
      p2pnode devices add p2pnode:bind:1… --wait
    """
    query = write_query(invocation, wait, dry_run)
    receipt = invocation.api.post("members", "me", "devices", body={"binding": code}, query=query)
    finish(invocation, receipt, "bound a further device", wait)
    if not invocation.options.as_json:
        invocation.terminal.note("to let it be your node: p2pnode devices use DEVICE")


@everywhere
def revoke(
    invocation: Invocation, device: DeviceRef, wait: Wait = None, dry_run: DryRun = False
) -> None:
    """Take a device off your seat: lost, stolen, given away.

    From then on nothing that it signs counts.

    \b
    [bold]Examples[/]
      p2pnode devices revoke dev_k3v7
      p2pnode devices revoke dev_k3v7 --wait --yes
    """
    said = f"Revoke {device}? What it signs counts no more, unless you add it again."
    devices = invocation.api.get("members", "me").subs("devices")
    revoked = [one for one in devices if _is_meant(device, one)]
    is_node = any(one.flag("node") for one in revoked)
    if is_node:
        warning = (
            "It is your node: without it your seat finalizes nothing until you make another device "
            "the node (p2pnode devices use DEVICE, best before)."
        )
        said = f"{warning} {said}"
        if invocation.options.yes or dry_run:
            invocation.terminal.note(warning)
    if not dry_run:
        confirm(invocation, said)
    query = write_query(invocation, wait, dry_run)
    receipt = invocation.api.call("DELETE", ("members", "me", "devices", device), query=query)
    finish(invocation, receipt, f"revoked {device}", wait)
    if is_node and not dry_run:
        left = [one for one in devices if one not in revoked and not one.flag("forked")]
        invocation.terminal.note(f"then your seat has no node; {_make_one(left)}")


def _is_meant(device: str, one: Document) -> bool:
    """Return whether what was typed can mean this device."""
    wanted = device.strip().lower()
    return one.text("id").startswith(wanted if wanted.startswith("dev_") else f"dev_{wanted}")


@everywhere
def use(
    invocation: Invocation, device: DeviceRef, wait: Wait = None, dry_run: DryRun = False
) -> None:
    """Let another device of your seat be its node.

    \b
    [bold]Examples[/]
      p2pnode devices use dev_k3v7
      p2pnode devices use dev_k3v7 --wait
    """
    query = write_query(invocation, wait, dry_run)
    body = {"device": device}
    receipt = invocation.api.call("PUT", ("members", "me", "node-key"), body=body, query=query)
    finish(invocation, receipt, f"made {device} the node of your seat", wait)


@of_node
def renew(
    invocation: Invocation, passphrase_file: PassphraseFile = None, wait: Wait = None
) -> None:
    """Give this machine a fresh key, bound to your seats by the one it has.

    The way back after a fork, as a key that has signed two blocks in one place
    makes no more blocks; and good whenever a copy of the key may be about. If it
    is broken off, the same command goes on with it. It waits until the change
    is final, with and without --wait.

    \b
    [bold]Examples[/]
      p2pnode devices renew
      p2pnode devices renew --passphrase-file key.txt --timeout 5m
    """
    from p2pnode.community.links import bind  # noqa: PLC0415
    from p2pnode.home.keystore import is_encrypted  # noqa: PLC0415
    from p2pnode.host.renewing import prepare_key, switch_key  # noqa: PLC0415
    from p2pnode_protocols.wire.ids import CommunityId, MemberId, from_text, to_text  # noqa: PLC0415

    if wait is Grade.PROVISIONAL:
        raise Failure(
            Exit.USAGE,
            "bad_option",
            "--wait: a key is changed by what is final only",
            tries=("p2pnode devices renew --wait",),
        )
    node = invocation.node.get("node")
    seats = list(_own_seats(invocation, node))
    passphrase = read_passphrase(invocation, passphrase_file)
    if passphrase is None and is_encrypted(invocation.paths.key_file):
        raise Failure(
            Exit.NOT_ALLOWED,
            "passphrase_needed",
            "the key here is encrypted, so the fresh one has to be",
            tries=("p2pnode devices renew --passphrase-file FILE",),
        )
    fresh = prepare_key(invocation.paths, passphrase).signer
    name = to_text("dev", fresh.device)
    query = write_query(invocation, Grade.FINAL)
    for api, line in seats:
        seat = api.get("members", "me")
        community = CommunityId(from_text("com", line.text("id")))
        member = MemberId(from_text("mem", seat.text("id")))
        known = {one.text("id"): one.flag("node") for one in seat.subs("devices")}
        if name not in known:
            code = bind(fresh, community, member).to_text()
            body: dict[str, str] = {"binding": code}
            _require_final(api.post("members", "me", "devices", body=body, query=query))
        if not known.get(name, False):
            body = {"device": name}
            path = ("members", "me", "node-key")
            _require_final(api.call("PUT", path, body=body, query=query))
    old = switch_key(invocation.paths)
    found = Document({"schema": "p2pnode/renewed/1", "device": name, "old_key": str(old)})

    def human() -> None:
        device = node.sub("device").text("id")
        invocation.terminal.show(
            f"this machine's key is {short_id(name)} now; the old one is kept:"
        )
        invocation.terminal.whole(str(old))
        invocation.terminal.note("now restart the node:   p2pnode run")
        invocation.terminal.note(
            f"then, if you like:      p2pnode devices revoke {short_id(device)}"
        )

    invocation.print(found, human)


def _own_seats(invocation: Invocation, node: Document) -> Iterator[tuple[Api, Document]]:
    """Yield each community of this home, and what asks it: this device has a seat in all of them.

    Raises:
        Failure: it has none, or cannot say anything in one; then the key stays, as it would be
            without a seat there.
    """
    lines = node.subs("communities")
    if not lines:
        invocation.api.get("members", "me")  # which says why there is nothing to bind the key to
    for line in lines:
        if line.text("state") == "removed":
            continue  # it has nothing to say there any more
        if line.text("state") != "member":
            called = called_in(line, lines)
            raise Failure(
                Exit.NOT_ALLOWED,
                "not_a_member",
                f"this device cannot bind a fresh key in {called}: its state there is "
                f"{line.text('state')}",
                tries=("p2pnode communities",),
            )
        yield invocation.node.of(line.text("id")), line


def _require_final(receipt: Document) -> None:
    if receipt.raw.get("timed_out") is True:
        raise Failure(
            Exit.TIMED_OUT,
            "timeout",
            "the community has not made it final yet, so the old key is still in use",
            why="The fresh key is kept. It goes on by itself while nodes are there.",
            tries=("the same again, later",),
        )


@everywhere
def rekey(
    invocation: Invocation,
    code: Annotated[str, typer.Argument(metavar="LINE", help="What the new device printed.")],
    text: Annotated[
        str | None,
        typer.Option("--text", metavar="TEXT", help="How you know whose device it is."),
    ] = None,
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Propose a new key for a member who has lost all of theirs.

    Once it has passed, the new key is the seat's only one. It stays open for days
    at least, and one no from an old key rejects it: so that nobody takes a seat
    whose owner is only away. Be sure who gave you the line.

    \b
    [bold]Examples[/]
      p2pnode rekey p2pnode:bind:1… --text "she showed me her screen"
      p2pnode rekey p2pnode:bind:1… --dry-run
    """
    body = {"binding": code, "text": text, "vote": "yes"}
    query = write_query(invocation, wait, dry_run)
    receipt = invocation.api.post("rekeys", body=body, query=query)
    finish(invocation, receipt, "proposed", wait, about="a new key for a lost one")
