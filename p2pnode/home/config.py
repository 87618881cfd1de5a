"""Settings: one frozen `Config` out of defaults, config.toml, environment and flags.

A flag beats a `P2PNODE_*` variable, that the file, that the default. `SETTINGS` is the one
list of what can be set: variable names, checks and docs/reference/config.md follow from it.
Standard library only: the command line imports this before anything slow.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from .environment import read_variable
from .errors import ConfigError

T = TypeVar("T")
VARIABLE_PREFIX = "P2PNODE_"
DEFAULT_PORT = 17470  # below the ephemeral ranges, and nobody's in the IANA registry


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One thing that can be set. `read` turns a TOML value into ours or raises ValueError.

    A variable's text reaches `read` through `from_text`, which yields the TOML value that
    the text stands for.
    """

    key: str
    default: T
    allowed: str  # for people: type, range, unit
    meaning: str
    read: Callable[[object], T]
    from_text: Callable[[str], object]

    @property
    def variable(self) -> str:
        return VARIABLE_PREFIX + self.key.replace(".", "_").upper()


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting, checked. `origins` says of each key where its value came from."""

    port: int
    hosts: tuple[str, ...]
    announce: tuple[str, ...]
    bootstrap: tuple[str, ...]
    mdns: bool
    log_level: str
    log_format: str
    ops_per_minute: int
    keep_epochs: int
    full_replay: bool
    origins: Mapping[str, str]
    warnings: tuple[str, ...]  # unknown keys and variables, each a line for stderr

    def by_key(self) -> dict[str, object]:
        """Return each setting's value under its key, in the order of `SETTINGS`."""
        values = (
            self.port,
            self.hosts,
            self.announce,
            self.bootstrap,
            self.mdns,
            self.log_level,
            self.log_format,
            self.ops_per_minute,
            self.keep_epochs,
            self.full_replay,
        )
        return dict(zip((one.key for one in SETTINGS), values, strict=True))


def load_config(
    file: Path, flags: Mapping[str, object] | None = None, env: Mapping[str, str] = os.environ
) -> Config:
    """Return the configuration; a file that is not there is an empty one.

    Args:
        file: config.toml.
        flags: values given on the command line or by the embedding program, by key; a
            value of None was not given.
        env: where `P2PNODE_*` variables are looked up; an empty one is refused.

    Raises:
        ConfigError: `bad_config`, naming the key, where it stands, the value and what is allowed.
    """
    from_file = _read_file(file)
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    pick = _Picker(file, from_file, env, given)
    config = Config(
        port=pick(PORT),
        hosts=pick(HOSTS),
        announce=pick(ANNOUNCE),
        bootstrap=pick(BOOTSTRAP),
        mdns=pick(MDNS),
        log_level=pick(LOG_LEVEL),
        log_format=pick(LOG_FORMAT),
        ops_per_minute=pick(OPS_PER_MINUTE),
        keep_epochs=pick(KEEP_EPOCHS),
        full_replay=pick(FULL_REPLAY),
        origins=pick.origins,
        warnings=(*_unknown_keys(file, from_file), *_unknown_variables(env)),
    )
    unknown = sorted(given.keys() - {one.key for one in SETTINGS})
    if unknown:
        raise ConfigError("bad_config", f"no setting is called {unknown[0]}", _nearest(unknown[0]))
    return config


class _Picker:
    """Take each setting from the strongest source that has it, and note which that was."""

    def __init__(
        self,
        file: Path,
        from_file: Mapping[str, object],
        env: Mapping[str, str],
        flags: Mapping[str, object],
    ) -> None:
        self._file = file
        self._from_file = from_file
        self._env = env
        self._flags = flags
        self.origins: dict[str, str] = {}

    def __call__(self, setting: Setting[T]) -> T:
        value: object
        if setting.key in self._flags:
            origin, value = "flag", self._flags[setting.key]
        elif (text := read_variable(self._env, setting.variable)) is not None:
            origin, value = f"environment: {setting.variable}", setting.from_text(text)
        elif setting.key in self._from_file:
            origin, value = f"file: {self._file}", self._from_file[setting.key]
        else:
            origin, value = "default", setting.default
        self.origins[setting.key] = origin
        try:
            return setting.read(value)
        except ValueError as error:
            raise ConfigError(
                "bad_config",
                f"{setting.key} = {_shown(value)} ({origin}): {error}",
                f"allowed is {setting.allowed}",
            ) from None


def _read_file(file: Path) -> dict[str, object]:
    """Return the file's values by dotted key."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:  # TOMLDecodeError and UnicodeDecodeError are both
        raise ConfigError(
            "bad_config",
            f"{file} cannot be read ({error})",
            "correct it there, or remove the file: every key has a default",
        ) from error
    flat: dict[str, object] = {}
    for name, value in tables.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{key}": inner for key, inner in value.items()})
        else:
            flat[name] = value
    return flat


def _unknown_keys(file: Path, from_file: Iterable[str]) -> list[str]:
    known = {one.key for one in SETTINGS}
    return [
        f"{file}: {key} is not a setting and is passed over; {_nearest(key)}"
        for key in from_file
        if key not in known
    ]


def _unknown_variables(env: Iterable[str]) -> list[str]:
    """Return a warning for each variable that looks like a setting and is none.

    Only names that begin with one of our tables: other programs, and other parts of this
    one, have `P2PNODE_*` variables of their own.
    """
    known = {one.variable: one.key for one in SETTINGS}
    tables = tuple({f"{VARIABLE_PREFIX}{one.key.split('.')[0].upper()}_" for one in SETTINGS})
    warnings: list[str] = []
    for name in sorted(env):
        if name.startswith(tables) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            advice = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            warnings.append(f"environment: {name} is not a setting and is passed over; {advice}")
    return warnings


def _nearest(key: str) -> str:
    known = [one.key for one in SETTINGS]
    near = difflib.get_close_matches(key, known, n=1)
    if not near:  # the right word under the wrong table, or under none
        near = [one for one in known if one.split(".")[-1] == key.rsplit(".", maxsplit=1)[-1]]
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"


def _shown(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case tuple() | list():
            return f"[{', '.join(_shown(item) for item in value)}]"
        case _:
            return str(value)


# --- readers: a TOML value in, ours out, ValueError saying what is wrong -----------------


def _whole(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if type(value) is not int:  # bool is an int: exact
            raise ValueError("a whole number is expected")
        if not low <= value <= high:
            raise ValueError(f"it is not in {low}…{high}")
        return value

    return read


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is expected")
    return value


def _word(*words: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError("it is none of the words")
        return value

    return read


def _texts(check: Callable[[str], None], most: int) -> Callable[[object], tuple[str, ...]]:
    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)):
            raise ValueError("a list is expected")
        if len(value) > most:
            raise ValueError(f"{len(value)} items, at most {most}")
        texts: list[str] = []
        for item in value:
            if not isinstance(item, str):
                raise ValueError(f"{_shown(item)} is not a text")
            check(item)
            texts.append(item)
        return tuple(texts)

    return read


def _check_host(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(f'"{text}" is not an IP address') from None


_PORT = re.compile("[0-9]{1,5}")


def _check_address(text: str) -> None:
    parts = text.split("/")
    if parts[0] or len(parts) < 5 or parts[1] not in {"ip4", "ip6", "dns", "dns4", "dns6"}:
        raise ValueError(f'"{text}" is not a multiaddr')
    if parts[3] != "tcp" or not _PORT.fullmatch(parts[4]) or not 0 < int(parts[4]) < 1 << 16:
        raise ValueError(f'"{text}" has no TCP port')


def _check_peer(text: str) -> None:
    _check_address(text)
    parts = text.split("/")
    if len(parts) != 7 or parts[5] != "p2p" or not parts[6]:
        raise ValueError(f'"{text}" does not end in /p2p/ and a peer id')


def _text_to_int(text: str) -> object:
    return int(text) if _WHOLE.fullmatch(text.strip()) else text


_WHOLE = re.compile("-?[0-9]{1,19}")


def _text_to_switch(text: str) -> object:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)


def _text_to_list(text: str) -> object:
    return [part.strip() for part in text.split(",") if part.strip()]


# --- the settings ------------------------------------------------------------------------

PORT = Setting(
    "net.port",
    DEFAULT_PORT,
    "0…65535; 0: any free port",
    "TCP port other nodes connect to",
    _whole(0, 65535),
    _text_to_int,
)
HOSTS: Setting[tuple[str, ...]] = Setting(
    "net.hosts",
    ("0.0.0.0",),
    "a list of up to 8 IP addresses of this machine",
    "where to listen; 0.0.0.0 is every IPv4 interface, :: every IPv6 one",
    _texts(_check_host, 8),
    _text_to_list,
)
ANNOUNCE: Setting[tuple[str, ...]] = Setting(
    "net.announce",
    (),
    'a list of up to 8 multiaddrs such as "/dns4/node.example.org/tcp/17470"',
    "what others are told instead of this machine's addresses: a router's, a name",
    _texts(_check_address, 8),
    _text_to_list,
)
BOOTSTRAP: Setting[tuple[str, ...]] = Setting(
    "net.bootstrap",
    (),
    'a list of up to 64 multiaddrs such as "/ip4/192.0.2.7/tcp/17470/p2p/12D3…"',
    "nodes to connect to besides those that invite and peers told",
    _texts(_check_peer, 64),
    _text_to_list,
)
MDNS = Setting(
    "net.mdns",
    True,
    "true or false",
    "find members on the local network, and be found there",
    _switch,
    _text_to_switch,
)
LOG_LEVEL = Setting(
    "log.level",
    "info",
    "debug, info, warning or error",
    "the least severe lines that are written",
    _word("debug", "info", "warning", "error"),
    str,
)
LOG_FORMAT = Setting(
    "log.format",
    "console",
    "console, json or logfmt",
    "how a line on stderr looks",
    _word("console", "json", "logfmt"),
    str,
)
OPS_PER_MINUTE = Setting(
    "limits.ops_per_minute",
    240,
    "1…60000 operations",
    "operations taken from one member in a minute; more are dropped and the peer is told",
    _whole(1, 60_000),
    _text_to_int,
)
KEEP_EPOCHS = Setting(
    "storage.keep_epochs",
    8,
    "2…1000000 epochs",
    "epochs, the current one included, of which all blocks are kept for members who were away; "
    "fewer, but two, if those of ended ones take more than 512 MiB",
    _whole(2, 1_000_000),
    _text_to_int,
)
FULL_REPLAY = Setting(
    "storage.full_replay",
    False,
    "true or false",
    "check every block since the founding, where peers still have them, instead of taking over "
    "a state that receipts prove",
    _switch,
    _text_to_switch,
)

AnySetting = Setting[int] | Setting[str] | Setting[bool] | Setting[tuple[str, ...]]
SETTINGS: tuple[AnySetting, ...] = (
    PORT,
    HOSTS,
    ANNOUNCE,
    BOOTSTRAP,
    MDNS,
    LOG_LEVEL,
    LOG_FORMAT,
    OPS_PER_MINUTE,
    KEEP_EPOCHS,
    FULL_REPLAY,
)


def reference() -> str:
    """Return docs/reference/config.md's table; a test compares the two."""
    lines = ["| key | variable | default | allowed | meaning |", "| --- | --- | --- | --- | --- |"]
    for one in SETTINGS:
        cells = (f"`{one.key}`", f"`{one.variable}`", f"`{_shown(one.default)}`")
        lines.append(f"| {' | '.join((*cells, one.allowed, one.meaning))} |")
    return "\n".join(lines) + "\n"
