"""p2pnode: a node of a community that decides with nobody in the middle.

    async with Host.open(home) as host:
        community = host.community("Ops")
        receipt = await community.propose("tactical", "Tea at four", vote="yes")
        decided = await community.wait(receipt.op, "final", timeout_s=60)

Names are imported when they are first used: the command line takes `p2pnode.home.paths`
from this package, and must not pay 0.6 s for libp2p.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from p2pnode_protocols.wire.errors import UsageError as UsageError

    from .community.verbs.submitting import How as How
    from .errors import RequestError as RequestError
    from .home.errors import LocalError as LocalError
    from .host.host import Host as Host

__version__ = "0.1.0"
__all__ = ["Host", "How", "LocalError", "RequestError", "UsageError", "__version__"]

_HOMES = {
    "Host": "p2pnode.host.host",
    "How": "p2pnode.community.verbs.submitting",
    "LocalError": "p2pnode.home.errors",
    "RequestError": "p2pnode.errors",
    "UsageError": "p2pnode_protocols.wire.errors",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
