"""What the command line asks of the daemon, through `p2pnode.client` like any other program.

Here answers become `Document`s, and what went wrong a `Failure` with its exit code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, cast

from p2pnode.client.asking import Client
from p2pnode.client.call import Call
from p2pnode.client.faults import BadAnswer, ClientError, Refused, Unreachable

from ..exits import Exit, exit_for
from ..failures import Failure
from ..shown.document import Document, make_printable

_PAGE = 200  # rows of one answer, the most there may be

Query = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the stream; `id` is set only on what one can resume after."""

    kind: str
    id: int | None
    data: Document


class Api:
    """The daemon of one home, asked about one community; or about itself (`node`).

    Args:
        socket_path: where it listens.
        timeout_s: how long to wait for an answer.
        trace: told each request and what came of it, for --verbose.
        community: which one, by its name or id; None: the only one.
        of_node: what is asked is the process's own, and below no community.
    """

    def __init__(
        self,
        socket_path: Path,
        timeout_s: float,
        trace: Callable[[str], None] | None = None,
        *,
        community: str | None = None,
        of_node: bool = False,
    ) -> None:
        self.socket_path = socket_path
        self.timeout_s = timeout_s
        self._trace = trace
        self._of_node = of_node
        self._client = Client(
            socket_path=socket_path, timeout_s=timeout_s, trace=trace, community=community
        )

    def of(self, community: str) -> Api:
        """Return what asks the same daemon about this community."""
        return Api(self.socket_path, self.timeout_s, self._trace, community=community)

    @property
    def node(self) -> Api:
        """What asks the same daemon about itself."""
        return Api(self.socket_path, self.timeout_s, self._trace, of_node=True)

    def get(self, *parts: str, query: Query | None = None) -> Document:
        return self.call("GET", parts, query=query)

    def every(self, *parts: str, query: Query | None = None, rows: str = "items") -> Document:
        """Return a whole list, all its pages as one; `rows` is the field that has them."""
        asked = {**(query or {}), "limit": _PAGE}
        page = self.get(*parts, query=asked)
        items = page.subs(rows)
        while (cursor := page.maybe_text("next_cursor")) is not None:
            page = self.get(*parts, query=asked | {"cursor": cursor})
            items += page.subs(rows)
        return Document({**page.raw, rows: [one.raw for one in items], "next_cursor": None})

    def post(self, *parts: str, body: object = None, query: Query | None = None) -> Document:
        return self.call("POST", parts, body=body, query=query)

    def call(
        self,
        method: str,
        parts: tuple[str, ...],
        *,
        body: object = None,
        query: Query | None = None,
    ) -> Document:
        """Return the answer's document; an empty answer is an empty document.

        Raises:
            Failure: `no_daemon`, `no_answer`, `bad_argument`, or the API's own refusal.
        """
        content = cast("Mapping[str, object] | None", body)
        call: Call[object] = Call(method, parts, query=query, body=content, of_node=self._of_node)
        try:
            return Document(self._client.document(call))
        except ClientError as error:
            self._fail(error)
        except ValueError as error:
            raise _bad_argument(parts, error) from None

    def events(
        self,
        after: int | None = None,
        kinds: tuple[str, ...] = (),
        for_s: float | None = None,
    ) -> Iterator[Event]:
        """Yield events as they come, after commit `after` when given; of the node, those of all.

        It ends with the stream, or after `for_s`.

        Raises:
            Failure: `no_daemon` when the daemon is not there or falls silent.
        """
        try:
            events = (
                self._client.all_events(kinds, for_s=for_s)
                if self._of_node
                else self._client.events(after, kinds, for_s=for_s)
            )
            for one in events:
                yield Event(one.kind, one.id, Document(one.data))
        except ClientError as error:
            self._fail(error)
        except UnicodeEncodeError as error:
            raise _bad_argument(kinds, error) from None

    def _fail(self, error: ClientError) -> NoReturn:
        match error:
            case Refused():
                raise _refusal(error) from None
            case BadAnswer():
                raise _strange(error) from None
            case Unreachable(timed_out=True):
                raise self._silent() from None
            case _:
                raise self._lost(error) from None

    def _lost(self, error: Exception) -> Failure:
        absent = isinstance(error, Unreachable) and error.is_absent
        return Failure(
            Exit.NO_DAEMON,
            "no_daemon",
            f"no daemon answers at {self.socket_path}",
            why="Nobody listens there: it runs in a terminal of its own, with the first command."
            if absent
            else f"{error}.",
            tries=("p2pnode run", "p2pnode doctor"),
        )

    def _silent(self) -> Failure:
        return Failure(
            Exit.NO_DAEMON,
            "no_answer",
            f"the daemon at {self.socket_path} did not answer in time",
            why="It took the request but is busy or stopped; the request may still be carried out.",
            tries=("p2pnode status", "the same with a longer --timeout"),
        )


def _bad_argument(parts: tuple[str, ...], error: ValueError) -> Failure:
    if isinstance(error, UnicodeEncodeError):
        what = f"{ascii(error.object)[:60]} holds bytes that are no UTF-8 text"
        return Failure(Exit.USAGE, "bad_argument", what)
    return empty_name(None if any(not part.strip() for part in parts) else str(error))


def empty_name(what: str | None = None) -> Failure:
    """Return what to say of an id or a name that is empty, or of `what` is wrong with one."""
    return Failure(
        Exit.USAGE,
        "bad_argument",
        what or "an id or a name is empty",
        why="A variable in a script that is not set, perhaps.",
        tries=("p2pnode decisions --all", "p2pnode members"),
    )


def _strange(error: BadAnswer) -> Failure:
    shown = make_printable(error.shown)
    return Failure(
        exit_for("", error.status) if error.status >= 400 else Exit.FAILED,
        "bad_answer",
        f"the daemon answered {error.status} with something else than JSON: {shown}",
        why="The daemon is probably of another version than this command.",
        tries=("p2pnode doctor",),
    )


# Fields of requests, as who types a command knows them.
_OPTIONS = {
    r"action\.remove\.member": "--remove",
    r"action\.set_away\.member": "--set-away or --set-back",
    r"closes_at": "--closes",
    r"expires_in": "--expires",
    r"keeps\.\d+": "--keeps",
    r"member_name|members\.name": "--name",
    r"rebuild": "the rebuild",
    r"without\.\d+": "--without",
}
_FIELD = re.compile("|".join(f"(?P<o{at}>{one})" for at, one in enumerate(_OPTIONS)))


def _as_typed(detail: str) -> str:
    """Return what is wrong with fields of a request, with the options that they came by."""
    named = list(_OPTIONS.values())
    parts = []
    for one in detail.split("; "):
        field, mark, rest = one.partition(": ")
        found = re.fullmatch(_FIELD, field) if mark else None
        if found is not None and found.lastgroup is not None:
            field = named[int(found.lastgroup[1:])]
        parts.append(f"{field}{mark}{rest}")
    return "; ".join(parts)


def _refusal(error: Refused) -> Failure:
    problem = Document(dict(error.problem))
    detail = _as_typed(make_printable(" ".join(error.detail.split())))
    fields = problem.subs("errors") if isinstance(problem.raw.get("errors"), list) else []
    wrong = [_as_typed(f"{one.text('field')}: {one.text('problem')}") for one in fields]
    return Failure(
        exit_for(error.code, error.status),
        error.code,
        detail,
        why="; ".join(one for one in wrong if detail not in one and one not in detail),
        # What is for programs that ask by HTTP helps nobody at a command line.
        tries=tuple(one for one in error.following if not one.startswith("GET /")),
        problem=problem.raw,
    )
