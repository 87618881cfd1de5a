"""HTTP/1.1 with the daemon, without input or output: bytes to send, bytes that came.

One exchange is one connection: the daemon is on this machine, and what costs is starting a
program, not connecting (h11 and not a client library: 25 ms of import).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import h11

from .call import Call
from .faults import BadAnswer, Refused, Unreachable

RECEIVE_BYTES = 1 << 16
_SHOWN_BYTES = 120


class Exchange:
    """One request and its answer.

    Send `to_send`, hand what comes to `receive`, b"" at the end, until `is_over`; the answer's
    bytes come out of `take`, as far as they are here.

    Args:
        call: what is asked.
        community: which one, as `Call.target`.

    Raises:
        ValueError: as `Call.target`.
    """

    def __init__(self, call: Call[object], community: str | None = None) -> None:
        self._connection = h11.Connection(our_role=h11.CLIENT)
        self.status: int | None = None  # once the head of the answer is here
        self.is_over = False
        content = call.content
        headers = [("Host", "node"), ("Connection", "close"), ("Accept", "*/*")]
        if content is not None:
            headers += [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        if call.idempotency_key is not None:
            headers.append(("Idempotency-Key", call.idempotency_key))
        request = h11.Request(method=call.method, target=call.target(community), headers=headers)
        self.to_send: bytes = self._connection.send(request) or b""
        if content is not None:
            self.to_send += self._connection.send(h11.Data(data=content)) or b""
        self.to_send += self._connection.send(h11.EndOfMessage()) or b""

    def receive(self, data: bytes) -> Iterator[bytes]:
        """Take what came, b"" for the end of the connection; yield parts of the answer's body.

        Raises:
            Unreachable: the connection ended in the middle, or what came is no HTTP.
        """
        try:
            self._connection.receive_data(data)
            while True:
                event = self._connection.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    return
                match event:
                    case h11.Response(status_code=status):
                        self.status = status
                    case h11.Data(data=part):
                        yield bytes(part)
                    case h11.EndOfMessage() | h11.ConnectionClosed():
                        self.is_over = True
                        return
                    case _:
                        pass  # 1xx: the answer itself follows
        except h11.RemoteProtocolError as error:
            raise Unreachable(f"the connection broke: {error}") from error


def read_answer(status: int | None, raw: bytes) -> dict[str, object]:
    """Return the answer's document; an empty answer is an empty one.

    Raises:
        Refused: it is a problem document.
        BadAnswer: it is neither.
        Unreachable: there was no answer at all.
    """
    if status is None:
        raise Unreachable("the connection ended before an answer came")
    try:
        answer: object = json.loads(raw) if raw else {}
    except ValueError:
        answer = None
    if status < 400 and isinstance(answer, dict):
        return answer
    if isinstance(answer, dict) and isinstance(answer.get("code"), str):
        raise Refused(status, answer)
    raise BadAnswer(status, repr(raw[:_SHOWN_BYTES].decode(errors="replace")))
