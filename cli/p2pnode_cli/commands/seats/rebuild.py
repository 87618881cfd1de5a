"""rebuild, epochs: going on when more nodes are lost for good than the quorum allows."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ...arguments import DryRun, confirm
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, everywhere
from ...shown.document import Document
from ...shown.spans import show_time
from ...typed.files import Force, read_path, refuse_existing, write_file
from ...views import people, person, short_id

_File = Annotated[
    Path,
    typer.Argument(
        parser=read_path, metavar="FILE", help="What a survivor proposed; - reads stdin."
    ),
]
_MOST_BYTES = 1 << 18  # far more than a rebuild with every signature


@everywhere
def propose(
    invocation: Invocation,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="NAME", help="A member whose node is lost; repeat it."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="NAME", help="Or: a member whose node is left."),
    ] = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            parser=read_path,
            metavar="FILE",
            help="Where the request is written.",
        ),
    ] = Path("rebuild.txt"),
    force: Force = False,
    dry_run: DryRun = False,
) -> None:
    """Propose to go on without nodes that are lost for good.

    Only when no quorum is left: with one, take nodes off by a decision. It is
    signed by your node, which makes no more blocks of this epoch until it is
    applied or withdrawn. Pass the file on; all who stay have to sign it.

    \b
    [bold]Examples[/]
      p2pnode rebuild propose --without carol --without dave
      p2pnode rebuild propose --keep bob --dry-run
    """
    body = {"keep": keep, "without": without}
    planned = invocation.api.post("rebuilds", body=body, query={"dry_run": True})
    if dry_run:
        invocation.print(planned, lambda: _show(invocation, planned))
        return
    refuse_existing(output, force=force)
    _show_before(invocation, planned)
    confirm(invocation, "Propose and sign this?")
    signed = invocation.api.post("rebuilds", body=body)
    _write(output, signed.text("request"), force=force)
    invocation.print(signed, lambda: _show_signed(invocation, signed, output))


@everywhere
def sign(invocation: Invocation, file: _File, dry_run: DryRun = False) -> None:
    """Look at what a survivor proposed, and sign it.

    The signature is added to the file. Your node makes no more blocks of this
    epoch until the rebuild is applied or withdrawn.

    \b
    [bold]Examples[/]
      p2pnode rebuild sign rebuild.txt --dry-run
      p2pnode rebuild sign rebuild.txt
    """
    body = {"request": _read(file)}
    planned = invocation.api.post("rebuilds", "signature", body=body, query={"dry_run": True})
    if dry_run:
        invocation.print(planned, lambda: _show(invocation, planned))
        return
    _show_before(invocation, planned, beside=_is_stream(file))
    confirm(invocation, "Sign this?")
    signed = invocation.api.post("rebuilds", "signature", body=body)
    if not _is_stream(file):
        _write(file, signed.text("request"), force=True)  # the same, with one more signature
    invocation.print(signed, lambda: _show_signed(invocation, signed, file))


@everywhere
def apply(
    invocation: Invocation,
    rebuild: Annotated[
        str,
        typer.Argument(metavar="FILE|ID", help="The file all have signed, or an epo_… id."),
    ],
    keeps: Annotated[
        list[str] | None,
        typer.Option("--keeps", metavar="NAME", help="Who goes on by it: name all, repeat it."),
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Let your node go on by a rebuild that all survivors have signed.

    Everyone does this at their own node, those too whose node came back later:
    then the id that `p2pnode status` shows is enough. Compare it with the
    others first. From then on those named in it alone make the record: you
    confirm it by naming them. Refused while a quorum is connected.

    \b
    [bold]Examples[/]
      p2pnode rebuild apply rebuild.txt --keeps alice --keeps bob
      p2pnode rebuild apply epo_k3v7abcd --dry-run
    """
    is_id = rebuild.strip().lower().startswith("epo_")
    body = {"rebuild": rebuild if is_id else _read(Path(rebuild))}
    planned = invocation.api.post("rebuilds", "application", body=body, query={"dry_run": True})
    if dry_run:
        invocation.print(planned, lambda: _show(invocation, planned))
        return
    _show_before(invocation, planned)
    kept = _named(planned.sub("rebuild")) if keeps is None else keeps
    applied = invocation.api.post("rebuilds", "application", body=body | {"kept": kept})
    invocation.print(applied, lambda: _show_applied(invocation, applied))


@everywhere
def withdraw(invocation: Invocation) -> None:
    """Take your signature on a rebuild back: your node makes blocks again.

    Others may still hold it, so tell them first, and see that nobody applies it.

    \b
    [bold]Examples[/]
      p2pnode rebuild withdraw
      p2pnode rebuild withdraw --yes
    """
    confirm(
        invocation,
        "Take the signature back? If others apply the rebuild all the same, there can be two "
        "records. Are they told?",
    )
    withdrawn = invocation.api.call("DELETE", ("rebuilds", "signature"))
    invocation.print(
        withdrawn, lambda: invocation.terminal.show("withdrawn: your node makes blocks")
    )


@everywhere
def epochs(invocation: Invocation) -> None:
    """List the epochs of the record, and who finalized in each.

    \b
    [bold]Examples[/]
      p2pnode epochs
      p2pnode epochs --json | jq '.items[] | select(.rebuild != null)'
    """
    listed = invocation.api.every("epochs")
    invocation.print(listed, lambda: _show_epochs(invocation, listed.subs("items")))


def _named(rebuild: Document) -> list[str]:
    """Let who is at the terminal type who goes on: a yes is given without looking.

    Raises:
        Failure: `not_confirmed`.
    """
    names = [person(one) for one in rebuild.subs("kept")]
    if not typer.get_text_stream("stdin").isatty():
        raise Failure(
            Exit.USAGE,
            "not_confirmed",
            f"who goes on has to be named: {', '.join(names)}. It cannot be undone.",
            tries=(f"the same with {' '.join(f'--keeps {shlex.quote(name)}' for name in names)}",),
        )
    question = "It cannot be undone. Who goes on? Type the names, with commas between"
    typed: str = typer.prompt(question, err=True)
    return [one.strip() for one in typed.split(",")]


def _show_epochs(invocation: Invocation, items: list[Document]) -> None:
    now_ms = invocation.now_ms()
    table = invocation.terminal.table(
        "epoch", "id", "after commit", "committee", "since", grow="committee"
    )
    for one in items:
        since_ms = one.time_ms("time")
        unknown = "leapt over" if one.raw.get("rebuild") is None else "no commit yet"
        table.add_row(
            str(one.count("number")),
            short_id(one.text("id")),
            str(one.count("index")),
            people(one.subs("committee")),
            unknown if since_ms is None else show_time(since_ms, now_ms),
        )
    invocation.terminal.show(table)
    for one in items:
        rebuild = one.maybe_sub("rebuild")
        if rebuild is not None:
            invocation.terminal.show(f"epoch {one.count('number')}: {rebuild.text('text')}")


def _show(invocation: Invocation, planned: Document, *, beside: bool = False) -> None:
    """Show what a rebuild would do; `beside` the data that goes to stdout."""
    terminal, rebuild = invocation.terminal, planned.sub("rebuild")
    show = terminal.note if beside else terminal.show
    show(
        terminal.fields(
            [
                ("rebuild", short_id(rebuild.text("id"))),
                ("goes on", people(rebuild.subs("kept"))),
                ("left out", people(rebuild.subs("lost"))),
                ("after commit", f"{rebuild.count('index')}, root {rebuild.text('root')[:16]}"),
            ]
        )
    )
    for said in planned.texts("consequences"):
        show(said)


def _show_before(invocation: Invocation, planned: Document, *, beside: bool = False) -> None:
    """Show what is about to be agreed to; for programs only the end counts."""
    if not invocation.options.as_json:
        _show(invocation, planned, beside=beside)


def _show_signed(invocation: Invocation, signed: Document, file: Path) -> None:
    terminal, missing = invocation.terminal, signed.sub("rebuild").subs("unsigned")
    if _is_stream(file):
        terminal.whole(signed.text("request"))
    else:
        terminal.show(f"signed, and written to {file}")
    if missing:
        terminal.note(f"Pass it on to {people(missing)}: p2pnode rebuild sign FILE", elsewhere=True)
    else:
        terminal.note(
            "All have signed. Each of you now: p2pnode rebuild apply FILE", elsewhere=True
        )


def _show_applied(invocation: Invocation, applied: Document) -> None:
    invocation.terminal.show(applied.sub("rebuild").text("text"))
    invocation.terminal.note("who is on the committee now: p2pnode status")


def _is_stream(file: Path) -> bool:
    """Return whether it is read from stdin, so that its new form goes to stdout."""
    return str(file) == "-"


def _read(file: Path) -> str:
    try:
        if _is_stream(file):
            return typer.get_text_stream("stdin").read(_MOST_BYTES)
        with file.open(encoding="ascii") as stream:
            return stream.read(_MOST_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(Exit.USAGE, "bad_text", f"{file} cannot be read: {error}") from None


def _write(file: Path, text: str, *, force: bool) -> None:
    why = "Your node has signed all the same; a signature is not made twice."
    write_file(file, f"{text}\n".encode("ascii"), force=force, why=why)
