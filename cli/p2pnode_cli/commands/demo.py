"""demo: five nodes on this machine that decide, fail, and agree again."""

from __future__ import annotations

from typing import Annotated

import typer

from ..session import Session, everywhere


@everywhere
def demo(
    session: Session,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the five nodes running, to play with.")
    ] = False,
) -> None:
    """See it work: five nodes on this machine found a community, decide, break and heal.

    Exits 0 only when everything happened as it should.

    \b
    [bold]Examples[/]
      p2pnode demo
      p2pnode demo --keep
    """
