"""One home that is open: its files, its configuration, its key."""

from __future__ import annotations

from dataclasses import dataclass

from p2pnode_protocols.wire.ids import CommunityId, DeviceKey

from .. import __version__
from ..home.config import Config
from ..home.errors import StoreError
from ..home.keystore import DeviceSecret
from ..home.mark import Mark
from ..home.paths import Paths

AGENT = f"p2pnode/{__version__}"  # what peers are told, and a backup says


@dataclass(slots=True)
class Home:
    """What belongs to this process alone. The configuration may be read anew while it runs."""

    paths: Paths
    config: Config
    secret: DeviceSecret

    @property
    def device(self) -> DeviceKey:
        return self.secret.device

    def open_mark(self) -> Mark:
        return Mark.open(self.paths.mark_file(self.device), self.device)

    def find_other_record(self, community: CommunityId | None) -> StoreError | None:
        """Return what stands against taking part in `community`: signatures of another record.

        Args:
            community: None: the store as it is, which has none.
        """
        return self.open_mark().find_other_record(community, self.paths.store_file)
