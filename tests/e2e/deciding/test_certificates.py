"""Four real nodes decide; a stranger with one file and `cryptography` checks the certificate.

The community grows by decisions, so the chain has an epoch for each; dave's no is counted too.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.certified.verifier import Stranger
from support.processes.daemons import Daemon, community

from p2pnode_protocols.wire.codec import decode, encode

NAMES = ("alice", "bob", "carol", "dave")


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Daemon]]:
    root = tmp_path_factory.mktemp("cert")
    daemons = [Daemon(root / name) for name in NAMES]
    try:
        yield community(daemons, NAMES)
    finally:
        for one in daemons:
            one.kill()
            print(f"--- {one.paths.home}\n{one.log}")


@pytest.fixture(scope="module")
def decided(nodes: list[Daemon]) -> Any:
    """A tactical decision: three yes, one no with a reason."""
    alice, bob, carol, dave = nodes
    opened = alice.post(
        "proposals",
        {"tier": "tactical", "title": "Paint the shed", "text": "Green.", "vote": "yes"},
        wait="final",
    )
    proposal = opened["proposal"]["id"]
    for one in (dave, bob, carol):
        one.get("status", min_index=alice.get("status")["log"]["index"])
        body = {"choice": "no", "reason": "too green"} if one is dave else {"choice": "yes"}
        one.post(f"proposals/{proposal}/votes", body, wait="final")
    found = alice.get(f"proposals/{proposal}", wait="final")
    assert found["outcome"] == "passed", found
    return found


@pytest.fixture
def stranger(tmp_path: Path) -> Stranger:
    return Stranger(tmp_path / "stranger")


def certificate(node: Daemon, proposal: str) -> tuple[str, bytes]:
    """Return the community id and the file, as soon as a quorum's receipts are there."""
    node.get(f"proposals/{proposal}", wait="final")
    found = node.get(f"proposals/{proposal}/certificate", timeout=60)
    assert found["receipts"] >= found["quorum"]
    return found["community"], base64.b64decode(found["content"])


def read(data: bytes) -> Any:
    return decode(data, len(data))


def p2pnode(node: Daemon, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "p2pnode_cli", "--home", node.paths.home, *arguments],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )


def test_every_node_makes_a_certificate_that_convinces_a_stranger(
    nodes: list[Daemon], decided: Any, stranger: Stranger
) -> None:
    """R8.8: one file in, the same verdict whoever made it."""
    for node in nodes:
        id_, data = certificate(node, decided["id"])
        code, verdict = stranger.verify(id_, data)
        assert code == 0, verdict
        assert verdict["community"] == {"id": id_, "name": "Ops"}
        assert (verdict["proposal"], verdict["number"]) == (decided["id"], decided["number"])
        assert (verdict["title"], verdict["text"]) == ("Paint the shed", "Green.")
        assert verdict["outcome"] == "passed"
        assert verdict["tally"] == decided["tally"]
        assert verdict["decided_at"] == decided["decided_at"]
        assert verdict["epochs"] >= 4  # one for each who joined
        assert (verdict["committee"], verdict["quorum"]) == (4, 3)
        votes = {vote["member"]["name"]: vote for vote in verdict["votes"]}
        assert {name: vote["choice"] for name, vote in votes.items()} == {
            vote["member"]["name"]: vote["choice"] for vote in decided["votes"]
        }
        assert all(vote["device_listed"] for vote in votes.values())


def test_vote_receipt_proves_that_a_vote_was_counted(
    nodes: list[Daemon], decided: Any, stranger: Stranger
) -> None:
    id_, data = certificate(nodes[3], decided["id"])
    code, verdict = stranger.verify(id_, data, "--member", "dave")
    (vote,) = verdict["counted"]
    assert (code, vote["choice"], vote["reason"]) == (0, "no", "too green")
    assert stranger.verify(id_, data, "--vote", vote["op"])[0] == 0
    code, verdict = stranger.verify(id_, data, "--member", "mallory")
    assert (code, verdict["ok"], verdict["counted"]) == (8, True, [])


def test_command_line_writes_and_verifies_without_a_daemon(
    nodes: list[Daemon], decided: Any, stranger: Stranger, tmp_path: Path
) -> None:
    file = tmp_path / "shed.p2pcert"
    number = str(decided["number"])
    written = p2pnode(
        nodes[1], "certificate", number, "-o", str(file), "--wait", "--timeout", "60s"
    )
    assert written.returncode == 0, written.stderr
    id_ = nodes[1].get("status")["community"]["id"]
    nowhere = ("--home", str(tmp_path / "nowhere"))
    asked = ("verify", str(file), "--community", id_, "--json", *nowhere)
    verified = p2pnode(nodes[1], *asked)
    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout) == stranger.verify(id_, file.read_bytes())[1]


def test_tampered_certificate_is_refused_by_both_alike(
    nodes: list[Daemon], decided: Any, stranger: Stranger, tmp_path: Path
) -> None:
    id_, data = certificate(nodes[0], decided["id"])
    fewer, unlinked, flipped = (read(data) for _ in range(3))
    del fewer[7][1][2:]
    del unlinked[4][1]
    record = read(flipped[8])
    (no,) = (ballot for ballot in record[10][-1][6] if ballot[1] == 1)
    no[1] = 0
    flipped[8] = encode(record)
    forgeries = {
        "no_quorum": encode(fewer),
        "wrong_epoch": encode(unlinked),
        "op_differs": encode(flipped),
        "bad_encoding": data + b"\0",
    }
    for expected, forged in forgeries.items():
        code, verdict = stranger.verify(id_, forged)
        assert (code, verdict["code"]) == (8, expected), verdict
        file = tmp_path / "forged"
        file.write_bytes(forged)
        ours = p2pnode(nodes[0], "verify", str(file), "--json")
        assert (ours.returncode, json.loads(ours.stdout)["code"]) == (8, expected)


def test_certificate_outlives_a_restart_and_later_epochs(
    nodes: list[Daemon], decided: Any, stranger: Stranger
) -> None:
    alice, _bob, carol, _dave = nodes
    epoch = alice.get("status")["epoch"]["number"]
    carol.post("members/me/absence", wait="final")
    alice.get("status", min_epoch=epoch + 1)
    alice.stop()
    alice.start()
    id_, data = certificate(alice, decided["id"])
    assert stranger.verify(id_, data)[0] == 0
    carol.delete("members/me/absence", wait="final")
    alice.get("status", min_epoch=epoch + 2)


def test_what_is_not_final_has_no_certificate_and_says_so(nodes: list[Daemon]) -> None:
    opened = nodes[0].post("proposals", {"tier": "strategic", "title": "Open"}, wait="final")
    reference = opened["proposal"]["id"]
    refused = nodes[0].refused("GET", f"proposals/{reference}/certificate")
    assert (refused.status, refused["code"]) == (409, "not_final")
    assert nodes[0].refused("GET", "proposals/999/certificate")["code"] == "unknown_proposal"
