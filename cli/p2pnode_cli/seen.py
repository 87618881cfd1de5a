"""Which revision of each proposal was last shown here, so that a vote binds to it.

A person votes on the text they have read, not on one that replaced it meanwhile. Kept in a
small file among the state files; losing it only means that a vote binds to the current text.
"""

from __future__ import annotations

import json
from pathlib import Path

_NAME = "seen.json"
_MOST = 500  # proposals remembered; the oldest are forgotten first


def _read(state_dir: Path) -> dict[str, str]:
    try:
        content: object = json.loads((state_dir / _NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {str(proposal): str(revision) for proposal, revision in content.items()}


def seen_revision(state_dir: Path, proposal: str) -> str | None:
    """Return the id of the revision last shown, None when none was."""
    return _read(state_dir).get(proposal)


def remember(state_dir: Path, proposal: str, revision: str) -> None:
    """Note that `revision` was shown. A directory that cannot be written is no error."""
    known = _read(state_dir)
    if known.get(proposal) == revision:
        return
    known.pop(proposal, None)
    known[proposal] = revision
    kept = dict(list(known.items())[-_MOST:])
    draft = state_dir / f"{_NAME}.new"
    try:
        draft.write_text(json.dumps(kept), encoding="utf-8")
        draft.replace(state_dir / _NAME)
    except OSError:
        return
