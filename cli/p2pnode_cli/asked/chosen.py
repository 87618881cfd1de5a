"""Which community was chosen for commands that name none (`p2pnode use`), where there are several.

Kept in a small file among the state files, by its id: names change.
"""

from __future__ import annotations

import os
from pathlib import Path

_NAME = "community"
_MOST_CHARS = 100  # an id has 62


def load_chosen(state_dir: Path) -> str | None:
    """Return the id that was chosen; None: none was, or somebody edited the file."""
    try:
        with (state_dir / _NAME).open(encoding="ascii") as file:
            text = file.read(_MOST_CHARS).strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text if text.startswith("com_") else None


def save_chosen(state_dir: Path, community: str) -> None:
    """Choose one, by its id. Raises `OSError`."""
    draft = state_dir / f"{_NAME}.new"
    draft.write_text(f"{community}\n", encoding="ascii")
    os.replace(draft, state_dir / _NAME)


def forget_chosen(state_dir: Path) -> None:
    """Choose none. Raises `OSError`."""
    (state_dir / _NAME).unlink(missing_ok=True)
