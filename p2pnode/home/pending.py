"""What has begun and is not done, kept in files, so that a restart goes on with it.

A join: the link holds the invite's secret, hence mode 0600 and gone once admitted. A request
to be bound to a seat: shown until somebody has done it. Standard
library only: the command line writes it when no daemon runs.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from .errors import LocalError, unusable

_NAME = "joining.json"
_BINDING = "binding.json"
_FIELDS = {_NAME: ("link", "member_name"), _BINDING: ("code", "member_name")}
_ENDED = ("ended_code", "ended_detail")  # both, or neither


@dataclass(frozen=True, slots=True)
class Ended:
    """Why a join leads nowhere any more: kept until its owner has given it up, or joins anew."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class PendingJoin:
    link: str  # as the inviter passed it on
    member_name: str  # the seat's name to be
    ended: Ended | None = None  # None: it is asked on


@dataclass(frozen=True, slots=True)
class PendingBinding:
    """A device's request to be one of a seat's, until it is."""

    code: str  # as the device's owner passes it on
    member_name: str


def save_binding(data_dir: Path, binding: PendingBinding) -> None:
    """Write it so that a crash leaves either the old file or the new one.

    Raises:
        StoreError: `disk_full`, `store_unusable`.
    """
    _save(data_dir / _BINDING, {"code": binding.code, "member_name": binding.member_name})


def load_binding(data_dir: Path) -> PendingBinding | None:
    """Return the request that is open, None when there is none.

    Raises:
        LocalError: `bad_join`, the file is not one of ours.
    """
    path = data_dir / _BINDING
    found = _load(path, "remove it, then make it again:", "p2pnode devices request LINK")
    return None if found is None else PendingBinding(found["code"], found["member_name"])


def save_pending(data_dir: Path, pending: PendingJoin) -> None:
    """Write it so that a crash leaves either the old file or the new one.

    Raises:
        StoreError: `disk_full`, `store_unusable`.
    """
    content = {"link": pending.link, "member_name": pending.member_name}
    if pending.ended is not None:
        content |= dict(zip(_ENDED, (pending.ended.code, pending.ended.detail), strict=True))
    _save(data_dir / _NAME, content)


def load_pending(data_dir: Path) -> PendingJoin | None:
    """Return the join that has begun, None when there is none.

    Raises:
        LocalError: `bad_join`, the file is not one of ours.
    """
    found = _load(data_dir / _NAME, "remove it, then join again:", "p2pnode join LINK --name NAME")
    if found is None:
        return None
    ended = Ended(found[_ENDED[0]], found[_ENDED[1]]) if _ENDED[0] in found else None
    return PendingJoin(found["link"], found["member_name"], ended)


def is_pending(data_dir: Path) -> bool:
    """Return whether a join has begun, in whatever form it is written down."""
    return (data_dir / _NAME).exists()


def clear_pending(data_dir: Path) -> None:
    """Forget both: this device has a seat, or its owner wants none.

    Raises:
        StoreError: `store_unusable`, the directory cannot be written.
    """
    for path in (data_dir / _NAME, data_dir / _BINDING):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise unusable(path, error) from error


def _save(path: Path, content: dict[str, str]) -> None:
    draft = path.with_suffix(".new")
    try:
        draft.unlink(missing_ok=True)  # of a crash; O_EXCL then guarantees the mode
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise unusable(path, error) from error


def _load(path: Path, *steps: str) -> dict[str, str] | None:
    """Return the texts in a file, None when there is no file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        is_over = path.name == _NAME and _ENDED[0] in found
        names = (*_FIELDS[path.name], *(_ENDED if is_over else ()))
        return {name: str(found[name]) for name in names}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise LocalError("bad_join", f"{path} is damaged", *steps) from error
    except OSError as error:
        detail = f"{path} cannot be read ({error.strerror})"
        raise LocalError("bad_join", detail, *steps) from error
