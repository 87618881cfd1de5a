"""A fresh device key on the same machine: made beside the old one, then put in its place.

What binds it to the seat and makes it the node key is said by the old key, through the
daemon, while that still runs with it (`p2pnode devices renew`).
"""

from __future__ import annotations

import os
from pathlib import Path

from p2pnode_protocols.wire.ids import to_short

from ..home.keystore import DeviceSecret, create_key, load_key, read_device
from ..home.mark import Marks
from ..home.paths import Paths


def next_key_file(paths: Paths) -> Path:
    return paths.key_file.with_name(paths.key_file.name + ".next")


def prepare_key(paths: Paths, passphrase: bytes | None) -> DeviceSecret:
    """Return the key to be: a new one, or that of a renewal that was broken off.

    Raises:
        KeyFileError: as `create_key` and `load_key`.
    """
    file = next_key_file(paths)
    if file.exists():
        return load_key(file, passphrase)
    return create_key(file, passphrase)


def switch_key(paths: Paths) -> Path:
    """Put the key to be in the place of the one that is; return where that one lies now.

    A crash leaves the old key in its place or the new one, never none.

    Raises:
        KeyFileError: one of them cannot be read.
        StoreError: `store_unusable`, `disk_full`.
        OSError: the directory cannot be written.
    """
    file, fresh = paths.key_file, next_key_file(paths)
    device = read_device(fresh)
    old = file.with_name(f"{file.name}.{to_short('dev', read_device(file))}")
    Marks.create(paths.mark_file(device), device).close()  # it has signed nothing but to be bound
    if not old.exists():
        os.link(file, old)
    fresh.replace(file)
    return old
