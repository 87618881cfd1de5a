"""Which revision of each proposal was shown here, so that a vote is for what was read.

A person votes on the text they have seen, not on one that replaced it meanwhile. Whatever a command
prints of a proposal counts: a list shows a title and what passing does, `show` the whole text. So a
list is enough where there is no text below the title.
Kept in a small file among the state files; losing it only means that a vote asks first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from p2pnode_protocols.wire.limits import TITLE_CHARS

from ..shown.document import Document

_NAME = "seen.json"
_MOST = 500  # proposals remembered; the oldest are forgotten first


@dataclass(frozen=True, slots=True)
class Seen:
    """The ids of the revisions of one proposal that were shown last; None: none was."""

    listed: str | None = None  # the title, in some list or receipt
    read: str | None = None  # the whole text

    @property
    def last(self) -> str | None:
        """The revision that somebody who votes has in mind: the one they read, if any."""
        return self.read or self.listed

    def covers(self, revision: Document) -> bool:
        """Return whether this revision was seen: by its title alone only where that is all.

        Words that have not arrived here were shown by no command.
        """
        current = revision.text("id")
        if not revision.flag("arrived"):
            return False
        if current == self.read:
            return True
        return current == self.listed and revision.prose("text") is None


def _read(state_dir: Path) -> dict[str, Seen]:
    try:
        content: object = json.loads((state_dir / _NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {
        str(proposal): Seen(*(None if one is None else str(one) for one in pair))
        for proposal, pair in content.items()
        if isinstance(pair, list) and len(pair) == 2
    }


def seen(state_dir: Path, proposal: str) -> Seen:
    """Return what was shown here of a proposal."""
    return _read(state_dir).get(proposal, Seen())


def remember_read(state_dir: Path, proposal: str, revision: str) -> None:
    """Note that the whole of `revision` was shown; that it cannot be noted is no error."""
    _save(state_dir, {proposal: Seen(revision, revision)})


def remember_listed(state_dir: Path, proposals: Iterable[Document]) -> None:
    """Note that these proposals' current titles were shown; not of those that are cut."""
    known = _read(state_dir)
    _save(
        state_dir,
        {
            one.text("id"): Seen(one.text("revision_id"), known.get(one.text("id"), Seen()).read)
            for one in proposals
            # A title that has not arrived was not shown; of one that is longer only a part was.
            if len(one.maybe_text("title") or "") in range(1, TITLE_CHARS + 1)
        },
    )


def _save(state_dir: Path, news: dict[str, Seen]) -> None:
    known = _read(state_dir)
    if all(known.get(proposal) == one for proposal, one in news.items()):
        return
    for proposal, one in news.items():
        known.pop(proposal, None)  # the latest stand last
        known[proposal] = one
    kept = {proposal: [one.listed, one.read] for proposal, one in list(known.items())[-_MOST:]}
    draft = state_dir / f"{_NAME}.new"
    try:
        draft.write_text(json.dumps(kept), encoding="utf-8")
        draft.replace(state_dir / _NAME)
    except OSError:
        return
