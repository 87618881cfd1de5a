"""What a new stream is for: a name, agreed on as libp2p's multistream-select has it.

The library's own answers a request for a list with all names that it has, which are the ids of
communities here (R7.27), takes names of any length, and any number of them. What goes over the
wire for an honest peer is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ..errors import LinkClosed

NAME_BYTES = 512  # of a line; the name of a community's streams has 84, of libp2p's own up to 60
NAMES = 8  # said in vain on one stream: a libp2p program may try some versions of a protocol
_GREETING = "/multistream/1.0.0"
_UNKNOWN = "na"
_END = b"\n"


class Channel(Protocol):
    """A stream, as far as its name is agreed on."""

    async def read(self, n: int | None = None) -> bytes: ...
    async def write(self, data: bytes) -> None: ...


class NameUnknown(LinkClosed):
    """The peer has nothing of this name, or not for this device."""


async def answer(stream: Channel, is_known: Callable[[str], bool]) -> str:
    """Return which name the peer and this side have agreed on, for a stream that it has opened.

    Raises:
        LinkClosed: none, or what it says is no name.
    """
    await stream.write(_frame(_GREETING))
    await _greet(stream)
    for _ in range(NAMES):
        name = await _read(stream)
        if is_known(name):
            await stream.write(_frame(name))
            return name
        await stream.write(_frame(_UNKNOWN))
    raise LinkClosed(f"{NAMES} names and none of them known")


async def ask(stream: Channel, name: str) -> None:
    """Agree on a name for a stream of ours.

    Raises:
        NameUnknown: the peer says that it has nothing of this name.
        LinkClosed: it is gone, or says something else.
    """
    await stream.write(_frame(_GREETING))
    await _greet(stream)
    await stream.write(_frame(name))
    said = await _read(stream)
    if said == _UNKNOWN:
        raise NameUnknown(f"nothing is called {name} there")
    if said != name:
        raise LinkClosed("the answer to a name is another one")


async def _greet(stream: Channel) -> None:
    if await _read(stream) != _GREETING:
        raise LinkClosed("it does not speak multistream-select")


def _frame(text: str) -> bytes:
    data = text.encode() + _END
    length = bytearray()
    size = len(data)
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    length.append(size)
    return bytes(length) + data


async def _read(stream: Channel) -> str:
    """Return what one line says."""
    size = shift = 0
    while True:
        (byte,) = await stream.read(1)
        size |= (byte & 127) << shift
        shift += 7
        if size > NAME_BYTES or shift > 14:
            raise LinkClosed(f"a name of more than {NAME_BYTES} bytes")
        if byte < 128:
            break
    data = b""
    while len(data) < size:
        data += await stream.read(size - len(data))
    if not data.endswith(_END):
        raise LinkClosed("a name without its end")
    return data.removesuffix(_END).decode(errors="replace")
