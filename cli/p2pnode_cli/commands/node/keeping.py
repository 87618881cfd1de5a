"""backup, restore, recover: what outlives this machine, and how a node comes back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...arguments import confirm
from ...invocation import Invocation, of_node
from ...shown.document import Document
from ...typed.files import read_path
from ...views import counted, short_id
from .machine import PassphraseFile, read_passphrase

if TYPE_CHECKING:
    from p2pnode.host.restoring import Recovery, Restoration

    from ...shown.terminal import Row

_KEY_WORDS = {
    "none": "not in it: a restore makes a new one, to be bound to your seat",
    "open": "in it, NOT ENCRYPTED: whoever gets the file can vote and sign as you",
    "encrypted": "in it, encrypted with its passphrase",
}


@of_node
def backup(
    invocation: Invocation,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", parser=read_path, metavar="FILE", help="Where to; a new file."
        ),
    ] = None,
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Put this device's key in as well.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an older backup of this name.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="COMMUNITY", help="Of this community alone (repeatable)."),
    ] = None,
) -> None:
    """Write one file from which this node can be set up again.

    All communities that have a record here are in it, unless you name some.

    The node goes on meanwhile, and reads the file back before it says that it
    is done. The device key stays out: with a backup alone nobody can sign as you,
    and a restore gets a key of its own. Two nodes with one key would contradict
    each other, so think before you use --with-key.

    \b
    [bold]Examples[/]
      p2pnode backup
      p2pnode backup -o /media/stick/ana.p2pbackup --only "Lane 7" --force
    """
    file = Path(_default_name(invocation)) if output is None else output
    target = str(file.expanduser().absolute())
    body: dict[str, object] = {"file": target, "replace": force, "with_key": with_key}
    if only:
        body["communities"] = only
    made = invocation.node.post("node", "backups", body=body)
    is_told = with_key or only or invocation.options.as_json
    is_alone = not is_told and _is_alone(invocation, made)
    invocation.print(made, lambda: _show_backup(invocation, made, is_alone=is_alone))


def _is_alone(invocation: Invocation, made: Document) -> bool:
    """Return whether this device is the only one of the only member, in the only community."""
    if len(made.subs("communities")) > 1 or made.texts("left_out"):
        return False  # each would have to be asked
    members = invocation.api.get("members", query={"limit": 2}).subs("items")
    return len(members) == 1 and len(members[0].subs("devices")) == 1


def _default_name(invocation: Invocation) -> str:
    day = datetime.fromtimestamp(invocation.now_ms() / 1000, UTC).strftime("%Y%m%d-%H%M%S")
    return f"p2pnode-{day}.p2pbackup"


def _show_backup(invocation: Invocation, made: Document, *, is_alone: bool) -> None:
    terminal, key = invocation.terminal, made.text("key")
    terminal.whole(made.text("file"))
    rows: list[Row] = [_describe(one) for one in made.subs("communities")]
    rows.append(("key", _KEY_WORDS[key]))
    terminal.show(terminal.fields(rows))
    if left_out := made.texts("left_out"):
        terminal.note(
            f"not in it: {', '.join(map(short_id, left_out))}, where a join has begun and there is "
            "no record yet. A node restored from it joins anew, with a link."
        )
    if key == "none":
        terminal.note("put it back with: p2pnode restore FILE --home DIR")
        if is_alone:
            terminal.note(
                "You are the only member, with one device. If its key is lost, nobody can bind "
                "another one to your seat: keep a backup with the key as well, or a second device."
            )
            terminal.note("either: p2pnode backup --with-key")
            terminal.note("or:     p2pnode devices link")
    else:
        terminal.note(
            "Keep this file as safe as the key itself. Never let two nodes run with one key: "
            "stop this one for good before the file is restored elsewhere."
        )


def _describe(community: Document) -> tuple[str, str]:
    """Return whose seat it is in a community, and how much of its record is kept."""
    seat = community.maybe_sub("member")
    whose = "nobody: this device has no seat" if seat is None else seat.text("name")
    kept = f"{counted(community.count('index'), 'commit')}, all of it read back"
    return community.text("name"), f"{whose}; {kept}"


@of_node
def restore(
    invocation: Invocation,
    file: Annotated[
        Path,
        typer.Argument(parser=read_path, metavar="FILE", help="What p2pnode backup wrote."),
    ],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Set up an empty home from a backup.

    Without a key in it the home gets a new one, and prints a line: with that your
    other device, or the community by a decision, binds it to your seat. With a
    key in it the node signs nothing before the others have told it how far it
    had signed.

    \b
    [bold]Examples[/]
      p2pnode restore ana.p2pbackup
      p2pnode restore ana.p2pbackup --home ./again --passphrase-file -
    """
    from p2pnode.host.restoring import restore_backup  # noqa: PLC0415 (cryptography, sqlite3)
    from p2pnode_protocols.wire.ids import WallMs, to_text  # noqa: PLC0415

    passphrase = read_passphrase(invocation, passphrase_file)
    done = restore_backup(file, invocation.paths, WallMs(invocation.now_ms()), passphrase)
    communities: list[dict[str, object]] = []
    for kept in done.manifest.communities:
        seat = kept.member
        member = None if seat is None else {"id": to_text("mem", seat.id), "name": seat.name}
        communities.append(
            {
                "id": to_text("com", kept.community),
                "name": kept.name,
                "member": member,
                "index": kept.log_index,
                "binding": done.bindings.get(kept.community),
                "store": str(invocation.paths.of(kept.community).store_file),
            }
        )
    found = Document(
        {
            "schema": "p2pnode/restore/1",
            "communities": communities,
            "device": to_text("dev", done.device),
            "key": done.manifest.key,
            "paths": invocation.paths.described(),
        }
    )
    invocation.print(found, lambda: _show_restore(invocation, found, done))


def _show_restore(invocation: Invocation, found: Document, done: Restoration) -> None:
    terminal = invocation.terminal
    made = datetime.fromtimestamp(done.manifest.created_ms / 1000, UTC)
    is_new = found.text("key") == "none"
    communities = found.subs("communities")
    names = ", ".join(one.text("name") for one in communities)
    terminal.show(terminal.heading(f"restored: a node of {names}"))
    rows: list[Row] = [("of", f"{made:%Y-%m-%d %H:%M} UTC")]
    for one in communities:
        seat = one.maybe_sub("member")
        whose = "nobody: the device that made it had no seat" if seat is None else seat.text("name")
        rows.append((one.text("name"), f"{whose}; {counted(one.count('index'), 'commit')}"))
    rows.append(("device", short_id(found.text("device")) + (", new" if is_new else "")))
    rows.append(("home", str(invocation.paths.communities_dir)))
    terminal.show(terminal.fields(rows))
    if not done.bindings:
        terminal.note("start it:  p2pnode run")
        if not is_new:
            terminal.note(
                "It signs nothing until enough of the others have told it how far its key"
            )
            terminal.note("had signed; p2pnode status says whom it waits for. The other node with")
            terminal.note("this key, if there is one, must never run again.")
        return
    terminal.show("")
    terminal.show("This device is new, so your seat does not know it yet. Pass this line on:")
    for one in communities:
        if (code := one.maybe_text("binding")) is not None:
            if len(communities) > 1:
                terminal.show(f"in {one.text('name')}:")
            terminal.whole(code)
            show_binding_ways(invocation, code)
    terminal.note("and here, where it waits until that is done: p2pnode run")


def show_binding_ways(invocation: Invocation, _code: str) -> None:
    """Say who can bind a device, and with what command."""
    invocation.terminal.note("on your other device: p2pnode devices add LINE", elsewhere=True)
    invocation.terminal.note(
        "or, with none left, any other member: p2pnode rekey LINE", elsewhere=True
    )


@of_node
def recover(
    invocation: Invocation,
    sign_anyway: Annotated[
        bool,
        typer.Option("--sign-anyway", help="Do not ask the others first; may fork your record."),
    ] = False,
) -> None:
    """Let this node go on from a store older than what its device has signed.

    It then signs nothing until enough of the other nodes have told it how far
    it had signed. That takes as many others as a quorum has. Where so many will
    never come back, --sign-anyway does without: should one of them have heard
    more from this device than is known here, it counts as forked.

    \b
    [bold]Examples[/]
      p2pnode recover
      p2pnode recover --sign-anyway --yes
    """
    if sign_anyway:
        confirm(invocation, "Sign on without asking the others? It may fork your record.")
    from p2pnode.host.restoring import recover as let_recover  # noqa: PLC0415 (sqlite3)
    from p2pnode_protocols.wire.ids import WallMs, to_text  # noqa: PLC0415

    done = let_recover(invocation.paths, WallMs(invocation.now_ms()), sign_anyway=sign_anyway)
    found = Document(
        {
            "schema": "p2pnode/recover/1",
            "communities": [
                {
                    "id": to_text("com", one.community),
                    "name": one.name or None,
                    "was_behind": one.was_behind,
                    "trouble": None if one.trouble is None else one.trouble.detail,
                }
                for one in done.communities
            ],
            "device": to_text("dev", done.device),
            "learns": done.learns,
            "was_behind": done.was_behind,
        }
    )
    invocation.print(found, lambda: _show_recovery(invocation, done))


def _show_recovery(invocation: Invocation, done: Recovery) -> None:
    terminal = invocation.terminal
    is_only = len(done.communities) == 1
    for one in done.communities:
        of = "" if is_only else f" of {one.name}"
        if one.trouble is not None:
            terminal.note(f"its store cannot be gone on from: {one.trouble}")
        elif not one.was_behind:
            terminal.show(f"the store{of} is not behind what this device has signed")
    if done.learns:
        terminal.show("the node will learn from the others before it signs anything")
    else:
        terminal.show("the node will sign on from its store, without asking")
    terminal.note("start it: p2pnode run")
    terminal.note("whom it waits for: p2pnode status")
