"""backup, restore, recover: what outlives this machine, and how a node comes back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...arguments import confirm
from ...session import Session, of_node
from ...shown.document import Document
from ...typed.files import read_path
from ...views import counted, short_id
from .machine import PassphraseFile, read_passphrase

if TYPE_CHECKING:
    from p2pnode.host.restoring import Restoration

    from ...shown.terminal import Row

_KEY_WORDS = {
    "none": "not in it: a restore makes a new one, to be bound to your seat",
    "open": "in it, NOT ENCRYPTED: whoever gets the file can vote and sign as you",
    "encrypted": "in it, encrypted with its passphrase",
}


@of_node
def backup(
    session: Session,
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
) -> None:
    """Write one file from which this node can be set up again.

    The node goes on meanwhile, and reads the file back before it says that it
    is done. The device key stays out: with a backup alone nobody can sign as you,
    and a restore gets a key of its own. Two nodes with one key would contradict
    each other, so think before you use --with-key.

    \b
    [bold]Examples[/]
      p2pnode backup
      p2pnode backup -o /media/stick/ana.p2pbackup --force
    """
    file = Path(_default_name(session)) if output is None else output
    body = {"file": str(file.expanduser().absolute()), "replace": force, "with_key": with_key}
    made = session.node.post("node", "backups", body=body)
    is_alone = not with_key and not session.options.as_json and _is_alone(session)
    session.print(made, lambda: _show_backup(session, made, is_alone=is_alone))


def _is_alone(session: Session) -> bool:
    """Return whether this device is the only one of the only member."""
    members = session.api.get("members", query={"limit": 2}).subs("items")
    return len(members) == 1 and len(members[0].subs("devices")) == 1


def _default_name(session: Session) -> str:
    day = datetime.fromtimestamp(session.now_ms() / 1000, UTC).strftime("%Y%m%d-%H%M%S")
    return f"p2pnode-{day}.p2pbackup"


def _show_backup(session: Session, made: Document, *, is_alone: bool) -> None:
    terminal = session.terminal
    member, key = made.maybe_sub("member"), made.text("key")
    rows: list[Row] = [
        ("of", "nobody: this device has no seat" if member is None else member.text("name")),
        ("record", f"{counted(made.count('index'), 'commit')}, all of it read back"),
        ("key", _KEY_WORDS[key]),
    ]
    terminal.whole(made.text("file"))
    terminal.show(terminal.fields(rows))
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


@of_node
def restore(
    session: Session,
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

    passphrase = read_passphrase(session, passphrase_file)
    done = restore_backup(file, session.paths, WallMs(session.now_ms()), passphrase)
    seat = done.manifest.member
    found = Document(
        {
            "schema": "p2pnode/restore/1",
            "binding": done.binding,
            "community": to_text("com", done.manifest.community),
            "community_name": done.manifest.community_name,
            "device": to_text("dev", done.device),
            "index": done.manifest.log_index,
            "key": done.manifest.key,
            "member": None if seat is None else {"id": to_text("mem", seat.id), "name": seat.name},
            "paths": session.paths.described(),
        }
    )
    session.print(found, lambda: _show_restore(session, found, done))


def _show_restore(session: Session, found: Document, done: Restoration) -> None:
    terminal = session.terminal
    made = datetime.fromtimestamp(done.manifest.created_ms / 1000, UTC)
    seat = found.maybe_sub("member")
    terminal.show(terminal.heading(f"restored: a node of {found.text('community_name')}"))
    rows: list[Row] = [
        (
            "as",
            "nobody: the device that made it had no seat" if seat is None else seat.text("name"),
        ),
        ("of", f"{made:%Y-%m-%d %H:%M} UTC, {counted(found.count('index'), 'commit')}"),
        ("device", short_id(found.text("device")) + ("" if done.binding is None else ", new")),
        ("home", str(session.paths.of(done.manifest.community).store_file)),
    ]
    terminal.show(terminal.fields(rows))
    if done.binding is None:
        terminal.note("start it:  p2pnode run")
        if found.text("key") != "none":
            terminal.note(
                "It signs nothing until enough of the others have told it how far its key"
            )
            terminal.note("had signed; p2pnode status says whom it waits for. The other node with")
            terminal.note("this key, if there is one, must never run again.")
        return
    terminal.show("")
    terminal.show("This device is new, so your seat does not know it yet. Pass this line on:")
    terminal.whole(done.binding)
    show_binding_ways(session, done.binding)
    terminal.note("and here, where it waits until that is done: p2pnode run")


def show_binding_ways(session: Session, _code: str) -> None:
    """Say who can bind a device, and with what command."""
    session.terminal.note("on your other device: p2pnode devices add LINE", elsewhere=True)
    session.terminal.note(
        "or, with none left, any other member: p2pnode rekey LINE", elsewhere=True
    )


@of_node
def recover(
    session: Session,
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
        confirm(session, "Sign on without asking the others? It may fork your record.")
    from p2pnode.host.restoring import recover as let_recover  # noqa: PLC0415 (sqlite3)
    from p2pnode_protocols.wire.ids import WallMs, to_text  # noqa: PLC0415

    done = let_recover(session.paths, WallMs(session.now_ms()), sign_anyway=sign_anyway)
    found = Document(
        {
            "schema": "p2pnode/recover/1",
            "device": to_text("dev", done.device),
            "learns": done.learns,
            "was_behind": done.was_behind,
        }
    )

    def human() -> None:
        if not done.was_behind:
            session.terminal.show("the store is not behind what this device has signed")
        if done.learns:
            session.terminal.show("the node will learn from the others before it signs anything")
        else:
            session.terminal.show("the node will sign on from its store, without asking")
        session.terminal.note("start it: p2pnode run")
        session.terminal.note("whom it waits for: p2pnode status")

    session.print(found, human)
