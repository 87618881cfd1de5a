"""With log.format json every line of stderr is a JSON document, whatever comes in."""

from __future__ import annotations

import json
import re
import signal
import socket

from support.processes.daemons import Daemon

_REQUESTS = (
    b"\x00\xff" * 50 + b"\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST /api/v1/communities/only/proposals HTTP/1.1\r\nHost: x\r\n"
    b"Content-Length: 9\r\n\r\n[[[[[[[[[",
    b"GET /api/v1/communities/only/commits?after=9223372036854775808 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /api/v1/communities/only/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: \xff\r\n\r\n",
)


def _throw(family: socket.AddressFamily, address: str | tuple[str, int], data: bytes) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.connect(address)
        one.sendall(data)


def test_every_line_is_a_document_whatever_comes_in(home: Daemon) -> None:
    home.set("P2PNODE_LOG_FORMAT", "json")
    home.start()
    home.found("alice")
    for data in _REQUESTS:
        _throw(socket.AF_UNIX, str(home.paths.socket), data)
    [address] = home.get("node")["addresses"]
    port = re.search(r"/tcp/([0-9]+)", address)
    assert port is not None
    for data in (
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x13/multistream/1.0.0\n\x07/noise\n" + b"\xff" * 200,
    ):
        _throw(socket.AF_INET, ("127.0.0.1", int(port[1])), data)
    home.get("status")
    assert home.process is not None
    home.process.send_signal(signal.SIGHUP)
    home.get("node/health", deep="true")
    home.stop()
    entries = [json.loads(line) for line in home.log.splitlines()]
    assert {"time", "level", "message"} <= set.intersection(*(set(one) for one in entries))
    assert entries[-1]["message"] == "stopped"


def test_what_paths_names_is_there_while_a_node_runs(home: Daemon) -> None:
    home.start()
    home.found("alice")
    told, shown = home.get("node/paths"), json.loads(home.command("paths", "--json")[1])
    named = told | shown
    for name in sorted(set(named) - {"schema", "home", "config"}):  # `init` writes the config
        place = home.paths.home
        assert place is not None
        assert list(place.glob(named[name].removeprefix(f"{place}/"))), name
