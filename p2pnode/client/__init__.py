"""Ask the running daemon of a home, from any Python program: typed, over its Unix socket.

    from p2pnode.client import AsyncClient, calls

    client = AsyncClient(home)                     # asyncio; `Client` blocks instead
    receipt = await client.ask(calls.propose("tactical", "Tea at four", vote="yes"))
    decided = await client.ask(calls.proposal(receipt.op, wait="final", timeout_s=60))
    async for event in client.events():
        print(event.kind, event.data)

Of several communities: `client.community("Lane 7").ask(…)`, as `host.community` under trio.

`calls` says what can be asked; each call knows the type of its answer, which is the one that
`Host` and `Community` give under trio (`p2pnode.answers`, `p2pnode.answers.lists`). Both clients
are thin: what is said over the socket is in `exchange` and `stream`, without input or output.

Names are imported when they are first used: the command line asks through `Client`, and pays
neither for asyncio nor for the answers' types.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import calls as calls
    from .asking import Client as Client
    from .asking_async import AsyncClient as AsyncClient
    from .call import Call as Call
    from .faults import BadAnswer as BadAnswer
    from .faults import ClientError as ClientError
    from .faults import Refused as Refused
    from .faults import Unreachable as Unreachable
    from .stream import Event as Event

__all__ = [
    "AsyncClient",
    "BadAnswer",
    "Call",
    "Client",
    "ClientError",
    "Event",
    "Refused",
    "Unreachable",
    "calls",
]

_HOMES = {
    "AsyncClient": "asking_async",
    "BadAnswer": "faults",
    "Call": "call",
    "Client": "asking",
    "ClientError": "faults",
    "Event": "stream",
    "Refused": "faults",
    "Unreachable": "faults",
}


def __getattr__(name: str) -> object:
    if name == "calls":
        return import_module(f"{__name__}.calls")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
