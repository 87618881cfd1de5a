"""Where a node's files are: XDG directories, or everything under one home.

Linux follows the XDG base directories, macOS and Windows their own customs. `--home DIR`
or `P2PNODE_HOME` puts everything under one root instead; two homes are two nodes. Each community
of a home has a directory of its own.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import CommunityId, from_text, to_text

from .environment import read_variable
from .errors import LocalError

APP = "p2pnode"
HOME_VARIABLE = "P2PNODE_HOME"

# A Unix socket's address holds 108 bytes with its closing NUL on Linux, 104 on macOS
# (sun_path); one limit for both, so that a home moves between them.
SOCKET_PATH_BYTES = 103
SHORT_TMP_BYTES = 60  # leaves room for the user's directory and the socket's name


@dataclass(frozen=True, slots=True)
class CommunityPaths:
    """The files of one community in a home."""

    community: CommunityId
    data_dir: Path  # the store, and what has begun and is not done (`pending`)

    @property
    def store_file(self) -> Path:
        return self.data_dir / "store.db"

    def prepare(self) -> None:
        """Create the directory. Raises `LocalError` as `Paths.prepare`."""
        for directory in (self.data_dir.parent, self.data_dir):
            _create_private(directory)

    def forget(self) -> None:
        """Remove the store and the directory, unless something else lies in it."""
        for file in self.data_dir.glob(self.store_file.name + "*"):
            file.unlink()
        if self.data_dir.exists() and not any(self.data_dir.iterdir()):
            self.data_dir.rmdir()


@dataclass(frozen=True, slots=True)
class Paths:
    """Every file of one node. `home` is None when the directories are the system's own."""

    home: Path | None
    config_dir: Path
    data_dir: Path
    state_dir: Path
    socket: Path

    @property
    def config_file(self) -> Path:
        return self.config_dir / "config.toml"

    @property
    def key_file(self) -> Path:
        return self.data_dir / "device.key"

    @property
    def communities_dir(self) -> Path:
        return self.data_dir / "communities"

    def of(self, community: CommunityId) -> CommunityPaths:
        """Return where the files of a community are, or will be."""
        return CommunityPaths(community, self.communities_dir / to_text("com", community))

    def communities(self) -> tuple[CommunityPaths, ...]:
        """Return those that have a directory here, by their ids."""
        if not self.communities_dir.is_dir():
            return ()
        found: list[CommunityPaths] = []
        for directory in sorted(self.communities_dir.iterdir()):
            try:
                community = CommunityId(from_text("com", directory.name))
            except UsageError:
                continue  # somebody's own, such as a copy that was put aside
            found.append(CommunityPaths(community, directory))
        return tuple(found)

    @property
    def lock_file(self) -> Path:
        # Beside the stores and not among the state files: what it protects is these stores,
        # and two environments may agree on one directory and not on the other.
        return self.data_dir / "lock"

    def mark_file(self, device: bytes) -> Path:
        """How far this device has signed, in each community (`mark`).

        Among the state files and not beside the stores: whoever puts an old data directory
        back must not put the mark back with it.
        """
        return self.state_dir / f"signed-{device.hex()[:16]}"

    @property
    def backup_note(self) -> Path:
        """When the last backup was made."""
        return self.state_dir / "last-backup.json"

    def prepare(self) -> None:
        """Create the directories, mode 0700; an empty one that is there is made so.

        Raises:
            LocalError: `home_unsafe` for one that belongs to another user, or that holds
                files and others may enter; `store_unusable` when one cannot be created;
                `home_old`.
        """
        self.require_current()
        wanted = (self.config_dir, self.data_dir, self.state_dir, self.socket.parent)
        for directory in dict.fromkeys(wanted):
            _create_private(directory)

    def require_current(self) -> None:
        """Raise `LocalError` `home_old` for a home of one community, as earlier versions had."""
        old = self.data_dir / "store.db"
        if old.exists():
            raise LocalError(
                "home_old",
                f"{old} is of an earlier version, which kept one community and no directory for "
                "it; this version does not read such a home",
                "go on with the version that made it, or choose another place with --home",
            )

    def described(self) -> dict[str, str]:
        """Return name and path of what a running node has, in the order people look for it."""
        return {
            "config": str(self.config_file),
            "key": str(self.key_file),
            "communities": str(self.communities_dir),
            "lock": str(self.lock_file),
            "signed": str(self.state_dir / "signed-*"),
            "socket": str(self.socket),
        }


def find_paths(home: str | Path | None = None, env: Mapping[str, str] = os.environ) -> Paths:
    """Return the paths of the node that `home`, else `P2PNODE_HOME`, else the user has.

    Nothing is created.

    Raises:
        LocalError: `bad_config`, the one that counts is empty; `home_unsafe` when the socket's
            directory would be one in the temporary directory that somebody else has made.
    """
    if home is not None and not os.fspath(home).strip():
        raise LocalError("bad_config", "the home is empty; a variable that is not set, perhaps?")
    chosen = home if home is not None else read_variable(env, HOME_VARIABLE)
    if chosen is not None:
        root = Path(chosen).expanduser().absolute()
        return Paths(root, root, root, root, _fit_socket(root / "p2pnode.sock"))

    import platformdirs  # noqa: PLC0415 (a tenth of the start-up of a command that has a home)

    state = platformdirs.user_state_path(APP)
    return Paths(
        None,
        platformdirs.user_config_path(APP),
        platformdirs.user_data_path(APP),
        state,
        _fit_socket((_runtime_dir(env) or state) / "p2pnode.sock"),
    )


def _runtime_dir(env: Mapping[str, str]) -> Path | None:
    """Return the user's runtime directory for this program, None where there is none.

    systemd's place is looked for even when the variable is missing: cron jobs and `su`
    lack it, and must find the same daemon.
    """
    named = env.get("XDG_RUNTIME_DIR") or None
    if named is not None:
        return Path(named) / APP
    if hasattr(os, "getuid"):
        usual = Path(f"/run/user/{os.getuid()}")
        if os.access(usual, os.W_OK):
            return usual / APP
    return None


def _fit_socket(wanted: Path) -> Path:
    """Return `wanted`, or a short stand-in in the temporary directory when it is too long.

    The stand-in's name is a hash of the wanted path, so that every process that knows the
    home finds it.
    """
    if len(os.fsencode(wanted)) <= SOCKET_PATH_BYTES:
        return wanted
    user = os.getuid() if hasattr(os, "getuid") else "user"
    name = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
    temporary = tempfile.gettempdir()
    if len(os.fsencode(temporary)) > SHORT_TMP_BYTES:
        temporary = "/tmp"  # a TMPDIR of a job or a test may be as long as any home
    directory = Path(temporary) / f"{APP}-{user}"
    if directory.is_symlink() or directory.exists():
        require_private(directory)  # anyone may have made it, to listen in our place
    return directory / f"{name}.sock"


def require_private(directory: Path) -> None:
    """Raise `LocalError` `home_unsafe` unless only this user may enter `directory`."""
    if os.name != "posix":
        return  # Windows profiles are private by access lists, not by mode bits
    found = os.lstat(directory)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise LocalError(
            "home_unsafe",
            f"{directory} is not a directory of this user",
            "remove it, or choose another place with --home",
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise LocalError(
            "home_unsafe",
            f"{directory} has mode {stat.S_IMODE(found.st_mode):04o}, others may enter it",
            f"chmod 700 {directory}",
        )


def _create_private(directory: Path) -> None:
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        directory.mkdir(mode=0o700, exist_ok=True)
        if not any(directory.iterdir()):
            directory.chmod(0o700)  # `mkdir alice` before `--home alice` is no mistake
    except OSError as error:
        raise LocalError(
            "store_unusable",
            f"{directory} cannot be created ({error.strerror})",
            "choose another place with --home",
        ) from error
    require_private(directory.resolve())
