"""stdout and stderr that may be full, closed, read by nobody, or of few letters.

Whatever they are, a command ends with its own exit code and without a traceback: what stdout
loses ends it (`OutputLost`), what stderr loses does not. Letters that the stream's encoding
lacks become `?`; bytes of a file name that is no UTF-8 go out as they came in.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO, cast

_LETTERS = "p2pnode.letters"


class OutputLost(Exception):
    """stdout takes no more. `reader_gone`: nobody reads on, which mostly is as it should be."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.reader_gone = error.errno == errno.EPIPE


def _replace(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = (ord(one) for one in error.object[error.start : error.end])
    escaped = (code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else ord("?") for code in lacking)
    return bytes(escaped), error.end


codecs.register_error(_LETTERS, _replace)


class _Output:
    """A text stream that hands all on to `inner` until that fails once, and then nothing."""

    def __init__(self, inner: TextIO, *, matters: bool) -> None:
        """Args: `matters`: what is lost raises `OutputLost`, once."""
        self._inner = inner
        self._matters = matters
        self.is_lost = False

    def write(self, text: str) -> int:
        try:
            self._try(lambda: self._inner.write(text))
        except UnicodeEncodeError:  # nothing of it was written
            self.write_bytes(text.encode(self._inner.encoding, _LETTERS))
        return len(text)

    def flush(self) -> None:
        self._try(self._inner.flush)

    def write_bytes(self, data: bytes) -> None:
        self._try(self._inner.flush)
        self._try(lambda: self._inner.buffer.write(data))
        self._try(self._inner.buffer.flush)

    def _try(self, write: Callable[[], object]) -> None:
        if self.is_lost:
            return
        try:
            write()
        except OSError as error:
            self.is_lost = True
            _forget(self._inner)
            if self._matters:
                raise OutputLost(error) from None

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


class _Closed(io.TextIOBase):
    """What a stream is that the caller closed: `>&-`."""

    encoding = "utf-8"

    def write(self, _text: str) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


@contextmanager
def sturdy_streams() -> Iterator[None]:
    """Within, stdout raises `OutputLost` where it first fails, and stderr never does."""
    before = sys.stdout, sys.stderr
    closed = cast(TextIO, _Closed())
    sys.stdout = cast(TextIO, _Output(before[0] or closed, matters=True))
    sys.stderr = cast(TextIO, _Output(before[1] or closed, matters=False))
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    finally:
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def _forget(stream: TextIO) -> None:
    """Send what is still buffered to nowhere: at its end Python would try, and complain."""
    with suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def write_bytes(data: bytes) -> None:
    """Write bytes to stdout. Raises `OutputLost`."""
    stream = sys.stdout
    if isinstance(stream, _Output):
        stream.write_bytes(data)
    else:
        stream.buffer.write(data)
        stream.buffer.flush()


def can_write(text: str) -> bool:
    """Return whether stdout has all letters of `text`."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
