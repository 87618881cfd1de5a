"""One invocation: the options that every command takes, and what they lead to.

`everywhere` gives a command these options without it naming them; they may stand before or
after the command's name, and the later one counts.
"""

from __future__ import annotations

import inspect
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cached_property, partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Concatenate, ParamSpec

import typer

from p2pnode.home.environment import read_variable
from p2pnode.home.errors import LocalError
from p2pnode.home.paths import Paths, find_paths

from .asked.chosen import load_chosen
from .asked.client import Api, empty_name
from .asked.seen import remember_listed, remember_read
from .exits import Exit, exit_for_local
from .failures import Failure
from .shown.streams import OutputLost
from .shown.terminal import Terminal
from .typed.files import read_path
from .typed.moments import read_length_ms

if TYPE_CHECKING:
    from .shown.document import Document

P = ParamSpec("P")

DEFAULT_TIMEOUT_S = 30.0
LONGEST_TIMEOUT_S = 3600  # what the API takes; a longer wait is another question
_PANEL = "Everywhere"


@dataclass(frozen=True, slots=True)
class Options:
    """The options of every command; None and False mean that it was not given."""

    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            parser=read_path,
            metavar="DIR",
            help="Everything of this node under one directory [P2PNODE_HOME].",
            rich_help_panel=_PANEL,
        ),
    ] = None
    community: Annotated[
        str | None,
        typer.Option(
            "--community",
            "-c",
            metavar="NAME",
            help="Of several communities this one, by name or id [P2PNODE_COMMUNITY].",
            rich_help_panel=_PANEL,
        ),
    ] = None
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON document.", rich_help_panel=_PANEL),
    ] = False
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="Print only data and errors.", rich_help_panel=_PANEL),
    ] = False
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="Say more, on stderr.", rich_help_panel=_PANEL),
    ] = False
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colour [NO_COLOR].", rich_help_panel=_PANEL)
    ] = False
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing, do it.", rich_help_panel=_PANEL)
    ] = False
    timeout: Annotated[
        str | None,
        typer.Option(
            "--timeout",
            metavar="TIME",
            help="Wait this long, up to 1h: 10s, 5m [P2PNODE_TIMEOUT; 30s].",
            rich_help_panel=_PANEL,
        ),
    ] = None

    def over(self, earlier: Options) -> Options:
        """Return these options, and `earlier`'s where these were not given."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return Options(
            **{
                name: getattr(earlier, name) if value is None or value is False else value
                for name, value in given.items()
            }
        )


@dataclass(frozen=True, slots=True)
class IfLost:
    """What to say when output is lost that nothing prints a second time."""

    why: str
    tries: tuple[str, ...]


class Invocation:
    """What a command works with. Nothing is read or opened before it is asked for."""

    def __init__(self, options: Options, env: dict[str, str]) -> None:
        self.options = options
        self.env = env
        self.terminal = Terminal(
            as_json=options.as_json,
            quiet=options.quiet,
            verbose=options.verbose,
            no_color=options.no_color,
            home=None if options.home is None else str(options.home),
            community=options.community,
        )
        self.if_lost: IfLost | None = None
        self._shown: list[Callable[[], None]] = []  # what to note of it, once it is known

    @cached_property
    def paths(self) -> Paths:
        return find_paths(self.options.home, self.env)

    @cached_property
    def timeout_s(self) -> float:
        """Raises `Failure` `bad_timeout`."""
        given, where = self.options.timeout, "--timeout"
        if given is None:
            given, where = read_variable(self.env, "P2PNODE_TIMEOUT"), "P2PNODE_TIMEOUT"
        if given is None:
            return DEFAULT_TIMEOUT_S
        is_seconds = given.isascii() and given.isdigit()
        try:
            most_ms = LONGEST_TIMEOUT_S * 1000
            return read_length_ms(f"{given}s" if is_seconds else given, most_ms) / 1000
        except ValueError as error:
            raise Failure(
                Exit.USAGE,
                "bad_timeout",
                f"{where}: {error}",
                tries=("the same with --timeout 1h, and again after exit 7",),
            ) from None

    @cached_property
    def node(self) -> Api:
        """The daemon, asked about itself."""
        return Api(self.paths.socket, self.timeout_s, self.terminal.detail, of_node=True)

    @cached_property
    def api(self) -> Api:
        """The daemon, asked about the community that is meant. Raises as `named` and `chosen`."""
        named = self.named or self.chosen
        return Api(self.paths.socket, self.timeout_s, self.terminal.detail, community=named)

    @cached_property
    def named(self) -> str | None:
        """Which community was named with this command; None: none was.

        Raises:
            Failure: `bad_argument`, its name is empty.
            ConfigError: the variable is empty.
        """
        given = self.options.community
        if given is not None and not given.strip():
            raise empty_name("--community: a name is empty")
        return given or read_variable(self.env, "P2PNODE_COMMUNITY")

    @cached_property
    def chosen(self) -> str | None:
        """Which community `use` has chosen; None: none, or there is no more than one.

        Raises:
            Failure: `no_daemon`.
        """
        chosen = load_chosen(self.paths.state_dir)
        if chosen is None:
            return None
        listed = self.node.get("communities", query={"limit": 2}).subs("items")
        return chosen if len(listed) > 1 else None

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def print(self, document: Document, human: Callable[[], None]) -> None:
        """Print the document itself with --json, else call `human`."""
        if self.options.as_json:
            self.terminal.document(document.raw)
        else:
            human()

    # --- what was shown: noted once stdout has taken it, for what is lost nobody has seen ---

    def shows_text(self, proposal: Document) -> None:
        """Say that the whole current text of a proposal is among what is printed."""
        ids = proposal.text("id"), proposal.text("revision_id")
        self._shown.append(partial(remember_read, self.paths.state_dir, *ids))

    def shows_titles(self, proposals: Iterable[Document]) -> None:
        """Say that the current titles of these proposals are among what is printed."""
        self._shown.append(partial(remember_listed, self.paths.state_dir, list(proposals)))

    def note_shown(self) -> None:
        """Note what was printed until here. Raises `OutputLost`; then nothing of it is noted."""
        sys.stdout.flush()
        shown, self._shown = self._shown, []
        for note in shown:
            note()


def everywhere(command: Callable[Concatenate[Invocation, P], None]) -> Callable[..., None]:
    """Return `command` as typer calls it: with the options of every command, errors printed."""
    return _with_options(command, _OPTIONS)


def of_node(command: Callable[Concatenate[Invocation, P], None]) -> Callable[..., None]:
    """As `everywhere`, for what is about this node: it takes no community."""
    return _with_options(command, tuple(one for one in _OPTIONS if one != "community"))


_OPTIONS = tuple(one.name for one in fields(Options))


def _with_options(
    command: Callable[Concatenate[Invocation, P], None], names: Sequence[str]
) -> Callable[..., None]:
    @wraps(command)
    def called(ctx: typer.Context, *args: P.args, **kwargs: P.kwargs) -> None:
        own = Options(**{name: kwargs.pop(name) for name in names})  # type: ignore[arg-type]  # by name, from Options' own fields
        options = own.over(ctx.obj) if isinstance(ctx.obj, Options) else own
        if ctx.invoked_subcommand is not None:
            ctx.obj = options  # of a group: for the command that follows
        elif "community" not in names and options.community is not None:
            call(replace(options, community=None), lambda _invocation: _refuse_community(ctx))
        else:
            call(options, lambda invocation: _named(invocation, command, *args, **kwargs))

    signature = inspect.signature(command, eval_str=True)
    of_options = inspect.signature(Options, eval_str=True)
    context = inspect.Parameter(
        "ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    parameters = [
        context,
        *list(signature.parameters.values())[1:],
        *(one for name, one in of_options.parameters.items() if name in names),
    ]
    called.__signature__ = signature.replace(  # type: ignore[attr-defined]  # inspect looks here
        parameters=[one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]
    )
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    return called


def _refuse_community(ctx: typer.Context) -> None:
    raise Failure(
        Exit.USAGE,
        "bad_usage",
        f"{ctx.command_path} is about this node, not about one community",
        tries=("the same without -c",),
    )


def _named(
    invocation: Invocation,
    command: Callable[Concatenate[Invocation, P], None],
    *args: P.args,
    **kwargs: P.kwargs,
) -> None:
    """Run `command`; what a failure suggests is made to fit what was typed."""
    typed = kwargs.get("proposal")
    if isinstance(typed, str) and not typed.strip():
        raise empty_name()
    try:
        command(invocation, *args, **kwargs)
    except Failure as failure:
        if failure.code == "unknown_proposal":
            failure.tries = (
                "p2pnode decisions --all",
                "its id: a number comes with the finalized log, the id is there at once",
            )
        elif isinstance(typed, str) and not typed.startswith("-"):
            failure.tries = tuple(
                one.replace(" ID", f" {shlex.quote(typed)}") for one in failure.tries
            )
        raise


def call(options: Options, command: Callable[[Invocation], None]) -> None:
    """Run `command` with an invocation; a failure is printed and becomes the exit code."""
    invocation = Invocation(options, dict(os.environ))
    try:
        try:
            with _noting(invocation):
                command(invocation)
        except LocalError as error:
            raise Failure(
                exit_for_local(error.code),
                error.code,
                error.detail,
                tries=error.steps,
            ) from error
        except OSError as error:  # of a file: its name is too long, a directory is no directory
            named = f"{error.filename}: " if error.filename is not None else ""
            raise Failure(Exit.FAILED, "system", f"{named}{error.strerror or error}") from error
    except Failure as failure:
        if failure.code == "no_daemon":
            _look_around(invocation, failure)
        if failure.code in {"unknown_community", "which_community"}:
            _say_who_named_it(invocation, failure)
        invocation.terminal.failure(failure)
        raise typer.Exit(failure.exit) from None
    except OutputLost as lost:
        code = Exit.READER_GONE if lost.reader_gone else Exit.FAILED
        known = invocation.if_lost
        if known is None:
            known = IfLost("The command itself is done; only what it had to say is lost.", ())
        if invocation.if_lost is not None or not lost.reader_gone:
            invocation.terminal.failure(
                Failure(
                    code,
                    "cannot_write",
                    f"the output cannot be written: {lost}",
                    why=known.why,
                    tries=known.tries,
                )
            )
        raise typer.Exit(code) from None


@contextmanager
def _noting(invocation: Invocation) -> Iterator[None]:
    """Note what was shown, however the command ends, unless its output was lost."""
    try:
        yield
    except OutputLost:
        raise
    except BaseException:  # a refusal, an exit code, Ctrl-C: what is on the screen was seen
        invocation.note_shown()
        raise
    invocation.note_shown()


def _say_who_named_it(invocation: Invocation, failure: Failure) -> None:
    """Where not the command itself names the community, say what does."""
    if invocation.options.community is not None:
        invocation.terminal.community = None  # it is none, so no hint is about it
    elif invocation.named is not None:
        failure.why = "P2PNODE_COMMUNITY names it."
    elif invocation.chosen is not None:
        failure.why = "It was chosen for commands that name none."
        failure.tries = ("p2pnode use --none", *failure.tries)


def _look_around(invocation: Invocation, failure: Failure) -> None:
    """Where `run` would be refused, say why: a process has this home, or it has no key yet."""
    from p2pnode.home.lock import find_holder  # noqa: PLC0415 (fcntl; only on the way out)

    try:
        held = find_holder(invocation.paths.lock_file)
    except LocalError:
        return
    paths = invocation.paths
    is_empty = not paths.key_file.exists() and not paths.communities()
    if held is None and is_empty:
        failure.why = f"This home has no key yet: {invocation.paths.data_dir}"
        failure.tries = ("p2pnode init", "p2pnode run")
        return
    if held is not None and held.is_starting:
        failure.why = f"{held.holder} has this home and is starting."
        failure.tries = ("the same again, in a moment", "p2pnode doctor")
        return
    if held is not None:
        failure.why = f"{held.holder} has this home, but does not answer there."
        failure.tries = (*held.way_out, "p2pnode doctor")
