"""What people write: titles, texts, reasons. Checked before they are signed, with the limit said.

Texts stand beside the ops (R2.8), so no rule of the log can look into them: what a liar signed all
the same is made harmless where it is shown. These checks keep honest people from signing what
nobody could read.
"""

from __future__ import annotations

import re

from p2pnode_protocols.record.seats.names import is_visible
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.limits import TEXT_BYTES, TITLE_CHARS

# Control characters steer terminals, embeddings and overrides of direction let words read
# otherwise than they are signed; tabs and line breaks are fine in a text.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_STEERING_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def check_title(title: str) -> None:
    """Refuse what is not one readable line of up to TITLE_CHARS characters.

    Raises:
        UsageError: `bad_field`, saying what and what is allowed.
    """
    allowed = f"one line of 1 to {TITLE_CHARS} characters"
    if len(title) > TITLE_CHARS:
        _refuse(
            "title", f"{len(title)} characters, {allowed} is allowed; the longer text goes under it"
        )
    _check_readable("title", title, _STEERING, allowed)


def check_text(field: str, text: str) -> str:
    """Return a body or reason with line breaks as \\n; refuse what nobody could read.

    Raises:
        UsageError: `bad_field`; `limit_size` when it is longer than TEXT_BYTES.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    size = len(lines.encode(errors="replace"))
    if size > TEXT_BYTES:
        raise UsageError(
            "limit_size", f"{field}: {size} bytes, at most {TEXT_BYTES}; link what is longer"
        )
    allowed = "leave it out, or write text of printable characters and line breaks"
    _check_readable(field, lines, _STEERING_TEXT, allowed)
    return lines


def shorten(text: str, chars: int) -> str:
    """Return `text`, or its beginning and an ellipsis, at most `chars` characters."""
    return text if len(text) <= chars else f"{text[: chars - 1].rstrip()}…"


def _check_readable(field: str, text: str, steering: re.Pattern[str], allowed: str) -> None:
    found = steering.search(text)
    if found is not None:
        where = f"character {found.start() + 1}, U+{ord(found[0]):04X}"
        _refuse(field, f"{where}, is no printable one; {allowed}")
    if not is_visible(text):
        _refuse(field, f"there is nothing to read in it; {allowed}")


def _refuse(field: str, detail: str) -> None:
    raise UsageError("bad_field", f"{field}: {detail}")
