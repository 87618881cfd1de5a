"""Putting a home's store back to an earlier state, as people do with copies."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.processes.daemons import Daemon

from ..hosts.homes import only_community


def keep_store(daemon: Daemon, place: Path) -> Path:
    """Copy the store of a home that is not in use; return where the copy is."""
    assert daemon.process is None
    place.mkdir()
    for file in _files(daemon):
        shutil.copy2(file, place)
    return place


def put_back(daemon: Daemon, kept: Path) -> None:
    """Replace the store of a home that is not in use by a copy."""
    assert daemon.process is None
    for file in _files(daemon):
        file.unlink()
    for file in kept.iterdir():
        shutil.copy2(file, only_community(daemon.paths).data_dir)


def _files(daemon: Daemon) -> list[Path]:
    store = only_community(daemon.paths).store_file
    return sorted(store.parent.glob(store.name + "*"))
