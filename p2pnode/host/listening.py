"""The endpoint of this process: where other nodes reach it, in all of its communities."""

from __future__ import annotations

import trio

from ..home.errors import ConfigError
from ..home.home import Home
from ..net import Endpoint, NetError
from .settings import choose_port, net_config


class Listening:
    """Listen from the first community on: before, there is nobody to be reached by.

    Args:
        nursery: runs the endpoint.
    """

    def __init__(self, home: Home, nursery: trio.Nursery) -> None:
        self._home = home
        self._nursery = nursery
        self._endpoint: Endpoint | None = None
        self._busy = trio.Lock()

    async def begin(self) -> None:
        """Listen, if this process does not yet.

        Raises:
            ConfigError: the addresses to listen on do not work.
        """
        async with self._busy:
            if self._endpoint is not None:
                return
            config = self._home.config
            try:
                port = choose_port(config, self._home.paths.state_dir)
                endpoint = Endpoint(net_config(config, port), self._home.secret.seed)
                await self._nursery.start(endpoint.run)
            except NetError as error:
                raise ConfigError(
                    "bad_config", str(error), "set net.port or net.hosts, and start again"
                ) from error
            self._endpoint = endpoint

    @property
    def endpoint(self) -> Endpoint:
        assert self._endpoint is not None, "a community begins when this process listens"
        return self._endpoint

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where others can dial this process; none before it listens."""
        return () if self._endpoint is None else self._endpoint.addresses
