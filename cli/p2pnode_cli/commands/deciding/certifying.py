"""certificate, verify: a decision as a file, and what such a file proves."""

from __future__ import annotations

import base64
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...arguments import Grade, ProposalRef, WaitForProof, whole_seconds
from ...asked.client import empty_name
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, everywhere
from ...shown.document import Document, make_printable
from ...shown.streams import write_bytes
from ...stores import find_meant
from ...typed.files import Force, read_path, refuse_existing, write_file
from ...views import (
    concerned_rows,
    counted,
    effect_rows,
    label,
    people,
    person,
    short_id,
    title,
    told_apart,
    void_rows,
)

if TYPE_CHECKING:
    from rich.text import Text

    from p2pnode_protocols.wire.ids import CommunityId, EpochId

    from ...shown.terminal import Row


@everywhere
def certificate(
    invocation: Invocation,
    proposal: ProposalRef,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            parser=read_path,
            metavar="FILE",
            help="Where to write it; - is standard output.",
        ),
    ],
    force: Force = False,
    wait: WaitForProof = None,
) -> None:
    """Write a decision's certificate: one file that proves it to anybody.

    It needs the receipts of a quorum of nodes, which come within a second or so
    when they are reachable. The file holds the texts and every vote: pass it on
    to those who may read them.

    \b
    [bold]Examples[/]
      p2pnode certificate 12 -o shed.p2pcert
      p2pnode certificate 12 --wait -o - | ssh archive 'cat > 12.p2pcert'
    """
    refuse_existing(output, force=force)
    found = _ask(invocation, proposal, wait)
    data = base64.b64decode(found.text("content"))
    verdict = _check(invocation, found.text("community"), data)
    if str(output) == "-":
        write_bytes(data)
        return
    write_file(output, data, force=force)
    invocation.print(
        Document({name: value for name, value in found.raw.items() if name != "content"}),
        lambda: _show_written(invocation, found, verdict, output, len(data)),
    )


def _ask(invocation: Invocation, proposal: str, wait: Grade | None) -> Document:
    query = {} if wait is None else {"timeout": whole_seconds(invocation)}
    try:
        return invocation.api.get("proposals", proposal, "certificate", query=query)
    except Failure as failure:
        if wait is not None and failure.code in {"not_final", "not_proven"}:
            failure.exit = Exit.TIMED_OUT
        raise


def _check(invocation: Invocation, community: str, data: bytes) -> Document:
    """Refuse to write what would not convince anybody: the store is damaged, or we are wrong.

    Returns:
        What it proves to whoever confirms the rebuilds in it.

    Raises:
        Failure: the verdict's code.
    """
    from p2pnode.answers.verdicts import UNCONFIRMED, judge_file  # noqa: PLC0415 (cryptography)
    from p2pnode_protocols.wire.ids import CommunityId, from_text  # noqa: PLC0415

    verdict = Document(judge_file(CommunityId(from_text("com", community)), data))
    if not verdict.flag("ok") and verdict.text("code") != UNCONFIRMED:
        raise Failure(
            Exit.NOT_VERIFIED,
            verdict.text("code"),
            f"the daemon's certificate proves nothing: {verdict.text('detail')}",
            why="Its store is damaged, or there is a mistake in the program.",
            tries=("p2pnode verify-log",),
        )
    return verdict


def _show_written(
    invocation: Invocation, found: Document, verdict: Document, output: Path, size: int
) -> None:
    rows: list[Row] = [
        ("proves", f"{label(found)} {found.text('outcome')}, in commit {found.count('commit')}"),
        ("", _title(verdict)),
        *effect_rows(invocation, verdict.sub("action")),
        (
            "signed",
            f"by {found.count('receipts')} of {counted(found.count('committee'), 'node')}, "
            f"{found.count('quorum')} needed; {counted(found.count('epochs'), 'epoch')}",
        ),
        ("file", f"{output}, {size:,} bytes"),
    ]
    invocation.terminal.show(invocation.terminal.fields(rows))
    known = [f"--community {found.text('community')}"]
    known += [f"--rebuild {one.text('id')}" for one in verdict.subs("rebuilds")]
    invocation.terminal.note_whole(
        f"anybody can check it: p2pnode verify {shlex.quote(str(output))} {' '.join(known)}"
    )


@everywhere
def verify(
    invocation: Invocation,
    file: Annotated[
        Path,
        typer.Argument(parser=read_path, metavar="FILE", help="A certificate; - is stdin."),
    ],
    rebuild: Annotated[
        list[str] | None,
        typer.Option(
            "--rebuild",
            metavar="EPO",
            help="A rebuild that is known to be so, by its epoch's id; may be given again "
            "\\[with the community of this home: those that were applied here].",
        ),
    ] = None,
    vote: Annotated[
        str | None,
        typer.Option("--vote", metavar="OP", help="Is this vote counted? By its operation's id."),
    ] = None,
    member: Annotated[
        str | None,
        typer.Option("--member", metavar="NAME", help="Is this member's vote counted? Or an id."),
    ] = None,
) -> None:
    """Check a decision's certificate, without daemon, network or trust in anybody.

    Exits 8 when it proves nothing, or when a vote that was asked for is not
    counted in it. No quorum vouches for a rebuild: what was decided after one
    is proved to those who know of it.

    \b
    [bold]Examples[/]
      p2pnode verify shed.p2pcert -c com_k3v7…
      p2pnode verify shed.p2pcert --member Bo && echo counted
    """
    from p2pnode.answers.verdicts import UNCONFIRMED, answer, judge_file  # noqa: PLC0415
    from p2pnode_protocols.record.certificates.faults import FAULTS  # noqa: PLC0415
    from p2pnode_protocols.wire.errors import UsageError  # noqa: PLC0415

    wanted = [one for one in (vote, member) if one is not None]
    if not all(map(str.strip, wanted)):
        raise empty_name()
    meant = find_meant(invocation)
    known = _rebuilds(invocation, meant, rebuild or [])
    verdict = judge_file(meant, _read(file), known)
    if wanted and "votes" in verdict:
        try:
            verdict = answer(verdict, wanted)
        except UsageError as error:
            raise Failure(Exit.USAGE, error.code, error.detail, tries=("its id",)) from None
    found = Document(verdict)
    code = "" if found.flag("ok") else found.text("code")
    if code == UNCONFIRMED:
        invocation.print(found, lambda: _show(invocation, found))
        facts = [f"--community {found.sub('community').text('id')}"]
        facts += [f"--rebuild {one.text('id')}" for one in found.subs("rebuilds")]
        raise Failure(
            Exit.NOT_VERIFIED,
            code,
            f"{file} proves nothing by itself: {found.text('detail')}",
            why="No quorum vouches for a rebuild: a single member can make one, and all after it.",
            tries=(
                "ask members, those left out too, whether it was so, and by which id they know it",
                f"p2pnode verify {shlex.quote(str(file))} {' '.join(facts)}",
            ),
        )
    if code:
        invocation.print(found, lambda: None)
        raise Failure(
            Exit.NOT_VERIFIED,
            code,
            f"{file} proves nothing: {found.text('detail')}",
            why=f"It was changed, damaged or made up: {FAULTS[code]}.",
            tries=("ask for the certificate again, from somebody else",),
        )
    invocation.print(found, lambda: _show(invocation, found))
    lacking = found.texts("not_counted") if "not_counted" in found.raw else []
    if lacking:
        asked = ((vote, "no vote"), (member, "no vote of"))
        said = " and ".join(
            f"{'no vote' if str(one).startswith('op_') else words} {one}"
            for one, words in asked
            if one in lacking
        )
        raise Failure(
            Exit.NOT_VERIFIED,
            "not_counted",
            f"the certificate is genuine, but {said} is counted in it",
            why="Votes on a text that was replaced, votes after the close, and that of a seat on "
            "what is done with it do not count.",
        )


def _rebuilds(invocation: Invocation, community: CommunityId, given: list[str]) -> list[EpochId]:
    """Return the epochs of the rebuilds to go by: those given, and those applied in this home.

    Whoever applied one here confirmed whom it keeps.
    """
    from p2pnode.home.errors import StoreError  # noqa: PLC0415 (sqlite3)
    from p2pnode.store.store import Store  # noqa: PLC0415
    from p2pnode_protocols.wire.errors import UsageError  # noqa: PLC0415
    from p2pnode_protocols.wire.ids import EpochId, from_text  # noqa: PLC0415

    try:
        known = [EpochId(from_text("epo", one)) for one in given]
    except UsageError as error:
        raise Failure(Exit.USAGE, error.code, f"--rebuild: {error.detail}") from None
    file = invocation.paths.of(community).store_file
    if file.exists():
        try:
            with Store.open(file) as store:
                known += [one.next_epoch for _, one in store.rebuilds()]
        except StoreError as error:
            invocation.terminal.detail(f"no rebuilds in this home: {error.detail}")
    return known


def _read(file: Path) -> bytes:
    from p2pnode_protocols.wire.limits import CERTIFICATE_BYTES  # noqa: PLC0415

    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(CERTIFICATE_BYTES + 1)
        with file.open("rb") as stream:
            return stream.read(CERTIFICATE_BYTES + 1)
    except OSError as error:
        raise Failure(Exit.USAGE, "cannot_read", f"{file}: {error.strerror}") from None


def _genuine(found: Document) -> Text:
    from rich.text import Text  # noqa: PLC0415

    if not found.flag("ok"):
        return Text("not proved, but genuine if the rebuild is", style="yellow")
    return Text("genuine", style="green")


def _rebuilt_words(rebuild: Document) -> str:
    """Return in whose word one has to trust from a rebuild on."""
    kept, lost = people(rebuild.subs("kept")), people(rebuild.subs("lost"))
    return (
        f"from commit {rebuild.count('after_commit')} on this rests on {kept} alone: they went on "
        f"without {lost}, and without a quorum. Whoever has their keys can make such a file; ask "
        "other members whether it was so"
    )


def _signer_words(found: Document, signer: Document) -> str:
    """Return a signer's name, and what it was called when the question was put, if otherwise."""
    from p2pnode.answers.verdicts import other_name  # noqa: PLC0415 (cryptography)

    then = other_name(found.raw, signer.raw)
    return person(signer) if then is None else f"{person(signer)} (then {make_printable(then)})"


def _words_of(found: Document) -> str | None:
    """Return the text, with words in the place of parts that are not in the file."""
    from p2pnode_protocols.record.texts import join  # noqa: PLC0415 (only when people read)

    parts = [one.prose("text") for one in found.subs("parts")]
    if all(one is None for one in parts):
        return None
    return join("(this part is not in the file)" if one is None else one for one in parts)


def _title(found: Document) -> str:
    return "(no title in it)" if found.maybe_text("title") is None else title(found)


def _without_vote(found: Document) -> str:
    """Say of those without a vote what is so: it may have come later, or found nothing open."""
    if found.text("opened_at") >= found.text("closes_at"):  # of one length, so in their order
        return "; no vote could count: it came into the record after its window had closed"
    missing = found.sub("tally").count("missing")
    ended = "withdrawn" if found.text("outcome") == "withdrawn" else "decided"
    return f"; {missing} had not voted when it was {ended}" if missing else ""


def _show(invocation: Invocation, found: Document) -> None:
    from rich.text import Text  # noqa: PLC0415 (only when people read)

    terminal, tally, community = invocation.terminal, found.sub("tally"), found.sub("community")
    said = f"{tally.count('yes')} yes, {tally.count('no')} no, {tally.count('aside')} aside"
    signers = ", ".join(_signer_words(found, one) for one in found.subs("signers"))
    rows: list[Row] = [
        ("certificate", _genuine(found)),
        ("community", community.text("name")),
        ("", community.text("id")),
        ("decision", f"#{found.count('number')} {_title(found)}"),
        ("", found.text("proposal")),
        *effect_rows(invocation, found.sub("action")),
        *concerned_rows(found),
        ("outcome", terminal.state(found.text("outcome"))),
        *void_rows(found),
        ("decided", f"{found.text('decided_at')}, tier {found.text('tier')}"),
        ("tally", f"{said}, of {tally.count('electorate')}{_without_vote(found)}"),
        (
            "signed by",
            f"{signers} ({len(found.subs('signers'))} of "
            f"{counted(found.count('committee'), 'node')}, {found.count('quorum')} needed)",
        ),
        (
            "record",
            f"commit {found.count('commit')}; {counted(found.count('epochs'), 'epoch')}, "
            f"{'each ' if found.count('epochs') > 1 else ''}proved",
        ),
    ]
    for one in found.subs("rebuilds"):
        rows.append(("rebuild", Text(_rebuilt_words(one), style="bold yellow")))
    terminal.show(terminal.fields(rows))
    prose = _words_of(found)
    if prose is not None:
        terminal.show("", prose)
    votes = found.subs("votes")
    if votes:
        called = told_apart([one.sub("member") for one in votes])
        table = terminal.table("member", "vote", "operation", "reason", grow="reason")
        for one in votes:
            known = "" if one.flag("device_listed") else " (key in no charter here)"
            known += "" if one.flag("counted") else " (not counted)"
            table.add_row(
                called[one.sub("member").text("id")],
                terminal.state(one.text("choice")),
                short_id(one.text("op")) + known,
                one.maybe_text("reason") or "",
            )
        terminal.show("", table)
    for one in found.subs("counted") if "counted" in found.raw else ():
        name = person(one.sub("member"))
        terminal.show(f"{name}'s vote is counted: {one.text('choice')}, signed as {one.text('op')}")
