"""What can go wrong with the network itself; a peer's bad data is a `PeerFault` instead."""

from __future__ import annotations


class NetError(Exception):
    """The net cannot do what its owner asked; the text says what to change."""


class LinkClosed(Exception):
    """A connection is over: closed, reset, cut or frozen. They cannot be told apart."""
