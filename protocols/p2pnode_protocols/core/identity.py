"""Which community, and with which key: what one node never changes."""

from __future__ import annotations

from dataclasses import dataclass

from ..wire import crypto
from ..wire.ids import CommunityId, DeviceKey


@dataclass(frozen=True, slots=True)
class Identity:
    """This device in its community, and how it checks what others sign."""

    community: CommunityId
    signer: crypto.Signer
    verify: crypto.Verify
    device: DeviceKey  # the signer's

    @classmethod
    def of(cls, community: CommunityId, signer: crypto.Signer, verify: crypto.Verify) -> Identity:
        return cls(community, signer, verify, signer.device)
