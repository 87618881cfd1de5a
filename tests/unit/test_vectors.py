"""The test vectors are what the core makes, and a program that shares no code agrees with them.

That program is the single-file verifier: it stands for all other implementations.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from support.certified.verifier import load_verifier
from support.vectors import FILES, PLACE, SCHEMA, make_all

alone = load_verifier()
README = (PLACE / "README.md").read_text()


def cases(file: str, part: str) -> list[dict[str, Any]]:
    document = json.loads((PLACE / f"{file}.json").read_text())
    assert document["schema"] == SCHEMA
    found: list[dict[str, Any]] = document[part]["cases"]
    assert found
    return found


def read(value: Any) -> Any:
    """Return the value that a vector shows as JSON."""
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    if isinstance(value, list):
        return [read(one) for one in value]
    return value


def raw(case: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


@pytest.mark.parametrize("name", FILES)
def test_files_are_what_the_core_makes(name: str) -> None:
    """After a change of the protocol: python -m support.vectors, and look at the difference."""
    assert (PLACE / f"{name}.json").read_text() == make_all()[f"{name}.json"]


def test_no_other_files_are_there_and_all_are_described() -> None:
    assert {path.stem for path in PLACE.glob("*.json")} == set(FILES)
    for name, parts in FILES.items():
        assert f"`{name}.json`" in README
        for part in parts:
            assert f"`{part.__name__}`" in README


def test_encoding() -> None:
    for case in cases("encoding", "encoding"):
        value, encoded = read(case["value"]), bytes.fromhex(case["encoded"])
        assert alone.encode(value) == encoded
        back = alone.decode(encoded)
        assert (back, type(back)) == (value, type(value))
    for case in cases("encoding", "long_values"):
        of, times = read(case["of"]), case["times"]
        whole = [of] * times if isinstance(of, int) else of * times
        encoded = alone.encode(whole)
        assert (len(encoded), hashlib.sha256(encoded).hexdigest()) == (
            case["size"],
            case["sha256"],
        )
        assert alone.decode(encoded) == whole


@pytest.mark.parametrize("case", cases("encoding", "refused"), ids=lambda case: case["encoded"])
def test_what_is_not_canonical_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(alone.Refused) as refused:
        alone.decode(bytes.fromhex(case["encoded"]))
    assert refused.value.code == "bad_encoding"


def test_hashes_and_signatures() -> None:
    for case in cases("hashes", "hashes"):
        parts = [bytes.fromhex(one) for one in case["parts"]]
        assert alone.digest(case["tag"], *parts).hex() == case["hash"]
    for case in cases("signatures", "signatures"):
        key, community, content, signature = raw(case, "key", "community", "content", "signature")
        found = alone.is_signed(case["tag"], community, content, key, signature)
        assert found == case["valid"], case


def test_ids() -> None:
    for case in cases("ids", "ids"):
        data = bytes.fromhex(case["bytes"])
        assert alone.to_text(case["kind"], data) == case["text"]
        assert alone.from_text(case["kind"], case["text"]) == data
    for case in cases("ids", "members"):
        assert alone.digest("member", *raw(case, "founding_key")).hex() == case["member"]
    for case in cases("ids", "communities"):
        charter, outer, community, root, state = raw(
            case, "charter", "outer", "community", "first_root", "state_hash"
        )
        assert alone.digest("charter", charter) == community
        assert alone.digest("log", community) == root
        assert alone.encode(alone.Charter(alone.decode(charter)).outer.value) == outer
        begun = [community, 0, bytes(32), root, alone.digest("outer", outer), community, state]
        assert alone.digest("epoch", alone.encode(begun)).hex() == case["epoch"]
    for case in cases("ids", "texts"):
        text = case["text"].encode()
        assert alone.digest("text", bytes.fromhex(case["salt"]) + text).hex() == case["id"]
        assert len(text) == case["size"]


def test_ops_blocks_and_receipts() -> None:
    for case in cases("objects", "ops"):
        community, wire = raw(case, "community", "wire")
        content, signature = alone.decode(wire)
        assert alone.decode(content) == read(case["fields"])
        assert alone.digest("op", community, content).hex() == case["id"]
        assert alone.is_signed("op", community, content, read(case["fields"])[1], signature)
    for case in cases("objects", "blocks"):
        community, header, signature, wire = raw(
            case, "community", "header_bytes", "signature", "wire"
        )
        fields = read(case["header"])
        ops = [bytes.fromhex(one) for one in case["ops"]]
        assert alone.decode(header) == fields
        assert alone.decode(wire) == [header, signature, ops]
        assert alone.digest("block", community, header).hex() == case["id"]
        assert alone.digest("ops", alone.encode(ops)) in fields
        assert alone.is_signed("block", community, header, fields[2], signature)
    for case in cases("objects", "receipts"):
        community, epoch, root, content, key, signature = raw(
            case, "community", "epoch", "root", "content", "key", "signature"
        )
        following = None if case["next"] is None else bytes.fromhex(case["next"])
        assert alone.encode([epoch, case["index"], root, following]) == content
        assert alone.is_signed("receipt", community, content, key, signature)


def test_log() -> None:
    for case in cases("log", "roots"):
        fields, entries = read(case["fields"]), alone.encode(read(case["entries"]))
        assert alone.digest("entries", entries) == fields[6]
        root = alone.digest("log", *raw(case, "community"), alone.encode(fields))
        assert root.hex() == case["root"]
    for case in cases("log", "epochs"):
        previous, author, root, charter, outer, state, state_hash = raw(
            case, "previous", "author", "root", "charter", "outer", "state", "state_hash"
        )
        assert alone.digest("state", state) == state_hash
        assert alone.encode(alone.Charter(alone.decode(charter)).outer.value) == outer
        hashes = [alone.digest("outer", outer), alone.digest("charter", charter), state_hash]
        begun = [previous, case["round"], author, root, *hashes]
        assert alone.digest("epoch", alone.encode(begun)).hex() == case["epoch"]
    for case in cases("log", "records"):
        (record,) = raw(case, "record")
        assert alone.digest("record", record).hex() == case["hash"]
        assert alone.Record(record).id.hex() == case["proposal"]
        assert alone.judge(alone.Record(record)) == case["outcome"]


def test_shapes() -> None:
    for case in cases("shapes", "shapes"):
        encoded = bytes.fromhex(case["encoded"])
        assert alone.encode(read(case["value"])) == encoded
        assert case["kind"] is None or read(case["value"])[0] == case["kind"]


def test_counting() -> None:
    for case in cases("counting", "quorums"):
        keys = [i.to_bytes(32, "big") for i in range(case["n"])]
        outer = alone.Outer([1, case["fault_model"], keys, case["n"], 0])
        assert outer.quorum == case["quorum"]
    for case in cases("counting", "tallies"):
        rule = alone.Rule([case["threshold"], case["strict"], case["base"], case["floor"]])
        yes, no, *rest = (case[name] for name in ("yes", "no", "aside", "electorate", "least_yes"))
        silent = case["electorate"] - yes - no - case["aside"]
        assert rule.passes(yes, no, *rest) == case["passes"]
        assert rule.passes(yes, no + silent, *rest) == case["sure"]
        assert rule.passes(yes + silent, no, *rest) != case["hopeless"]


def test_certificates() -> None:
    found = cases("certificates", "certificates")
    for case in found:
        community = alone.from_text("com", case["community"])
        rebuilds = [alone.from_text("epo", one) for one in case["rebuilds"]]
        data = bytes.fromhex(case["certificate"])
        assert alone.verify(community, data, rebuilds) == case["verdict"]
    community = alone.from_text("com", found[0]["community"])
    data = bytes.fromhex(found[0]["certificate"])
    for case in cases("certificates", "forgeries"):
        at, cut = case["at"], case["cut"]
        forged = data[:at] + bytes.fromhex(case["put"]) + data[at + cut :]
        with pytest.raises(alone.Refused) as refused:
            alone.verify(community, forged)
        assert refused.value.code == case["code"], case["name"]
