"""What goes where: data on stdout, everything else on stderr; colour only on a terminal.

Rich is imported when the first line is printed for people, never for --json.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, TypeAlias, TypeGuard

from p2pnode.hints import joined_steps, steps_with_place, with_place

from ..failures import Failure
from .document import make_printable
from .streams import can_write
from .unbroken import mark, mark_styled, unmark

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    Words: TypeAlias = str | Text
    Row: TypeAlias = tuple[str, Words]

PIPE_WIDTH = 80  # columns where nobody says how wide the terminal is
MOST_ECHOED = 2_000  # characters of one line of an error; our own have a few hundred
MOST_WIDTH = 100  # wider lines are harder to read, not easier

# The word is always there too; colour only repeats it.
STATE_STYLES: dict[str, str] = {
    "final": "bold green",
    "provisional": "yellow",
    "open": "cyan",
    "queued": "yellow",
    "passed": "green",
    "rejected": "red",
    "lapsed": "magenta",
    "withdrawn": "dim",
    "yes": "green",
    "no": "red",
    "aside": "dim",
    "ok": "green",
    "info": "cyan",
    "warning": "yellow",
    "critical": "bold red",
    "blocked": "red",
    "connected": "green",
}


class Terminal:
    """Print for one command. `width` is in columns and only for tests."""

    def __init__(
        self,
        *,
        as_json: bool = False,
        quiet: bool = False,
        verbose: bool = False,
        no_color: bool = False,
        home: str | None = None,
        community: str | None = None,
        width: int | None = None,
    ) -> None:
        """Args: `home`, `community`: what was named, for the commands that are suggested."""
        self.home = home
        self.community = community
        self.as_json = as_json
        self.quiet = quiet
        self.verbose = verbose
        self._no_color = no_color
        self._width = width
        self._consoles: dict[str, Console] = {}

    # --- stdout: data -------------------------------------------------------------------

    def document(self, raw: object) -> None:
        """Print one JSON document, keys sorted."""
        print(_as_json(self._with_steps(raw), indent=2), flush=True)

    def line(self, raw: object) -> None:
        """Print one JSON document on one line: an item of a stream."""
        print(_as_json(raw), flush=True)

    def show(self, *parts: RenderableType) -> None:
        """Print for people; a str is printed as it is, without markup."""
        self._print(sys.stdout, *parts)

    def one_line(self, part: Words) -> bool:
        """Print a line of a stream: cut to the terminal's width, never wrapped; say if whole."""
        from rich.text import Text  # noqa: PLC0415

        text = Text(part) if isinstance(part, str) else part
        width = self._console(sys.stdout).width
        is_whole = text.cell_len <= width
        text.truncate(width, overflow="ellipsis")
        self._print(sys.stdout, text)
        return is_whole

    def whole(self, text: str) -> None:
        """Print a line that must survive copying: never wrapped, styled or cut."""
        print(make_printable(text, keep_bytes=True), flush=True)

    def _with_steps(self, raw: object) -> object:
        """Return a document whose hints are as they have to be typed here."""
        match raw:
            case dict():
                return {
                    name: self.steps_here(value)
                    if name == "next" and _are_texts(value)
                    else self._with_steps(value)
                    for name, value in raw.items()
                }
            case list():
                return [self._with_steps(one) for one in raw]
            case _:
                return raw

    # --- stderr: everything else ----------------------------------------------------------

    def note(self, *parts: RenderableType, elsewhere: bool = False) -> None:
        """Say something beside the data, unless --quiet or --json.

        Args:
            parts: what to say; commands in it get the --home and -c that this one has.
            elsewhere: they are for another machine or person, and get none.
        """
        if not self.quiet and not self.as_json:
            shown = (self.here(one) if isinstance(one, str) else one for one in parts)
            self._print(sys.stderr, *(parts if elsewhere else shown))

    def here(self, text: str) -> str:
        """Return `text` with the commands in it as they have to be typed here."""
        return with_place(text, self.home, self.community)

    def steps_here(self, steps: Sequence[str]) -> list[str]:
        """Return hints as they have to be typed for this home and community."""
        return steps_with_place(steps, self.home, self.community)

    @contextmanager
    def about(self, community: str) -> Iterator[None]:
        """Within, what is suggested is about this community of several."""
        before, self.community = self.community, community
        try:
            yield
        finally:
            self.community = before

    def note_whole(self, text: str) -> None:
        """Say a line to copy, never wrapped."""
        if not self.quiet and not self.as_json:
            print(make_printable(text, keep_bytes=True), file=sys.stderr, flush=True)

    def detail(self, text: str) -> None:
        """Say it only with --verbose."""
        if self.verbose:
            self._print(sys.stderr, text)

    def failure(self, failure: Failure) -> None:
        """Print what happened, why, and what to try; with --json one document on stderr."""
        if self.as_json:
            problem = failure.problem or {
                "schema": "p2pnode/failure/1",
                "code": failure.code,
                "detail": failure.what,
                "title": failure.why,
            }
            following = self.steps_here(failure.tries)
            document = {**problem, "exit": int(failure.exit), "next": following}
            print(json.dumps(document, sort_keys=True), file=sys.stderr)
            return
        from rich.text import Text  # noqa: PLC0415 (see the module's docstring)

        code = (f" [{failure.code}]", "dim")
        rows: list[Row] = [("error:", Text.assemble(_echoed(failure.what), code))]
        if failure.why:
            rows.append(("why:", _echoed(self.here(failure.why))))
        tries = [_echoed(one) for one in joined_steps(self.steps_here(failure.tries))]
        rows += [("or:" if at else "try:", step) for at, step in enumerate(tries)]
        lines = self.fields(rows)
        lines.columns[0].style = "bold red"
        self._print(sys.stderr, lines)

    # --- building blocks ----------------------------------------------------------------

    def state(self, word: str) -> Text:
        """Return a state's word in its colour."""
        from rich.text import Text  # noqa: PLC0415

        return Text(word, style=STATE_STYLES.get(word, ""))

    def table(self, *columns: str, grow: str | None = None) -> Table:
        """Return a table without lines. Where it is too wide, only column `grow` gives way."""
        from rich.table import Table  # noqa: PLC0415

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for name in columns:
            if name == grow:
                table.add_column(name, overflow="ellipsis", no_wrap=True, ratio=1)
            else:
                table.add_column(name, no_wrap=True)
        return table

    def fields(self, rows: Sequence[Row]) -> Table:
        """Return `name  value` lines; long values wrap under themselves."""
        from rich.table import Table  # noqa: PLC0415

        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in rows:
            table.add_row(name, unbroken(value))
        return table

    def heading(self, text: str) -> Text:
        from rich.text import Text  # noqa: PLC0415

        return Text(text, style="bold")

    def _print(self, stream: TextIO, *parts: RenderableType) -> None:
        from rich.text import Text  # noqa: PLC0415 (see the module's docstring)

        console = self._console(stream)
        with console.capture() as captured:
            for part in parts:
                shown = make_printable(part, keep="\n") if isinstance(part, str) else part
                if isinstance(shown, str | Text):
                    shown = unbroken(shown)
                console.print(_fitted(console, shown))
        # Tables pad every line to their width; nobody wants that in a pipe.
        for line in unmark(captured.get().splitlines()):
            print(line, file=stream)
        stream.flush()

    def _console(self, stream: TextIO) -> Console:
        name = "stderr" if stream is sys.stderr else "stdout"
        found = self._consoles.get(name)
        if found is None:
            from rich.console import Console  # noqa: PLC0415

            found = Console(
                file=stream,
                no_color=True if self._no_color else None,
                width=self._width,
                highlight=False,
                markup=False,
                emoji=False,
            )
            if self._width is None:
                found.width = min(found.width, MOST_WIDTH) if stream.isatty() else PIPE_WIDTH
            self._consoles[name] = found
        return found


def _are_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def unbroken(words: Words) -> Words:
    """Return what lays out so that no command in it is broken over lines."""
    return mark(words) if isinstance(words, str) else mark_styled(words)


def _echoed(text: str) -> str:
    """Return what may hold words of whoever typed it: printable, and not for pages."""
    printable = make_printable(text[: MOST_ECHOED + 1], keep="\n")
    return printable if len(text) <= MOST_ECHOED else f"{printable[:MOST_ECHOED]}…"


def _as_json(raw: object, indent: int | None = None) -> str:
    """Return JSON that stdout can take: with escapes for the letters that it lacks."""
    text = json.dumps(raw, sort_keys=True, ensure_ascii=False, indent=indent)
    return text if can_write(text) else json.dumps(raw, sort_keys=True, indent=indent)


def _fitted(console: Console, part: RenderableType) -> RenderableType:
    """Return `part`; a table that is too wide gives its flexible column what the rest leaves.

    Rich does so only for tables that fill the line, which short ones should not.
    """
    from rich.measure import Measurement  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    if isinstance(part, Table) and any(column.flexible for column in part.columns):
        wanted = Measurement.get(console, console.options.update(max_width=10_000), part)
        part.expand = wanted.maximum > console.width
    return part
