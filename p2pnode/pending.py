"""A join that has begun and is not done: kept in a file, so that a restart goes on with it.

The link holds the invite's secret, hence mode 0600 and gone once admitted. Standard
library only: the command line writes it when no daemon runs.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from .store.errors import LocalError

_NAME = "joining.json"


@dataclass(frozen=True, slots=True)
class PendingJoin:
    link: str  # as the inviter passed it on
    member_name: str  # the seat's name to be


def save_pending(data_dir: Path, pending: PendingJoin) -> None:
    """Write it so that a crash leaves either the old file or the new one."""
    path = data_dir / _NAME
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)  # of a crash; O_EXCL then guarantees the mode
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"link": pending.link, "member_name": pending.member_name}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def load_pending(data_dir: Path) -> PendingJoin | None:
    """Return the join that has begun, None when there is none.

    Raises:
        LocalError: `bad_join`, the file is not one of ours.
    """
    path = data_dir / _NAME
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return PendingJoin(link=str(found["link"]), member_name=str(found["member_name"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise LocalError(
            "bad_join", f"{path} is damaged", "remove it, then run p2pnode join again"
        ) from error


def clear_pending(data_dir: Path) -> None:
    (data_dir / _NAME).unlink(missing_ok=True)
