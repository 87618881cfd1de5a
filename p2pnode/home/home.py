"""One home that is open: its files, its configuration, its key, its marks."""

from __future__ import annotations

from dataclasses import dataclass

from p2pnode_protocols.wire.ids import DeviceKey

from .config import Config
from .keystore import DeviceSecret
from .mark import Marks
from .paths import Paths


@dataclass(slots=True)
class Home:
    """What belongs to this process alone. The configuration may be read anew while it runs."""

    paths: Paths
    config: Config
    secret: DeviceSecret
    marks: Marks

    @property
    def device(self) -> DeviceKey:
        return self.secret.device
