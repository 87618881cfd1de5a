"""init, run, paths, config: this node on this machine. None of these asks the daemon."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from p2pnode.home.environment import read_variable
from p2pnode.home.errors import LocalError
from p2pnode.home.pending import load_pending

from ...arguments import read_whole
from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, of_node
from ...shown.document import Document
from ...typed.files import read_path
from ...views import plain

if TYPE_CHECKING:
    from p2pnode.daemon import Ready
    from p2pnode.home.config import Config

PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        parser=read_path,
        metavar="FILE",
        help="Holds the key's passphrase (-: stdin) [P2PNODE_PASSPHRASE_FILE].",
    ),
]


def read_passphrase(invocation: Invocation, file: Path | None) -> bytes | None:
    """Return the passphrase, None when none was given anywhere."""
    from p2pnode.home.keystore import clean_passphrase  # noqa: PLC0415 (cryptography)

    given = file or read_variable(invocation.env, "P2PNODE_PASSPHRASE_FILE")
    if given is None:
        return None
    if str(given) == "-":
        return clean_passphrase(sys.stdin.buffer.read())
    try:
        return clean_passphrase(Path(given).read_bytes())
    except OSError as error:
        raise Failure(
            Exit.USAGE, "bad_passphrase", f"{given} cannot be read: {error.strerror}"
        ) from None


@of_node
def init(invocation: Invocation, passphrase_file: PassphraseFile = None) -> None:
    """Make this node's key, and the places for its files.

    The key is yours alone: it signs what you say, and never leaves this machine.

    \b
    [bold]Examples[/]
      p2pnode init
      p2pnode init --home ./alice --passphrase-file -
    """
    from p2pnode.home.identity import create_identity  # noqa: PLC0415 (cryptography)
    from p2pnode_protocols.wire.ids import to_text  # noqa: PLC0415

    paths = invocation.paths
    passphrase = read_passphrase(invocation, passphrase_file)
    paths.prepare()
    secret = create_identity(paths, passphrase)
    wrote_config = False
    try:
        with paths.config_file.open("x", encoding="utf-8") as file:
            file.write(_commented_settings())
        wrote_config = True
    except FileExistsError:
        pass  # somebody prepared it: theirs counts
    made = Document(
        {
            "schema": "p2pnode/init/1",
            "device": to_text("dev", secret.signer.device),
            "encrypted": passphrase is not None,
            "paths": paths.described(),
        }
    )
    invocation.print(made, lambda: _show_init(invocation, made, wrote_config))


def _commented_settings() -> str:
    """Return a config.toml that sets nothing and shows everything that can be set."""
    from p2pnode.home.config import SETTINGS  # noqa: PLC0415 (tomllib)

    lines = [
        "# Settings of this node. Each has the default shown; take the # away to change one.\n"
    ]
    table = ""
    for one in SETTINGS:
        head, _, name = one.key.partition(".")
        if head != table:
            table = head
            lines.append(f"\n[{table}]\n")
        # JSON's numbers, texts, lists and booleans of these kinds are TOML's too.
        default = json.dumps(_as_json(one.default))
        lines.append(f"# {one.meaning}; {one.allowed}\n# {name} = {default}\n")
    return "".join(lines)


def _has_pending(invocation: Invocation) -> bool:
    try:
        return any(load_pending(place.data_dir) for place in invocation.paths.communities())
    except LocalError:  # said by `run`, with what to do
        return False


def _show_init(invocation: Invocation, made: Document, wrote_config: bool) -> None:
    terminal = invocation.terminal
    places = made.sub("paths")
    guard = "encrypted with your passphrase" if made.flag("encrypted") else "readable only by you"
    terminal.show(terminal.heading("this node has a key now"))
    terminal.show(
        terminal.fields(
            [
                ("device", made.text("device")),
                ("key", f"{places.text('key')} ({guard})"),
                ("config", places.text("config") + ("" if wrote_config else " (was there)")),
            ]
        )
    )
    if _has_pending(invocation):
        terminal.note("start the node, which goes on with the join that is kept: p2pnode run")
        return
    terminal.note("start the node:            p2pnode run")
    terminal.note('then, in another terminal: p2pnode found "Our allotment" --name YOU')
    terminal.note("                       or: p2pnode join LINK --name YOU")


@of_node
def run(
    invocation: Invocation,
    passphrase_file: PassphraseFile = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            parser=read_whole(0, 65_535),
            metavar="PORT",
            help="TCP port for other nodes; 0: any free one.",
        ),
    ] = None,
    hosts: Annotated[
        list[str] | None,
        typer.Option("--host", metavar="IP", help="Listen only there (repeatable)."),
    ] = None,
    bootstrap: Annotated[
        list[str] | None,
        typer.Option("--bootstrap", metavar="ADDRESS", help="Also connect there (repeatable)."),
    ] = None,
    mdns: Annotated[
        bool | None, typer.Option("--mdns/--no-mdns", help="Find members on the local network.")
    ] = None,
    log_level: Annotated[
        str | None, typer.Option("--log-level", metavar="LEVEL", help="debug … error.")
    ] = None,
    log_format: Annotated[
        str | None,
        typer.Option("--log-format", metavar="FORMAT", help="console, json or logfmt."),
    ] = None,
) -> None:
    """Run the node in the foreground until Ctrl-C or SIGTERM.

    Everything it is set to: p2pnode config show --origin

    \b
    [bold]Examples[/]
      p2pnode run
      p2pnode run --home ./alice --port 0 --log-level debug
    """
    flags: dict[str, object] = {
        "net.port": port,
        "net.hosts": hosts or None,
        "net.bootstrap": bootstrap or None,
        "net.mdns": mdns,
        "log.level": log_level or ("debug" if invocation.options.verbose else None),
        "log.format": log_format,
    }
    config = _load_config(invocation, flags)
    # Whoever reads stderr as JSON gets no line that is none: no notes, and errors as documents.
    invocation.terminal.as_json |= config.log_format == "json"
    passphrase = read_passphrase(invocation, passphrase_file)
    from p2pnode.daemon import run_daemon  # noqa: PLC0415 (trio and libp2p: 0.6 s)
    from p2pnode_protocols.wire.ids import to_text  # noqa: PLC0415

    def on_ready(ready: Ready) -> None:
        if invocation.options.as_json:
            invocation.terminal.line(
                {
                    "schema": "p2pnode/ready/1",
                    "addresses": list(ready.addresses),
                    "socket": str(ready.socket),
                    "communities": [
                        {"id": to_text("com", one.id), "name": one.name, "state": one.state}
                        for one in ready.communities
                    ],
                }
            )
            return
        # The log has said what happened; this says what to do.
        if not ready.communities:
            invocation.terminal.note('in another terminal: p2pnode found "NAME" --name YOU')
            invocation.terminal.note("                 or: p2pnode join LINK --name YOU")
        else:
            invocation.terminal.note("in another terminal: p2pnode status")

    code = run_daemon(
        invocation.paths,
        config,
        passphrase=passphrase,
        flags=flags,
        on_ready=on_ready,
        home=invocation.terminal.home,
    )
    if code != 0:
        raise typer.Exit(code)


def _load_config(invocation: Invocation, flags: dict[str, object]) -> Config:
    from p2pnode.home.config import load_config  # noqa: PLC0415 (tomllib: only here)

    return load_config(invocation.paths.config_file, flags, invocation.env)


@of_node
def paths(invocation: Invocation) -> None:
    """Say where this node keeps its files.

    \b
    [bold]Examples[/]
      p2pnode paths
      p2pnode paths --json | jq -r .key
    """
    places = invocation.paths.described()
    width = max(map(len, places)) + 2
    found = Document({"schema": "p2pnode/paths/1", **places})

    def human() -> None:
        for name, place in places.items():
            invocation.terminal.whole(f"{name:{width}}{place}")

    invocation.print(found, human)


@of_node
def show_config(
    invocation: Invocation,
    origin: Annotated[
        bool, typer.Option("--origin", help="Say where each value comes from.")
    ] = False,
) -> None:
    """Show every setting, its value, and where that comes from.

    A flag beats a P2PNODE_* variable, that config.toml, that the default.

    \b
    [bold]Examples[/]
      p2pnode config show --origin
      P2PNODE_NET_PORT=4001 p2pnode config show --json
    """
    config = _load_config(invocation, {})
    values = [
        {"key": key, "origin": config.origins[key], "value": _as_json(value)}
        for key, value in config.by_key().items()
    ]
    found = Document(
        {
            "schema": "p2pnode/config/1",
            "file": str(invocation.paths.config_file),
            "values": values,
            "warnings": list(config.warnings),
        }
    )

    def human() -> None:
        table = invocation.terminal.table("setting", "value", *(["origin"] if origin else []))
        for one in values:
            row = [str(one["key"]), plain(one["value"])]
            table.add_row(*row, *([str(one["origin"])] if origin else []))
        invocation.terminal.show(table)
        for warning in config.warnings:
            invocation.terminal.note(f"warning: {warning}")

    invocation.print(found, human)


def _as_json(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


@of_node
def check_config(invocation: Invocation) -> None:
    """Check config.toml and the variables; exit 2 when they are wrong.

    \b
    [bold]Examples[/]
      p2pnode config check
      p2pnode config check --home ./alice
    """
    config = _load_config(invocation, {})
    found = Document(
        {
            "schema": "p2pnode/config_check/1",
            "file": str(invocation.paths.config_file),
            "ok": not config.warnings,
            "warnings": list(config.warnings),
        }
    )

    def human() -> None:
        for warning in config.warnings:
            invocation.terminal.show(f"warning: {warning}")
        if not config.warnings:
            there = invocation.paths.config_file.exists()
            said = "is right" if there else "does not exist; every setting has its default"
            invocation.terminal.show(f"{invocation.paths.config_file} {said}")

    invocation.print(found, human)
    if config.warnings:
        raise typer.Exit(Exit.USAGE)
