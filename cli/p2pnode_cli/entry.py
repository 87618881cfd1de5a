"""Where the `p2pnode` command begins.

`pip install p2pnode` brings the protocol core alone (docs/adr/0001), and this command
with it; then it says what is missing instead of showing a traceback.
"""

from __future__ import annotations

_OURS = ("p2pnode", "p2pnode_cli", "p2pnode_protocols")


def run() -> None:
    """Run the command line; exit 1 when only the core is installed."""
    try:
        from .main import run as run_command  # noqa: PLC0415  may be missing what it needs
    except KeyboardInterrupt:  # before anything has begun
        raise SystemExit(130) from None
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in _OURS:
            raise
        raise SystemExit(
            f"p2pnode: only the protocol core is installed here ({missing} is missing).\n"
            'To run a node: pip install "p2pnode[node]"'
        ) from None
    run_command()
