"""The daemon: one node and its API in one process, from start to clean stop.

SIGTERM and SIGINT stop it: nothing more is signed, what is queued is saved, peers are told
good-bye, exit within 10 s; a second signal ends it at once. SIGHUP reads the configuration
again and takes over the log level and the bootstrap peers; everything else needs a restart.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import trio

from p2pnode_protocols.practices import PRACTICES
from p2pnode_protocols.record.seam.in_force import Practices
from p2pnode_protocols.wire.ids import to_short

from . import __version__
from . import practices as rooms
from .answers import CommunityHere
from .api.app import make_asgi
from .api.serve import serve
from .home.config import Config, load_config
from .home.errors import ConfigError, LocalError
from .home.paths import Paths
from .host.host import Host
from .logs import Format, catch_strays, set_level, set_up_logs
from .notify import notify_supervisor

log = logging.getLogger("p2pnode.daemon")


@dataclass(frozen=True, slots=True)
class Ready:
    """What a daemon that has just become ready tells whoever started it."""

    addresses: tuple[str, ...]  # where other nodes can dial it; none while it has no community
    socket: Path
    communities: tuple[CommunityHere, ...]


def run_daemon(
    paths: Paths,
    config: Config,
    *,
    passphrase: bytes | None = None,
    flags: Mapping[str, object] | None = None,
    on_ready: Callable[[Ready], None] | None = None,
    home: str | None = None,
    practices: Practices = PRACTICES,
) -> int:
    """Run until told to stop; return the exit code.

    Args:
        paths: of the home.
        config: as it is at the start.
        passphrase: of the device key, when it has one.
        flags: what `config` was loaded with, to load it again on SIGHUP.
        on_ready: called once the API can be asked.
        home: what --home named, for the commands that the log suggests.
        practices: that this program has.

    Raises:
        LocalError: something on this machine has to be put right first.
    """
    set_up_logs(cast(Format, config.log_format), config.log_level, home)
    catch_strays()
    try:
        trio.run(_Daemon(paths, config, flags, on_ready, practices).run, passphrase)
    except LocalError:
        raise
    except Exception:
        log.critical("the node stopped on an error of its own", exc_info=True)
        return 1
    return 0


class _Daemon:
    def __init__(
        self,
        paths: Paths,
        config: Config,
        flags: Mapping[str, object] | None,
        on_ready: Callable[[Ready], None] | None,
        practices: Practices,
    ) -> None:
        self._paths = paths
        self._practices = practices
        self._config = config
        self._flags = flags
        self._on_ready = on_ready
        self._stop = trio.Event()

    async def run(self, passphrase: bytes | None) -> None:
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
            async with (
                Host.start(
                    self._paths, self._config, passphrase=passphrase, practices=self._practices
                ) as host,
                trio.open_nursery() as nursery,
            ):
                nursery.start_soon(self._obey, signals, host, nursery.cancel_scope)
                await self._serve(host)
                nursery.cancel_scope.cancel()
        log.info("stopped")

    async def _serve(self, host: Host) -> None:
        async with trio.open_nursery() as serving:
            await serving.start(
                serve, make_asgi(host, rooms.routes()), self._paths.socket, self._stop.wait
            )
            await host.take_up_kept_joins()
            self._tell(host)
            await self._stop.wait()
            log.info("stopping")
            notify_supervisor("STOPPING=1")
            host.bus.close()  # streams and waits end, so that the API can

    def _tell(self, host: Host) -> None:
        """Say in one line who runs where, then tell the supervisor and the starter."""
        status = host.node_status()
        fields: dict[str, object] = {
            "version": __version__,
            "device": to_short("dev", host.device),
            "communities": len(status.communities),
            "home": self._paths.data_dir,
            "socket": self._paths.socket,
        }
        log.info("ready", extra=fields)
        for one in status.communities:
            in_it: dict[str, object] = {
                "community": to_short("com", one.id),
                "called": one.name or "unknown",
                "stage": one.state,
                "member": "none" if one.member is None else to_short("mem", one.member.id),
            }
            log.info("takes part", extra=in_it)
        for warning in self._config.warnings:
            log.warning("%s", warning)
        notify_supervisor("READY=1")
        if self._on_ready is not None:
            self._on_ready(Ready(status.addresses, self._paths.socket, status.communities))

    async def _obey(
        self, signals: AsyncIterator[int], host: Host, everything: trio.CancelScope
    ) -> None:
        async for number in signals:
            if number == signal.SIGHUP:
                self._reload(host)
            elif self._stop.is_set():
                log.warning("asked to stop twice: stopping at once")
                everything.cancel()
            else:
                self._stop.set()

    def _reload(self, host: Host) -> None:
        try:
            config = load_config(self._paths.config_file, self._flags)
        except ConfigError as error:
            log.error("the configuration stays as it was: %s", error)
            return
        set_level(config.log_level)
        host.reload(config)
        log.info("configuration read again: log level and bootstrap peers count from now on")
