"""note, notes: what programs put into the log."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Annotated

import typer

from ...arguments import DryRun, Wait, write_query
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, everywhere
from ...receipts import finish
from ...shown.document import Document
from ...typed.files import read_path

Namespace = Annotated[
    str, typer.Argument(metavar="NAMESPACE", help="Whose it is, such as org.example.minutes.")
]


@everywhere
def note(
    invocation: Invocation,
    namespace: Namespace,
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="What it says, up to 4096 bytes.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", parser=read_path, metavar="FILE", help="Its bytes, read (-: stdin)."
        ),
    ] = None,
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Put something into the log that decides nothing, for a program to read.

    It is ordered with all else, kept by every node, and part of the event
    stream. It stays for good: unlike texts, notes cannot be erased.

    \b
    [bold]Examples[/]
      p2pnode note org.example.minutes "2030-05-17 4f1c…"
      p2pnode note org.example.minutes --file minutes.cbor --wait
    """
    if (text is None) == (file is None):
        raise Failure(Exit.USAGE, "bad_text", "give TEXT or --file, one of the two")
    data = _read(file) if text is None else _encode(text)
    body = {"namespace": namespace, "data": base64.b64encode(data).decode()}
    receipt = invocation.api.post("notes", body=body, query=write_query(invocation, wait, dry_run))
    finish(invocation, receipt, "noted", wait, about=f"{len(data)} bytes for {namespace}")


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # a byte of the command line that is no character
        raise Failure(
            Exit.USAGE, "bad_text", "TEXT is not UTF-8; put it into a file, and give --file"
        ) from None


def _read(file: Path | None) -> bytes:
    assert file is not None
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise Failure(Exit.USAGE, "bad_text", f"{file} cannot be read: {error}") from None


@everywhere
def notes(
    invocation: Invocation,
    namespace: Annotated[
        str | None, typer.Option("--namespace", metavar="NAMESPACE", help="Of this one only.")
    ] = None,
) -> None:
    """List what programs have put into the log, in its order.

    \b
    [bold]Examples[/]
      p2pnode notes --namespace org.example.minutes
      p2pnode notes --json | jq -r '.items[].data | @base64d'
    """
    listed = invocation.api.every("notes", query={"namespace": namespace})
    invocation.print(listed, lambda: _show(invocation, listed))


def _show(invocation: Invocation, listed: Document) -> None:
    items = listed.subs("items")
    if not items:
        invocation.terminal.show("no program has noted anything")
        return
    table = invocation.terminal.table("commit", "namespace", "by", "note", grow="note")
    for one in items:
        table.add_row(
            str(one.count("commit")),
            one.text("namespace"),
            one.sub("author").text("name"),
            _shown(base64.b64decode(one.text("data"))),
        )
    invocation.terminal.show(table)


def _shown(data: bytes) -> str:
    """Return a note as text, if it is one; else how long it is."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return f"{len(data)} bytes"
    return text if text.isprintable() else f"{len(data)} bytes"
