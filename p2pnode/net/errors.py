"""What can go wrong with the network itself; a peer's bad data is a `PeerFault` instead."""

from __future__ import annotations


class NetError(Exception):
    """The net cannot do what its owner asked; the text says what to change."""


class LinkClosed(Exception):
    """A connection is over: closed, reset, cut or frozen. They cannot be told apart."""


class LinkFlooded(LinkClosed):
    """A peer sent so much that carries nothing that its connection was ended."""


class NobodyAnswered(LinkClosed):
    """None of a peer's addresses gave a connection; `errors` says why, by address."""

    def __init__(self, errors: dict[str, str]) -> None:
        told = "; ".join(f"{address}: {error}" for address, error in errors.items())
        super().__init__(told or "no address is known")
        self.errors = errors


class StreamUnread(LinkClosed):
    """A peer reads its connection, and not this stream."""
