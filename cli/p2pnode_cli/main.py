"""The `p2pnode` command: its own options, and where every command is registered."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from . import practices as rooms
from .arguments import fill_wait
from .commands.deciding import certifying, finding, noting, own, proposing, watching
from .commands.node import checking, communities, demo, keeping, machine, network, overview
from .commands.seats import charter, community, devices, joining, practices, rebuild
from .exits import MEANINGS, Exit
from .invocation import Invocation, everywhere
from .shown.streams import OutputLost, sturdy_streams
from .typed.once import Command, Group
from .typed.usage import asks_for_json, run_for_json

_HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    cls=Group,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings=_HELP,
)
peers = typer.Typer(cls=Group, rich_markup_mode="rich", context_settings=_HELP)
rebuilds = typer.Typer(
    cls=Group,
    help="""Go on when more nodes are lost for good than decisions can do without.

    All who are left take part: one proposes, each of the others signs the file
    that goes round, and then each applies it.

    \b
    [bold]Examples[/]
      p2pnode rebuild propose --without Carol --without Dave
      p2pnode rebuild sign rebuild.txt
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings=_HELP,
)
of_seat = typer.Typer(cls=Group, rich_markup_mode="rich", context_settings=_HELP)
of_practices = typer.Typer(cls=Group, rich_markup_mode="rich", context_settings=_HELP)
config = typer.Typer(
    cls=Group,
    help="""What this node is set to, and whether that is right.

    \b
    [bold]Examples[/]
      p2pnode config show --origin
      p2pnode config check
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings=_HELP,
)


def _print_version(asked: bool) -> None:
    if asked:
        from p2pnode import __version__  # noqa: PLC0415

        print(f"p2pnode {__version__}")
        raise typer.Exit


_BARE_HELP = """Decide together, with nobody in the middle.

Without a command it prints the status: what needs your vote comes first, in
whichever of your communities.

\b
[bold]Examples[/]
  p2pnode
  p2pnode init --help

\b
[bold]Exit codes[/]
""" + "\n".join(f"  {int(code):2}  {words}" for code, words in MEANINGS.items())


@app.callback(invoke_without_command=True, help=_BARE_HELP)
@everywhere
def bare(
    invocation: Invocation,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    overview.show_status(invocation)


_PANELS = {
    "Begin": {
        "init": machine.init,
        "run": machine.run,
        "found": community.found,
        "invite": community.invite,
        "join": joining.join,
        "demo": demo.demo,
    },
    "Decide": {
        "status": overview.status,
        "propose": proposing.propose,
        "vote": proposing.vote,
        "revise": proposing.revise,
        "withdraw": proposing.withdraw,
        "erase": proposing.erase,
        "ops": own.ops,
        "hurry": own.hurry,
        "note": noting.note,
        "notes": noting.notes,
        "decisions": finding.decisions,
        "show": finding.show,
        "explain": finding.explain,
        "certificate": certifying.certificate,
        "verify": certifying.verify,
        "watch": watching.watch,
    },
    "Community": {
        "communities": communities.communities,
        "use": communities.use,
        "members": community.members,
        "invites": community.invites,
        "charter": charter.charter,
        "amend": charter.amend,
        "away": community.away,
        "back": community.back,
        "leave": community.leave,
        "epochs": rebuild.epochs,
        "rekey": devices.rekey,
    },
    "This node": {
        "doctor": checking.doctor,
        "verify-log": checking.verify_log,
        "backup": keeping.backup,
        "restore": keeping.restore,
        "recover": keeping.recover,
        "paths": machine.paths,
    },
}

for _panel, _commands in _PANELS.items():
    for _name, _command in _commands.items():
        app.command(_name, rich_help_panel=_panel, cls=Command)(_command)
for _panel, _name, _command in rooms.commands():
    app.command(_name, rich_help_panel=_panel, cls=Command)(_command)

peers.callback(invoke_without_command=True)(network.peers)
peers.command("add", cls=Command)(network.add)
peers.command("block", cls=Command)(network.block)
peers.command("unblock", cls=Command)(network.unblock)
app.add_typer(peers, name="peers", rich_help_panel="This node")

rebuilds.command("propose", cls=Command)(rebuild.propose)
rebuilds.command("sign", cls=Command)(rebuild.sign)
rebuilds.command("apply", cls=Command)(rebuild.apply)
rebuilds.command("withdraw", cls=Command)(rebuild.withdraw)
app.add_typer(rebuilds, name="rebuild", rich_help_panel="Community")
of_seat.callback(invoke_without_command=True)(devices.devices)
of_seat.command("link", cls=Command)(devices.link)
of_seat.command("request", cls=Command)(devices.request)
of_seat.command("add", cls=Command)(devices.add)
of_seat.command("revoke", cls=Command)(devices.revoke)
of_seat.command("use", cls=Command)(devices.use)
of_seat.command("renew", cls=Command)(devices.renew)
app.add_typer(of_seat, name="devices", rich_help_panel="Community")

of_practices.callback(invoke_without_command=True)(practices.practices)
of_practices.command("add", cls=Command)(practices.add)
of_practices.command("raise", cls=Command)(practices.raise_)
app.add_typer(of_practices, name="practices", rich_help_panel="Community")

config.command("show", cls=Command)(machine.show_config)
config.command("check", cls=Command)(machine.check_config)
app.add_typer(config, name="config", rich_help_panel="This node")


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    given = fill_wait(sys.argv[1:] if arguments is None else arguments)
    try:
        with sturdy_streams():
            if asks_for_json(given):
                run_for_json(app, given)
            app(args=given, prog_name="p2pnode")
    except OutputLost as lost:  # of a help text: what a command prints is caught in `call`
        with sturdy_streams():
            if not lost.reader_gone:
                print(f"error:  the output cannot be written: {lost}", file=sys.stderr)
        sys.exit(Exit.READER_GONE if lost.reader_gone else Exit.FAILED)
