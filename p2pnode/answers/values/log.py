"""The finalized log, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .common import Outcome, Person
from .rendering import (
    Base64Text,
    BlockText,
    CommunityText,
    DeviceText,
    HexText,
    OpText,
    ProposalText,
    Time,
)


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """A final decision's certificate (docs/certificates.md), and what it holds in numbers."""

    community: CommunityText
    proposal: ProposalText
    number: int
    outcome: Outcome
    commit: int
    epochs: int
    receipts: int
    committee: int  # nodes that could have signed
    quorum: int
    content: Base64Text  # the file
    schema: Literal["p2pnode/certificate_file/1"] = "p2pnode/certificate_file/1"


@dataclass(frozen=True, slots=True)
class Entry:
    op: OpText
    code: str


@dataclass(frozen=True, slots=True)
class Decided:
    proposal: ProposalText
    outcome: str


@dataclass(frozen=True, slots=True)
class LogCommit:
    index: int
    epoch: int
    round: int
    author: Person
    block: BlockText
    time: Time
    root: HexText
    entries: tuple[Entry, ...]
    decided: tuple[Decided, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What a program has put into the log."""

    op: OpText
    namespace: str
    data: Base64Text
    author: Person
    device: DeviceText
    said_at: Time
    commit: int


@dataclass(frozen=True, slots=True)
class Verification:
    ok: bool
    commits: int
    ops: int
    root: HexText
    problems: tuple[str, ...]
    schema: Literal["p2pnode/verification/1"] = "p2pnode/verification/1"
