"""What asking the daemon can end in, other than an answer."""

from __future__ import annotations

from collections.abc import Mapping


class ClientError(Exception):
    """Any of the three below."""


class Refused(ClientError):
    """The daemon said no (docs/api.md, Problems).

    `code` is stable snake_case, `detail` is for people, `following` are steps to go on with,
    `problem` is the whole document.
    """

    def __init__(self, status: int, problem: Mapping[str, object]) -> None:
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code"))
        # `title` says what the code means in general; `detail` says it of this case.
        self.detail = str(problem.get("detail") or problem.get("title") or self.code)
        following = problem.get("next")
        steps = following if isinstance(following, list) else []
        self.following: tuple[str, ...] = tuple(str(step) for step in steps)
        super().__init__(f"{self.detail} [{self.code}]")


class Unreachable(ClientError):
    """No answer came: nobody listens, the connection broke, or time was up.

    `is_absent`: nobody took the request. Otherwise it may be carried out all the same; a
    repetition with the same idempotency key is safe.
    """

    def __init__(self, detail: str, *, is_absent: bool = False, timed_out: bool = False) -> None:
        super().__init__(detail)
        self.is_absent = is_absent
        self.timed_out = timed_out


class BadAnswer(ClientError):
    """The answer is none that this version knows: the daemon is of another version."""

    def __init__(self, status: int, shown: str) -> None:
        super().__init__(f"the daemon answered {status} with something unknown: {shown}")
        self.status = status
        self.shown = shown
