"""What people wrote, in quotes, within a message."""

from __future__ import annotations

import re

# ZWNJ and ZWJ are how many scripts, and emoji, are written; at the edge of a word they are noise.
_JOINER = re.compile("(?<=[^\\s\u200c\u200d])[\u200c\u200d](?=[^\\s\u200c\u200d])")


def quoted(text: str) -> str:
    """Return `text` in quotes, as `repr` does, but with the joiners within its words.

    What could steer a terminal, or act unseen, stays escaped.
    """
    quote = '"' if "'" in text and '"' not in text else "'"
    joiners = {found.start() for found in _JOINER.finditer(text)}
    body = "".join(
        one if at in joiners else f"\\{one}" if one == quote else repr(one)[1:-1]
        for at, one in enumerate(text)
    )
    return f"{quote}{body}{quote}"
