"""Detached texts: an op names a text by its salted hash, so that the text can be erased (R2.22)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..wire import crypto
from ..wire.codec import Value
from ..wire.errors import PeerFault
from ..wire.ids import TextId
from ..wire.kinds import Many, Whole
from ..wire.limits import OP_TEXTS, TEXT_BYTES
from ..wire.shapes import Shaped, row, shaped


@shaped("text reference")
@dataclass(frozen=True, slots=True)
class TextRef(Shaped):
    """A detached text: the salted hash stands in the op, the text beside it (erasable)."""

    id: TextId
    size: Annotated[int, Whole(0, TEXT_BYTES)]  # bytes of UTF-8, without the salt

    def fits(self, blob: bytes) -> bool:
        """Return whether a blob with this id is as long as the op says (R2.22)."""
        return len(blob) == self.size + crypto.SALT_BYTES


# The first field of every op of a practice (R2.27). What each of them is, is said behind it.
Texts = Annotated[tuple[TextRef, ...], Many(OP_TEXTS)]
_TEXTS = row("texts", tuple.__class_getitem__((Texts,)))


def texts_in(value: Value) -> tuple[TextRef, ...]:
    """Return the texts that the body of an op of a practice refers to, whatever it is (R2.27).

    One that is not as it should be has none: the log refuses it.
    """
    if not isinstance(value, list | tuple) or not value:
        return ()
    try:
        (found,) = _TEXTS.read(value[:1])
    except PeerFault:
        return ()
    texts: tuple[TextRef, ...] = found
    return texts


def make_text(salt: bytes, text: str) -> tuple[TextRef, bytes]:
    """Return the reference and the blob (salt, then UTF-8) of a detached text.

    Raises:
        PeerFault: `limit_size`; `bad_field` for half a character (a lone surrogate).
    """
    assert len(salt) == crypto.SALT_BYTES
    try:
        raw = text.encode()
    except UnicodeEncodeError as error:
        raise PeerFault("bad_field", f"the text has no UTF-8: {error}") from error
    if len(raw) > TEXT_BYTES:
        raise PeerFault("limit_size", f"a text of {len(raw)} bytes, at most {TEXT_BYTES}")
    blob = salt + raw
    return TextRef(crypto.compute_text_id(blob), len(raw)), blob
