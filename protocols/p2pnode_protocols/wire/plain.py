"""Text of others, as it may reach a log, an event or a terminal (R7.25)."""

from __future__ import annotations


def make_plain(text: str, most: int) -> str:
    """Return `text` on one short line, with nothing in it that acts unseen.

    Control characters could move a cursor, forge a line of a log, or turn the direction in
    which the rest is read.

    Args:
        most: characters of the result.
    """
    shown = text if len(text) <= most else text[: most - 1] + "…"
    if shown.isprintable():
        return shown
    return "".join(one if one.isprintable() else " " if one.isspace() else "?" for one in shown)
