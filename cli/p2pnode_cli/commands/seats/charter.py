"""charter, amend: the rules of the community, and changing them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import gcd
from typing import Annotated

import typer

from p2pnode_protocols.wire.lengths import show_length

from ...arguments import DryRun, Wait, write_query
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, everywhere
from ...receipts import finish
from ...shown.document import Document
from ...typed.moments import quoted, read_length_ms
from ...views import least_open_ms, plain, setting
from ..deciding.proposing import Choice

_FRACTIONS = ("threshold", "floor")
_FLAGS = ("strict",)
_COUNTS = ("max_open_per_member", "epoch_rounds")
_SIZES = ("bytes_per_day",)
_TEXTS = ("name",)  # a community may be called 2030, or 50%
_PARTS = 1000  # of a fraction, at most (docs/protocol.md §2.2): six digits are plenty
_FRACTION = re.compile(
    r"(?P<num>[0-9]{1,6})\s*/\s*(?P<den>[0-9]{1,6})|"
    r"(?P<decimal>[0-9]{1,6}([.,][0-9]{1,6})?|[.,][0-9]{1,6})\s*(?P<percent>%)?",
    re.ASCII,
)
_RATIO = re.compile(r"[0-9]+\s*/\s*[0-9]+|.*[0-9]\s*%", re.ASCII)  # whatever its path is
_UNITS = {
    "": 1,
    "k": 1000,
    "m": 1000**2,
    "g": 1000**3,
    "ki": 1 << 10,
    "mi": 1 << 20,
    "gi": 1 << 30,
}
_SIZE = re.compile(r"(?P<number>[0-9]{1,15})\s*(?P<unit>([kmg]i?)?b?)", re.ASCII | re.IGNORECASE)
_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)


def read_changes(given: Sequence[str], *tries: str) -> dict[str, object]:
    """Return charter changes of `PATH=VALUE` texts, values as the API takes them.

    Args:
        given: the texts.
        tries: how the command is written right.

    Raises:
        Failure: `bad_change`, one that is not PATH=VALUE, twice the same, or no duration.
    """
    changes: dict[str, object] = {}
    for one in given:
        path, mark, value = one.partition("=")
        path = path.strip()
        if not mark or not path or path in changes:
            problem = "given twice" if path in changes else "not PATH=VALUE"
            raise Failure(
                Exit.USAGE,
                "bad_change",
                f"{quoted(one)}: {problem}",
                tries=(*tries, "p2pnode charter"),
            )
        try:
            changes[path] = _read_value(path, value.strip())
        except ValueError as error:
            raise Failure(Exit.USAGE, "bad_change", f"{path}: {error}") from None
    return changes


def _read_value(path: str, text: str) -> object:
    """Return the value as the API takes it; what it has to be, the path's last word says.

    Raises:
        ValueError: naming the value and what is allowed.
    """
    last = path.rpartition(".")[2]
    if path in _TEXTS:
        return text
    if last in _FRACTIONS or _RATIO.fullmatch(text):
        return read_fraction(text)
    if last in _FLAGS:
        return _read_flag(text)
    if last in _SIZES:
        return _read_size(text)
    if _WHOLE.fullmatch(text):
        return int(text)
    if last in _COUNTS:
        raise ValueError(f"{quoted(text)} is not a whole number of up to 18 digits")
    return read_length_ms(text) if last.endswith("_ms") else text


def _read_size(text: str) -> int:
    """Return `16777216`, `16 MiB`, `16MB` in bytes; MB are powers of 1000, MiB of 1024.

    Raises:
        ValueError: naming the value and what is allowed.
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(f"{quoted(text)} is not a size; write 16 MiB, 16 MB or 16777216")
    unit = found["unit"].lower().removesuffix("b")
    return int(found["number"]) * _UNITS[unit]


def read_fraction(text: str) -> dict[str, int]:
    """Return `60%`, `3/5`, `0.6`, `60` or `1` exactly, in lowest terms; nothing is rounded.

    Raises:
        ValueError: naming the value and what is allowed.
    """
    found = _FRACTION.fullmatch(text)
    if found is None:
        raise ValueError(f"{quoted(text)} is not a fraction; write 60%, 3/5 or 0.6")
    if found["den"] is not None:
        num, den = int(found["num"]), int(found["den"])
    else:
        whole, _, decimals = found["decimal"].replace(",", ".").partition(".")
        num, den = int(whole + decimals), 10 ** len(decimals)
        if found["percent"] is not None:
            den *= 100
        elif num > den:
            raise ValueError(f"{quoted(text)} is more than all; write {text}% or a fraction of 1")
    if den == 0:
        raise ValueError(f"{quoted(text)} has nothing under its line; write 60%, 3/5 or 0.6")
    common = gcd(num, den)
    if num <= den and den // common > _PARTS:
        raise ValueError(
            f"{quoted(text)} is finer than a charter takes, at most {_PARTS} parts; "
            f"the nearest is {Fraction(num, den).limit_denominator(_PARTS)}"
        )
    return {"num": num // common, "den": den // common}


def _read_flag(text: str) -> bool:
    known = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if text.lower() not in known:
        raise ValueError(f"{quoted(text)} is neither yes nor no")
    return known[text.lower()]


@everywhere
def charter(invocation: Invocation) -> None:
    """Show the rules, and how much agreement each decision needs.

    \b
    [bold]Examples[/]
      p2pnode charter
      p2pnode charter --json | jq '.amendable'
    """
    found = invocation.api.get("charter")
    invocation.print(found, lambda: _show_charter(invocation, found))


def _show_charter(invocation: Invocation, found: Document) -> None:
    terminal = invocation.terminal
    terminal.show(terminal.heading(found.text("name")))
    table = terminal.table("tier", "passes when", "open for", "at least", "at most", "floor")
    for tier in found.subs("tiers"):
        table.add_row(
            tier.text("name"),
            tier_words(tier),
            show_length(tier.count("window_ms")),
            show_length(least_open_ms(tier)) if least_open_ms(tier) else "–",
            show_length(tier.count("max_window_ms")),
            plain(tier.sub("floor").raw),
        )
    terminal.show(table, "")
    floor = "floor: so many of all members have to say yes, however many stand aside or are silent"
    terminal.show(floor, "")
    rows = [("fault_model", found.text("fault_model"))]
    for group in ("rules", "timing"):
        for name, value in found.sub(group).pairs():
            rows.append((f"{group}.{name}", setting(name, value)))
    terminal.show(terminal.fields(rows))
    terminal.note("all that can be set: p2pnode charter --json")
    terminal.note("change one: p2pnode amend PATH=VALUE")


def tier_words(tier: Document) -> str:
    """Return the rule of a tier in a few words."""
    if tier.text("mode") == "objection":
        return "nobody objects"
    sign = ">" if tier.flag("strict") else "≥"
    base = "of the votes cast" if tier.text("base") == "cast" else "of all not aside"
    return f"yes {sign} {plain(tier.sub('threshold').raw)} {base}"


@everywhere
def amend(
    invocation: Invocation,
    changes: Annotated[
        list[str], typer.Argument(metavar="PATH=VALUE...", help="What to set, and to what.")
    ],
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="Default: the change itself.")
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="TEXT", help="Why; the members read it.")
    ] = None,
    vote: Annotated[
        Choice | None, typer.Option("--vote", help="Cast your own vote with it.")
    ] = None,
    wait: Wait = None,
    dry_run: DryRun = False,
) -> None:
    """Propose a change of the charter.

    Changing a threshold needs the higher of the old and the new one.

    \b
    [bold]Examples[/]
      p2pnode amend tiers.tactical.threshold=2/3 --vote yes
      p2pnode amend tiers.strategic.window_ms=14d --text "A week was too short."
    """
    body = {
        "changes": read_changes(changes, "p2pnode amend tiers.tactical.threshold=2/3"),
        "text": text,
        "title": title,
        "vote": vote,
    }
    query = write_query(invocation, wait, dry_run)
    receipt = invocation.api.post("amendments", body=body, query=query)
    finish(invocation, receipt, "proposed", wait, about=" ".join(changes))
