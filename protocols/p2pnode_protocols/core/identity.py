"""Which community, with which key, and with which program: what one node never changes."""

from __future__ import annotations

from dataclasses import dataclass

from ..record.seam.in_force import NO_PRACTICES, Practices
from ..record.seats.charter import Charter
from ..record.versions import find_lacking
from ..wire import crypto
from ..wire.ids import CommunityId, DeviceKey


@dataclass(frozen=True, slots=True)
class Identity:
    """This device in its community, and how it checks what others sign."""

    community: CommunityId
    signer: crypto.Signer
    verify: crypto.Verify
    device: DeviceKey  # the signer's
    practices: Practices  # that this program has

    @classmethod
    def of(
        cls,
        community: CommunityId,
        signer: crypto.Signer,
        verify: crypto.Verify,
        practices: Practices = NO_PRACTICES,
    ) -> Identity:
        return cls(community, signer, verify, signer.device, practices)

    def find_lacking(self, charter: Charter) -> tuple[str, int] | None:
        """Return what is in force by a charter and this program does not have; None: nothing."""
        return find_lacking(charter.practices, dict(self.practices.versions))
