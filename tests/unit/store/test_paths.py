"""Where files are looked for, and which directories are trusted."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from p2pnode.home.errors import LocalError
from p2pnode.home.paths import SOCKET_PATH_BYTES, find_paths
from p2pnode_protocols.wire.ids import CommunityId


def test_home_holds_everything(tmp_path: Path) -> None:
    found = find_paths(tmp_path / "alice", {})
    assert found.home == tmp_path / "alice"
    assert {Path(path).parent for path in found.described().values()} == {tmp_path / "alice"}
    assert found.described()["communities"].endswith("communities")


def test_each_community_has_a_directory(tmp_path: Path) -> None:
    found = find_paths(tmp_path / "alice", {})
    assert found.communities() == ()
    ids = [CommunityId(bytes([one]) * 32) for one in (2, 1)]
    for community in ids:
        found.of(community).prepare()
    (found.communities_dir / "put aside").mkdir()
    assert [one.community for one in found.communities()] == sorted(ids)
    place = found.of(ids[0])
    assert place.data_dir.stat().st_mode & 0o777 == 0o700
    place.store_file.touch()
    place.forget()
    assert not place.data_dir.exists()
    found.of(ids[1]).store_file.touch()
    (found.of(ids[1]).data_dir / "joining.json").touch()
    found.of(ids[1]).forget()
    assert [one.community for one in found.communities()] == [ids[1]], "a join is kept in it"


def test_a_home_of_one_community_is_refused_by_name(tmp_path: Path) -> None:
    found = find_paths(tmp_path, {})
    found.prepare()
    (tmp_path / "store.db").touch()
    for refuses in (found.prepare, found.require_current):
        with pytest.raises(LocalError, match="of an earlier version") as caught:
            refuses()
        assert caught.value.code == "home_old"


def test_argument_beats_variable(tmp_path: Path) -> None:
    env = {"P2PNODE_HOME": str(tmp_path / "env")}
    assert find_paths(tmp_path / "flag", env).home == tmp_path / "flag"
    assert find_paths(None, env).home == tmp_path / "env"
    assert find_paths(tmp_path / "flag", {"P2PNODE_HOME": ""}).home == tmp_path / "flag"


@pytest.mark.parametrize("empty", ["", " "])
def test_a_home_of_nothing_is_refused_and_is_never_this_directory(empty: str) -> None:
    """Case: HOME_OF_BOB is not set, and a script says P2PNODE_HOME=$HOME_OF_BOB."""
    with pytest.raises(LocalError, match="P2PNODE_HOME is empty") as caught:
        find_paths(None, {"P2PNODE_HOME": empty})
    assert caught.value.code == "bad_config"
    assert "unset P2PNODE_HOME" in caught.value.steps[0]
    with pytest.raises(LocalError, match="home is empty") as caught:
        find_paths(empty, {})
    assert caught.value.code == "bad_config"


def test_relative_home_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_paths("alice", {}).data_dir == tmp_path / "alice"


def test_xdg_directories_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = {
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
    }
    for name, value in env.items():
        monkeypatch.setenv(name, value)  # platformdirs reads the real environment
    found = find_paths(None, env)
    assert found.config_file == tmp_path / "config/p2pnode/config.toml"
    assert found.key_file == tmp_path / "data/p2pnode/device.key"
    assert found.communities_dir == tmp_path / "data/p2pnode/communities"
    assert found.lock_file.parent == found.communities_dir.parent
    assert found.socket == tmp_path / "run/p2pnode/p2pnode.sock"


def test_preparing_makes_private_directories(tmp_path: Path) -> None:
    found = find_paths(tmp_path / "deep" / "alice", {})
    found.prepare()
    found.prepare()
    assert found.data_dir.stat().st_mode & 0o777 == 0o700


def test_empty_directory_made_by_hand_becomes_private(tmp_path: Path) -> None:
    home = tmp_path / "alice"
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    find_paths(home, {}).prepare()
    assert home.stat().st_mode & 0o777 == 0o700


def test_used_directory_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "alice"
    home.mkdir()
    (home / "notes.txt").touch()
    home.chmod(0o755)
    with pytest.raises(LocalError) as caught:
        find_paths(home, {}).prepare()
    assert caught.value.code == "home_unsafe"
    assert caught.value.steps == (f"chmod 700 {home}",)
    assert home.stat().st_mode & 0o777 == 0o755


def test_home_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "alice"
    home.mkdir(mode=0o700)
    another = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: another)
    with pytest.raises(LocalError, match="not a directory of this user") as caught:
        find_paths(home, {}).prepare()
    assert caught.value.code == "home_unsafe"


def test_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "alice").touch()
    with pytest.raises(LocalError, match="alice") as caught:
        find_paths(tmp_path / "alice", {}).prepare()
    assert caught.value.code == "store_unusable"


def test_home_may_be_a_link_to_a_private_directory(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "alice").symlink_to("real")
    find_paths(tmp_path / "alice", {}).prepare()


@pytest.fixture
def short_tmp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary directory of our own, its name short as /tmp's."""
    with tempfile.TemporaryDirectory(prefix="p2p", dir="/tmp") as directory:
        monkeypatch.setattr(tempfile, "gettempdir", lambda: directory)
        yield Path(directory)


def test_long_temporary_directory_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "/tmp/" + "long" * 20)
    found = find_paths(Path("/tmp") / ("long" * 40), {})
    assert len(os.fsencode(found.socket)) <= SOCKET_PATH_BYTES


def test_long_home_gets_a_short_socket_that_can_be_bound(short_tmp: Path) -> None:
    home = short_tmp / ("long" * 40)
    found = find_paths(home, {})
    assert len(os.fsencode(found.socket)) <= SOCKET_PATH_BYTES
    assert find_paths(home, {}).socket == found.socket
    assert find_paths(str(home) + "er", {}).socket != found.socket
    found.prepare()
    assert found.socket.parent.stat().st_mode & 0o777 == 0o700
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(found.socket))


def test_longest_home_that_fits_keeps_its_socket(short_tmp: Path) -> None:
    room = SOCKET_PATH_BYTES - len(os.fsencode(short_tmp / "p2pnode.sock")) - 1
    fits = short_tmp / ("x" * room)
    assert find_paths(fits, {}).socket == fits / "p2pnode.sock"
    assert find_paths(str(fits) + "x", {}).socket.parent != fits


def test_socket_directory_open_to_others_is_refused(short_tmp: Path) -> None:
    """Anyone may make it in the temporary directory, and listen there in our place."""
    planted = find_paths(short_tmp / ("long" * 40), {}).socket.parent
    planted.mkdir()
    planted.chmod(0o777)
    with pytest.raises(LocalError) as caught:
        find_paths(short_tmp / ("long" * 40), {})
    assert caught.value.code == "home_unsafe"


def test_socket_directory_that_is_a_link_is_refused(short_tmp: Path) -> None:
    planted = find_paths(short_tmp / ("long" * 40), {}).socket.parent
    (short_tmp / "elsewhere").mkdir(mode=0o700)
    planted.symlink_to("elsewhere")
    with pytest.raises(LocalError):
        find_paths(short_tmp / ("long" * 40), {})
