"""Verify the whole log as a newcomer would: from the founding charter, trusting nothing kept.

Every block is read from the store, its signature and those of its ops are checked, and a
fresh core replays them epoch by epoch; its commits have to be those that the store holds.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

from p2pnode_protocols.charter import Charter
from p2pnode_protocols.core import Core
from p2pnode_protocols.crypto import Ed25519Signer
from p2pnode_protocols.epoch import found_epoch
from p2pnode_protocols.errors import ProtocolError
from p2pnode_protocols.ids import CommunityId, MonoMs, WallMs
from p2pnode_protocols.limits import PULL_BYTES
from p2pnode_protocols.messages import PROTOCOL_VERSION, Hello, Opener, Pull, Pulled
from p2pnode_protocols.steps import (
    Commit,
    Now,
    PeerRefused,
    PeerUp,
    Received,
    Restored,
    SaveCommit,
    Step,
)

from .answers import Verification
from .store.errors import StoreError
from .store.store import Store

PROBLEMS_SHOWN = 20  # after the first ones, the rest are consequences
_NOW = Now(MonoMs(0), WallMs(0))  # a log means the same at any time


def verify_store(path: Path) -> Verification:
    """Verify the store in `path`, which may be in use; takes as long as catching up anew."""
    try:
        with Store.open(path) as store:
            if store.charter is None or store.community is None:
                return Verification(True, 0, 0, bytes(32), ())
            return _Replay(store, store.community, store.charter).run()
    except StoreError as error:
        return Verification(False, 0, 0, bytes(32), (error.detail,))


class _Replay:
    """A newcomer whose only peer is the store."""

    def __init__(self, store: Store, community: CommunityId, charter: bytes) -> None:
        self._store = store
        self._community = community
        self._opener = Opener(community)
        # Keys of nobody: the replaying core must not be taken for a member's.
        self._host = Ed25519Signer(secrets.token_bytes(32)).device
        signer = Ed25519Signer(secrets.token_bytes(32))
        founding = found_epoch(Charter.from_bytes(charter))
        self._core = Core(
            community,
            signer,
            Restored(founding, (), (), (), (), 0),
            _NOW,
            hosts=frozenset({self._host}),
        )
        self._index = 0
        self._ops = 0
        self._problems: list[str] = []

    def run(self) -> Verification:
        hello = Hello(PROTOCOL_VERSION, self._community, None, None, "store", ())
        self._take(self._core.handle(PeerUp(self._host), _NOW))
        self._take(self._core.handle(Received(self._host, hello), _NOW))
        try:
            for pulled in self._pull():
                self._take(self._core.handle(Received(self._host, pulled), _NOW))
        except (ProtocolError, StoreError) as error:
            self._problems.append(f"after commit {self._index}: {error.detail}")
        self._compare_end()
        return Verification(
            ok=not self._problems,
            commits=self._index,
            ops=self._ops,
            root=self._core.final_root,
            problems=tuple(self._problems[:PROBLEMS_SHOWN]),
        )

    def _pull(self) -> Iterator[Pulled]:
        """Yield what the store has beyond what the core has, until that brings nothing new."""
        while True:
            where = (self._core.epoch.number, self._core.sync.frontier())
            found = self._store.serve_pull(Pull(*where, PULL_BYTES))
            blocks = tuple(self._opener.block(one.wire) for one in found.blocks)
            if not blocks:
                return
            yield Pulled(found.epoch_number, blocks, (), found.more)
            if where == (self._core.epoch.number, self._core.sync.frontier()):
                self._problems.append(f"after commit {self._index}: blocks do not connect")
                return

    def _take(self, step: Step) -> None:
        for notice in step.notices:
            if isinstance(notice, PeerRefused):
                self._problems.append(f"after commit {self._index}: {notice.detail}")
        for write in step.writes:
            if isinstance(write, SaveCommit):
                self._compare(write.commit)

    def _compare(self, commit: Commit) -> None:
        kept = self._store.commits(commit.index, commit.index)
        self._index = commit.index
        self._ops += len(commit.entries)
        if not kept:
            self._problems.append(f"commit {commit.index} is not in the store")
        elif kept[0] != commit:
            self._problems.append(
                f"commit {commit.index} has root {kept[0].root.hex()[:16]} in the store, "
                f"{commit.root.hex()[:16]} when replayed"
            )

    def _compare_end(self) -> None:
        beyond = self._store.commits(self._index + 1, self._index + 1)
        if beyond:
            self._problems.append(f"commit {beyond[0].index} does not follow from the blocks")
