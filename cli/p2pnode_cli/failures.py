"""What a command fails with: what happened, why, what to try next, and a stable code."""

from __future__ import annotations

from .exits import Exit


class Failure(Exception):
    """Ends the command with `exit`; the terminal prints it (`terminal.Terminal.failure`).

    Args:
        exit: the exit code.
        code: stable snake_case; the API's where the API refused.
        what: one line, for people.
        why: more about it, or nothing.
        tries: commands or steps to go on with, best first.
        problem: the API's problem document, printed whole with --json.
    """

    def __init__(
        self,
        exit: Exit,
        code: str,
        what: str,
        *,
        why: str = "",
        tries: tuple[str, ...] = (),
        problem: dict[str, object] | None = None,
    ) -> None:
        super().__init__(f"{what} [{code}]")
        self.exit = exit
        self.code = code
        self.what = what
        self.why = why
        self.tries = tries
        self.problem = problem
