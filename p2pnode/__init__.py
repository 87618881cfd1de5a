"""p2pnode: a node of a community that decides with nobody in the middle.

    async with Node.open(home) as node:
        receipt = await node.propose(tier="tactical", title="Tea at four")
        await node.vote(receipt.proposal, "yes")
        proposal = await node.wait(receipt.proposal, "final", timeout_s=30)

Names are imported when they are first used: the command line takes `p2pnode.store.paths`
from this package, and must not pay 0.6 s for libp2p.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import RequestError as RequestError
    from .node import Node as Node

__version__ = "0.1.0"
__all__ = ["Node", "RequestError", "__version__"]


def __getattr__(name: str) -> object:
    if name == "Node":
        from .node import Node  # noqa: PLC0415

        return Node
    if name == "RequestError":
        from .errors import RequestError  # noqa: PLC0415

        return RequestError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
