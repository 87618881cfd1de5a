"""Which port a node takes when several share a machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from p2pnode.home.config import Config, load_config
from p2pnode.host.settings import PORTS_TRIED, choose_port, net_config
from p2pnode.net import NetError


@contextmanager
def taken(port: int = 0) -> Iterator[int]:
    """Listen on a port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A configuration whose default port is one that was free a moment ago."""
    with taken() as port:
        pass
    found = load_config(tmp_path / "none.toml", {"net.hosts": ["127.0.0.1"]}, {})
    object.__setattr__(found, "port", port)  # the default is a constant of the program
    return found


def test_default_port_is_taken_when_free(config: Config, tmp_path: Path) -> None:
    assert choose_port(config, tmp_path) == config.port


def test_next_free_port_is_taken_and_kept(config: Config, tmp_path: Path) -> None:
    with taken(config.port):
        chosen = choose_port(config, tmp_path)
    assert config.port < chosen < config.port + PORTS_TRIED
    assert choose_port(config, tmp_path) == chosen  # though the default is free again


def test_no_free_port_is_told(config: Config, tmp_path: Path) -> None:
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setattr("p2pnode.host.settings.PORTS_TRIED", 1)
        stack.enter_context(taken(config.port))
        with pytest.raises(NetError, match=r"net\.port"):
            choose_port(config, tmp_path)


def test_configured_port_is_never_replaced(tmp_path: Path) -> None:
    with taken() as port:
        config = load_config(tmp_path / "none.toml", {"net.port": port}, {})
        assert choose_port(config, tmp_path) == port


def test_hosts_become_addresses(tmp_path: Path) -> None:
    config = load_config(tmp_path / "none.toml", {"net.hosts": ["127.0.0.1", "::"]}, {})
    assert net_config(config, 5).listen == ("/ip4/127.0.0.1/tcp/5", "/ip6/::/tcp/5")


def test_kept_file_that_is_damaged_is_passed_over(config: Config, tmp_path: Path) -> None:
    (tmp_path / "port").write_text("seven\n")
    assert choose_port(config, tmp_path) == config.port
