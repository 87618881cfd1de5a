"""Answers that only the HTTP API gives; all others are in `p2pnode.answers`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Setting:
    key: str
    value: bool | int | str | tuple[str, ...] | None
    origin: str  # where it comes from: default, file, environment, …


@dataclass(frozen=True, slots=True)
class Settings:
    file: str
    values: tuple[Setting, ...]
    warnings: tuple[str, ...]
    schema: Literal["p2pnode/config/1"] = "p2pnode/config/1"


@dataclass(frozen=True, slots=True)
class Places:
    """Where this node's files are."""

    home: str | None  # None: the directories of the system's conventions
    config: str
    key: str
    communities: str
    lock: str
    signed: str
    socket: str
    schema: Literal["p2pnode/paths/1"] = "p2pnode/paths/1"


@dataclass(frozen=True, slots=True)
class LinkText:
    link: str
    schema: Literal["p2pnode/link/1"] = "p2pnode/link/1"


@dataclass(frozen=True, slots=True)
class BindingText:
    binding: str
    schema: Literal["p2pnode/binding/1"] = "p2pnode/binding/1"
