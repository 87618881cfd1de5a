"""The files of a home in which there is one community."""

from __future__ import annotations

from pathlib import Path

from p2pnode.home.paths import CommunityPaths, Paths, find_paths


def only_community(home: Path | Paths) -> CommunityPaths:
    """Return the files of the only community that a home has."""
    paths = home if isinstance(home, Paths) else find_paths(home, {})
    (found,) = paths.communities()
    return found


def has_file(home: Path | Paths, name: str) -> bool:
    """Return whether any community of a home has a file of this name."""
    paths = home if isinstance(home, Paths) else find_paths(home, {})
    return any((one.data_dir / name).exists() for one in paths.communities())
