"""The verb of programs that embed a node: putting something of their own into the log (R2.26)."""

from __future__ import annotations

from p2pnode_protocols.record.bodies import NAMESPACED, Note
from p2pnode_protocols.record.seats.names import shown
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.limits import NAME_CHARS, NOTE_BYTES

from ...answers import Receipt
from .submitting import NOW, How, Submitting, Texts


class Noting:
    """Write notes. Raises as `Proposing` does."""

    def __init__(self, submitting: Submitting) -> None:
        self._submitting = submitting

    async def note(self, namespace: str, data: bytes, *, how: How = NOW) -> Receipt:
        """Put something into the log that changes nothing: it is ordered, kept and streamed.

        Args:
            namespace: whose it is, such as `org.example.minutes`.
            data: up to 4,096 bytes, for good: nobody can erase them.

        Raises:
            UsageError: `bad_field`: no namespace is written so, or there is more of it.
        """
        if not NAMESPACED.holds(namespace) or len(namespace) > NAME_CHARS:
            raise UsageError(
                "bad_field",
                f"namespace: {shown(namespace)} is not allowed; {NAMESPACED.words}, {NAME_CHARS} "
                "characters at most",
            )
        if len(data) > NOTE_BYTES:
            raise UsageError("bad_field", f"data: {len(data)} bytes; {NOTE_BYTES} at most")
        return await self._submitting.say(Note(namespace, data), Texts(), how)
