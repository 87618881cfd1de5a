"""What the demo prints while it runs, and whether everything was as expected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..shown.document import Document
from ..shown.terminal import Terminal

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True, slots=True)
class Timing:
    """One decision, and how long every node took to agree on it, from the deciding vote on."""

    title: str
    tier: str
    outcome: str
    votes: str
    provisional_ms: int | None  # until the slowest node; None: not measured on all
    final_ms: int | None


@dataclass(slots=True)
class Report:
    """Prints each step and keeps the expectations. With --json only the end is printed."""

    terminal: Terminal
    timings: list[Timing] = field(default_factory=list)
    expectations: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return all(held for _, held in self.expectations)

    def step(self, number: int, words: str) -> None:
        self._show("", self.terminal.heading(f"{number}. {words}"))

    def typed(self, who: str, words: str) -> None:
        """Show what `who` would type for what is being done through the API."""
        self._show(f"   {who}$ p2pnode {words}")

    def say(self, words: str) -> None:
        self._show_indented(words)

    def expect(self, held: bool, words: str) -> None:
        from rich.text import Text  # noqa: PLC0415 (the terminal is loaded anyway)

        self.expectations.append((words, held))
        mark = Text("ok  ", style="green") if held else Text("NOT ", style="bold red")
        self._show_indented(Text.assemble(mark, words))

    def broke(self, words: str) -> None:
        """Note what stopped the demo."""
        self.expect(False, words)

    def summary(self, facts: Document) -> None:
        """Print the decisions with their times, the logs, and the verdict.

        Args:
            facts: the same as a document; with --json this is what is printed.
        """
        if self.terminal.as_json:
            self.terminal.document(facts.raw)
            return
        table = self.terminal.table(
            "decision", "tier", "outcome", "votes", "provisional", "final", grow="decision"
        )
        for one in self.timings:
            table.add_row(
                one.title,
                one.tier,
                self.terminal.state(one.outcome),
                one.votes,
                _ms(one.provisional_ms),
                _ms(one.final_ms),
            )
        self._show("", self.terminal.heading("Summary"), table)
        self._show(
            "Times run from the deciding vote until the slowest of the five nodes shows it;",
            "– where it had to wait for a dead node or a broken network.",
            "",
        )
        log = facts.maybe_sub("log")
        if log is not None:
            equal = "all five logs are equal" if self.ok else "the logs"
            self._show(f"{equal}: {log.count('index')} commits, root {log.text('root')[:16]}…")
        verdict = "everything was as it should be" if self.ok else "NOT everything was as it should"
        self._show(f"{verdict}, after {round(facts.count('took_ms') / 1000)} s")

    def _show_indented(self, part: RenderableType) -> None:
        from rich.padding import Padding  # noqa: PLC0415

        self._show(Padding(part, (0, 0, 0, 3)))

    def _show(self, *parts: RenderableType) -> None:
        if not self.terminal.as_json and not self.terminal.quiet:
            self.terminal.show(*parts)


def _ms(value: int | None) -> str:
    return "–" if value is None else f"{value} ms"
