"""From the configuration to what the parts take: addresses to listen on, limits."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from .. import __version__
from ..home.config import PORT, Config
from ..net import NetConfig, NetError

AGENT = f"p2pnode/{__version__}"  # what peers are told, and a backup says
PORTS_TRIED = 64  # nodes of one machine that share a default port
_FILE = "port"


def net_config(config: Config, port: int) -> NetConfig:
    """Return the net's settings; `port` is the one chosen, 0 for any free one."""
    return NetConfig(
        listen=tuple(
            f"/{'ip6' if ':' in host else 'ip4'}/{host}/tcp/{port}" for host in config.hosts
        ),
        announce=config.announce,
        mdns=config.mdns,
    )


def choose_port(config: Config, state_dir: Path) -> int:
    """Return the port to listen on: the configured one, or of the default the next free one.

    A port found that way is kept in the state directory and tried first at the next start,
    so that peers find this node where they left it.

    Raises:
        NetError: no port from the default on is free.
    """
    if config.origins[PORT.key] != "default":
        return config.port
    file = state_dir / _FILE
    candidates = list(range(config.port, config.port + PORTS_TRIED))
    try:
        kept = int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        pass  # the first start, or a file somebody edited: the search finds one
    else:
        candidates.insert(0, kept)
    for port in candidates:
        if 0 < port < 1 << 16 and all(_is_free(host, port) for host in config.hosts):
            file.write_text(f"{port}\n", encoding="ascii")
            return port
    raise NetError(
        f"no TCP port from {config.port} to {config.port + PORTS_TRIED - 1} is free; set net.port"
    )


def _is_free(host: str, port: int) -> bool:
    """Return whether this program could listen there; another error shows when it tries."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True
