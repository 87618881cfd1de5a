"""Texts that somebody's words refer to and that are not here (R2.22, R10.24)."""

from __future__ import annotations

from collections.abc import KeysView

from ...record.texts import TextRef
from ...wire.ids import DeviceKey, OpId, TextId
from ...wire.limits import MISSING_TEXTS
from ..shares.shares import Limits, Shares

NO_SEAT = b""  # of texts of which this node has not noted who refers to them


class MissingTexts:
    """What to ask for, by whose words refer to it and which ops need it."""

    def __init__(self, device: DeviceKey) -> None:
        self._device = device
        # And the proposal each is about; by whose words refer to it. Counted in numbers only.
        self._missing: Shares[TextRef, OpId | None] = Shares(
            Limits(MISSING_TEXTS, MISSING_TEXTS, MISSING_TEXTS, MISSING_TEXTS)
        )
        # The same by their ids: a liar may say another length than who says the truth (R2.22).
        self._claims: dict[TextId, set[TextRef]] = {}
        self._texts_missed = 0
        self.gave_up = False  # whether some were given up since whoever asks has set this back
        # Of those, the ops that need each, where all that do are known.
        self._needed_by: dict[TextId, set[OpId]] = {}

    @property
    def missing(self) -> KeysView[TextId]:
        """The ids of the texts that are not here and that somebody's words refer to."""
        return self._claims.keys()

    def knows(self, ref: TextRef) -> bool:
        """Whether this is asked for, as long as somebody's words say it is."""
        return ref in self._claims.get(ref.id, ())

    def miss(
        self, ref: TextRef, proposal: OpId | None, seat: bytes, op: OpId | None = None
    ) -> list[TextId]:
        """Note that a seat's words refer to a text that is not here; return what was given up.

        Of more than are asked for, these are the oldest of the seat that refers to most.

        Args:
            op: which words; None: more than one op that is known here may refer to it.
        """
        text = ref.id
        is_new = text not in self._claims
        self._texts_missed += 1
        self._claims.setdefault(text, set()).add(ref)
        gone = self._missing.put(
            ref, proposal, seat=seat, size=1, rank=-self._texts_missed, carrier=self._device
        )
        if op is not None and is_new:
            self._needed_by[text] = {op}
        elif op is not None and text in self._needed_by:
            self._needed_by[text].add(op)
        else:
            self._needed_by.pop(text, None)
        given_up: list[TextId] = []
        for one in gone:
            self._claims[one.id].discard(one)
            if not self._claims[one.id]:
                del self._claims[one.id]
                self._needed_by.pop(one.id, None)
                given_up.append(one.id)
        self.gave_up |= bool(gone)
        return given_up

    def found(self, text: TextId, blob: bytes) -> tuple[bool, OpId | None]:
        """Note that a missing text has come, which settles what anybody says of its length.

        Returns:
            Whether somebody's words refer to it as it is, and the proposal it is about, if any.
        """
        fitting = [ref for ref in self._claims[text] if ref.fits(blob)]
        proposal = self._missing.get(fitting[0]) if fitting else None
        self.forget(text)
        return bool(fitting), proposal

    def forget(self, text: TextId) -> None:
        """Miss a text no more."""
        for ref in self._claims.pop(text, ()):
            self._missing.remove(ref)
        self._needed_by.pop(text, None)

    def drop(self, text: TextId, op: OpId) -> bool:
        """Forget that an op needs a text; return whether it was the only one that did (R10.24)."""
        needed_by = self._needed_by.get(text)
        if needed_by is None:
            return False
        needed_by.discard(op)
        if needed_by:
            return False
        self.forget(text)
        return True
