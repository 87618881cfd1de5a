"""Make the test vectors of tests/vectors, which tests/vectors/README.md describes.

    PYTHONPATH=tests python3 dev.py python -m support.vectors

`tests/unit/test_vectors.py` holds the files to what this makes, and the single-file verifier,
which shares no code with the core, to the files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from p2pnode.answers.verdicts import describe
from p2pnode_protocols.agreement.blocks import sign_block
from p2pnode_protocols.agreement.committee import compute_faults, compute_quorum
from p2pnode_protocols.agreement.roots import (
    compute_entries_hash,
    compute_epoch_id,
    compute_first_root,
    compute_founding_epoch,
    compute_record_hash,
    compute_root,
    compute_state_hash,
)
from p2pnode_protocols.record.actions import (
    Action,
    AmendAction,
    EraseAction,
    InviteAction,
    NoAction,
    RekeyAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.bodies import (
    AddDevice,
    Away,
    Back,
    Body,
    Choice,
    Join,
    Leave,
    Propose,
    RevokeDevice,
    SetNodeKey,
    Vote,
    Withdraw,
)
from p2pnode_protocols.record.certificates.checking import check_certificate
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.record.questions.proposal import Proposal
from p2pnode_protocols.record.questions.tally import Rule, Tally, is_hopeless, is_sure, passes
from p2pnode_protocols.record.seats.charter import FaultModel, Ratio
from p2pnode_protocols.record.seats.names import find_fault, find_member_fault, forms, free_name
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import Value, decode, encode
from p2pnode_protocols.wire.ids import BlockId, EpochId, OpId, Round, TextId, WallMs, to_text

from .certified.certificates import FOUNDED_MS, Paper, digest
from .certified.tampering import CASES, Genuine
from .names import DECEIVING, DIFFERENT, NAMES, REFERENCES, SAME
from .shapes import examples

PLACE = Path(__file__).parents[1] / "vectors"
SCHEMA = "p2pnode/vectors/1"

Case = dict[str, Any]


def show(value: Value) -> Any:
    """Return a value as JSON: byte strings as {"hex": …}, all else as itself."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, list | tuple):
        return [show(one) for one in value]
    return value


# --- encoding -------------------------------------------------------------------------------


def encoding() -> Iterator[Case]:
    """`value` has exactly the bytes `encoded`."""
    numbers = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**63, 2**64 - 1]
    numbers += [-1, -32, -33, -128, -129, -32_768, -32_769, -(2**31), -(2**31) - 1, -(2**63)]
    values: list[Value] = [None, False, True, *numbers]
    values += ["", "a", "ä€😀", "x" * 31, "x" * 32, "x" * 255, "x" * 256]
    values += [b"", b"\0", b"x" * 255, b"x" * 256]
    values += [[], [1, [2, [None]]], [0] * 15, [0] * 16, [b"\1", "\1", 1, True]]
    deep: Value = []
    for _ in range(11):
        deep = [deep]
    values.append(deep)
    for value in values:
        yield {"value": show(value), "encoded": encode(value).hex()}


def long_values() -> Iterator[Case]:
    """`of`, `times` over, as one text, byte string or list, has bytes of this `sha256`."""
    for times in (65_535, 65_536):
        of: Value
        whole: Value
        for of, whole in (("x", "x" * times), (b"x", b"x" * times), (0, [0] * times)):
            encoded = encode(whole)
            found = hashlib.sha256(encoded).hexdigest()
            yield {"of": show(of), "times": times, "size": len(encoded), "sha256": found}


_REFUSED = {
    "": "nothing",
    "01ff": "something after the value",
    "92c0": "cut short",
    "cc7f": "an integer not in its shortest form",
    "cd00ff": "an integer not in its shortest form",
    "d001": "a positive integer written as a signed one",
    "d0e0": "a negative integer not in its shortest form",
    "d90161": "a text not in its shortest form",
    "da000161": "a text not in its shortest form",
    "c5000161": "a byte string not in its shortest form",
    "dc0001c0": "a list not in its shortest form",
    "80": "a map",
    "81a16101": "a map",
    "ca3f800000": "a float",
    "cb3ff0000000000000": "a float",
    "d40101": "an extension",
    "d6ff00000000": "a timestamp",
    "c1": "a byte that means nothing",
    "a1ff": "a text that is not UTF-8",
    "a3eda080": "a text with a surrogate",
    "91" * 12 + "90": "13 lists within each other",
}


def refused() -> Iterator[Case]:
    """`encoded` is refused, because of `why`."""
    for data, why in _REFUSED.items():
        yield {"encoded": data, "why": why}


# --- hashes, signatures, ids --------------------------------------------------------------------


def hashes() -> Iterator[Case]:
    """`hash` = H(`tag`, `parts`…) (R2.3)."""
    for tag in ("block", "op", "ops", "charter", "epoch", "member", "text", "log", "record"):
        for parts in ((), (b"",), (b"abc",), (bytes(32), b"abc")):
            found = crypto.digest(b"p2pnode/%s/1\0" % tag.encode(), *parts)
            yield {"tag": tag, "parts": [one.hex() for one in parts], "hash": found.hex()}


def signatures() -> Iterator[Case]:
    """`signature` is by the key of `seed` over `content` under `tag`, or not (R2.4)."""
    paper = Paper()
    for i, tag in enumerate(("block", "op", "receipt", "bind")):
        seed, content = digest("seed", i), encode(["content", i])
        signer = crypto.Ed25519Signer(seed)
        message = crypto.signed_message(b"p2pnode/%s/1\0" % tag.encode(), paper.community, content)
        common = {
            "seed": seed.hex(),
            "key": signer.device.hex(),
            "community": paper.community.hex(),
            "content": content.hex(),
        }
        signature = signer.sign(message)
        changed = bytes([signature[0] ^ 1]) + signature[1:]
        yield {**common, "tag": tag, "signature": signature.hex(), "valid": True}
        yield {**common, "tag": tag, "signature": changed.hex(), "valid": False}
        yield {**common, "tag": "join", "signature": signature.hex(), "valid": False}


def ids() -> Iterator[Case]:
    """`text` is the text form of the `bytes` of an id of this `kind`."""
    for i, kind in enumerate(("com", "mem", "dev", "pro", "op", "blk", "epo", "inv")):
        data = digest("id", i)
        yield {"kind": kind, "bytes": data.hex(), "text": to_text(kind, data)}


def members() -> Iterator[Case]:
    """`member` is the id of the seat that `founding_key` made (R2.5)."""
    for i in range(3):
        key = crypto.Ed25519Signer(digest("seed", i)).device
        member = crypto.compute_member_id(key)
        yield {"founding_key": key.hex(), "member": member.hex(), "text": to_text("mem", member)}


def communities() -> Iterator[Case]:
    """`community` is the hash of `charter` (R2.7), `epoch` the founding epoch's id (R6.4)."""
    committees: list[tuple[int, FaultModel]] = [(1, "byzantine"), (4, "byzantine"), (5, "crash")]
    for n, faults in committees:
        paper = Paper(n, faults)
        epoch = compute_founding_epoch(paper.community, paper.founding, paper.state_hash)
        yield {
            "charter": paper.founding.to_bytes().hex(),
            "outer": paper.founding.outer.to_bytes().hex(),
            "community": paper.community.hex(),
            "text": to_text("com", paper.community),
            "first_root": compute_first_root(paper.community).hex(),
            "state_hash": paper.state_hash.hex(),
            "epoch": epoch.hex(),
        }


def texts() -> Iterator[Case]:
    """`id` is that of the text `text` with this `salt` (R2.8)."""
    for i, text in enumerate(("", "no", "Grün, beidseitig.", "x" * 1_000)):
        ref, blob = make_text(digest("salt", i)[:16], text)
        yield {"salt": blob[:16].hex(), "text": text, "id": ref.id.hex(), "size": ref.size}


# --- ops, blocks, the log -----------------------------------------------------------------------


def _bodies() -> list[Body]:
    title, _ = make_text(digest("t")[:16], "Paint the shed")
    reason, _ = make_text(digest("r")[:16], "because")
    key = crypto.Ed25519Signer(digest("new")).device
    return [
        Propose("tactical", title, (), NoAction(), WallMs(0)),
        Vote(OpId(digest("p")), OpId(digest("r")), "yes", None),
        Vote(OpId(digest("p")), OpId(digest("r")), "aside", reason),
        Withdraw(OpId(digest("p")), reason),
        Join("eva", key, b"s" * 64),
        Away(),
        Back(),
        Leave(),
        AddDevice(key, b"s" * 64),
        RevokeDevice(key),
        SetNodeKey(None),
        SetNodeKey(key),
    ]


def ops() -> Iterator[Case]:
    """`wire` is the op with these `fields`, signed by the key of `seed`; `id` its id (R2.9)."""
    paper = Paper()
    seat = paper.founding.members[0]
    seed = digest("paper", "device", 0)
    signer = crypto.Ed25519Signer(seed)
    for nonce, body in enumerate(_bodies(), 1):
        op = sign_op(paper.community, seat.id, signer, nonce, WallMs(FOUNDED_MS), body)
        fields: Value = [seat.id, signer.device, nonce, FOUNDED_MS, body.KIND, body.to_wire()]
        yield {
            "community": paper.community.hex(),
            "seed": seed.hex(),
            "fields": show(fields),
            "wire": op.wire.hex(),
            "id": op.id.hex(),
        }


def blocks() -> Iterator[Case]:
    """`wire` is the block with this `header` and these `ops`; `id` its id (R2.12)."""
    paper = Paper()
    seat = paper.founding.members[0]
    assert seat.node_key is not None
    signer = paper.signers[seat.node_key]
    op = sign_op(paper.community, seat.id, signer, 1, WallMs(FOUNDED_MS), Away())
    parents: tuple[BlockId, ...] = (BlockId(bytes(paper.epoch)),)
    for round_ in (1, 2):
        block = sign_block(
            paper.community,
            signer,
            epoch=paper.epoch,
            author=seat.id,
            sequence=round_,
            round_=Round(round_),
            time_ms=WallMs(FOUNDED_MS + round_),
            parents=parents,
            ops=(op,) if round_ == 2 else (),
            final_index=0,
            final_root=compute_first_root(paper.community),
        )
        parents = (block.id, BlockId(digest("other block")))
        yield {
            "community": paper.community.hex(),
            "header": show(decode(block.header, 1 << 20)),
            "header_bytes": block.header.hex(),
            "ops": [one.wire.hex() for one in block.ops],
            "signature": block.signature.hex(),
            "wire": block.wire.hex(),
            "id": block.id.hex(),
        }


def roots() -> Iterator[Case]:
    """`root` is the log root after a commit with these `fields` and `entries` (R3.10)."""
    paper = Paper()
    root = compute_first_root(paper.community)
    for i in range(3):
        entries = [(OpId(digest("op", i, j)), "ok" if j else "closed") for j in range(i)]
        decided: list[tuple[OpId, str, bytes, bytes | None]] = []
        derived: list[tuple[bytes, bytes]] = []
        if i == 2:
            decided = [
                (OpId(digest("pro", j)), "passed", digest("record", j), said)
                for j, said in enumerate((None, digest("said")))
            ]
            derived = [(digest("item"), digest("content"))]
        author, block = paper.founding.members[i].id, BlockId(digest("block", i))
        time_ms = WallMs(FOUNDED_MS + i)
        fields: Value = [
            root,
            paper.epoch,
            i + 1,
            author,
            block,
            time_ms,
            compute_entries_hash(entries),
            [list(one) for one in decided],
            [list(one) for one in derived],
        ]
        root = compute_root(
            paper.community,
            root,
            paper.epoch,
            Round(i + 1),
            author,
            block,
            time_ms,
            compute_entries_hash(entries),
            decided,
            derived,
        )
        yield {
            "community": paper.community.hex(),
            "fields": show(fields),
            "entries": show([list(one) for one in entries]),
            "root": root.hex(),
        }


def epochs() -> Iterator[Case]:
    """`epoch` is the id of the epoch that follows as these fields say (R6.4).

    `outer` is what it has of the `charter` beside its hash.
    """
    paper = Paper()
    charter = paper.admit("eva")
    previous: EpochId = paper.epoch
    for i, after in enumerate((paper.founding, charter)):
        state_hash = compute_state_hash(digest("state", i))
        author, root = after.members[i].id, digest("root", i)
        following = compute_epoch_id(previous, Round(9), author, root, after, state_hash)
        yield {
            "previous": previous.hex(),
            "round": 9,
            "author": author.hex(),
            "root": root.hex(),
            "charter": after.to_bytes().hex(),
            "outer": after.outer.to_bytes().hex(),
            "state": digest("state", i).hex(),
            "state_hash": state_hash.hex(),
            "epoch": following.hex(),
        }
        previous = following


def receipts() -> Iterator[Case]:
    """`signature` is the receipt of `key` for this commit; `content` what it covers (R8.1)."""
    paper = Paper()
    for following in (None, EpochId(digest("next"))):
        made = paper.sign(paper.epoch, 17, digest("root"), following)
        for key, signature in made.signatures:
            yield {
                "community": paper.community.hex(),
                "epoch": paper.epoch.hex(),
                "index": 17,
                "root": digest("root").hex(),
                "next": None if following is None else following.hex(),
                "content": made.statement.to_bytes().hex(),
                "key": key.hex(),
                "signature": signature.hex(),
            }


def records() -> Iterator[Case]:
    """`hash` is that of the closed proposal `record` (R3.10), whose `outcome` is this."""
    for choices, outcome in _DECISIONS.items():
        record = _decide(choices).record
        proposal = Proposal.from_bytes(record)
        assert proposal.outcome == outcome
        yield {
            "record": record.hex(),
            "proposal": proposal.id.hex(),
            "outcome": outcome,
            "hash": compute_record_hash(record).hex(),
        }


_DECISIONS = {"yyyyy": "passed", "yyy-a": "lapsed", "nn---": "rejected"}


def _decide(letters: str) -> Any:
    words = {"y": "yes", "n": "no", "a": "aside", "-": None}
    late = "a" in letters
    return Paper(5).decide(
        tuple(words[one] for one in letters),  # type: ignore[misc]
        after_ms=8 * 86_400_000 if late else 60_000,
    )


# --- counting ----------------------------------------------------------------------------------


def quorums() -> Iterator[Case]:
    """Of `n` nodes `f` may be faulty; `quorum` are needed (R1.8)."""
    for model in ("byzantine", "crash"):
        for n in (*range(1, 17), 31, 32, 33, 100, 256):
            f = compute_faults(n, model)
            yield {"fault_model": model, "n": n, "f": f, "quorum": compute_quorum(n, f)}


def tallies() -> Iterator[Case]:
    """Whether these votes pass (R10.1), pass whatever comes (R10.4), cannot pass (R10.5).

    `electorate` is how many count; `least_yes` is 2 where it is about a seat (R10.23).
    """
    rules = [
        Rule(Ratio(4, 5), False, "electorate", Ratio(1, 2)),
        Rule(Ratio(1, 2), True, "electorate", Ratio(1, 4)),
        Rule(Ratio(2, 3), False, "cast", Ratio(1, 3)),
        Rule(Ratio(1, 1), False, "cast", Ratio(0, 1)),
    ]
    for rule in rules:
        for yes, no, aside, electorate in (
            (0, 0, 0, 1),
            (1, 0, 0, 1),
            (4, 1, 0, 5),
            (4, 0, 1, 5),
            (3, 0, 1, 5),
            (3, 2, 0, 5),
            (2, 1, 0, 6),
            (2, 0, 4, 6),
            (5, 5, 0, 10),
            (6, 4, 0, 10),
            (8, 2, 0, 10),
            (7, 1, 2, 10),
            (0, 0, 10, 10),
            (171, 85, 0, 256),
        ):
            yield tally_case(rule, Tally(yes, no, aside, electorate))
        # R10.23: about a seat, which does not count, two yes at least
        for yes, no, electorate in ((1, 0, 1), (1, 0, 2), (2, 0, 2), (2, 1, 3), (3, 0, 3)):
            yield tally_case(rule, Tally(yes, no, 0, electorate, 2))


def tally_case(rule: Rule, tally: Tally) -> Case:
    return {
        "threshold": [rule.threshold.num, rule.threshold.den],
        "strict": rule.strict,
        "base": rule.base,
        "floor": [rule.floor.num, rule.floor.den],
        "yes": tally.yes,
        "no": tally.no,
        "aside": tally.aside,
        "electorate": tally.electorate,
        "least_yes": tally.least_yes,
        "passes": passes(rule, tally),
        "sure": is_sure(rule, tally),
        "hopeless": is_hopeless(rule, tally),
    }


# --- certificates ------------------------------------------------------------------------------


def certificates() -> Iterator[Case]:
    """`verdict` is what `certificate` proves (R8.8) to who knows `rebuilds`, epochs (R8.9)."""
    genuine = Genuine.make()
    papers = [
        (genuine.paper, genuine.it),
        (genuine.paper, genuine.other),
        (genuine.paper, genuine.longer),
        (genuine.survivors, genuine.rebuilt),
    ]
    committees: list[tuple[int, FaultModel]] = [(1, "byzantine"), (3, "crash"), (7, "byzantine")]
    for n, model in committees:
        paper = Paper(n, model)
        papers.append((paper, paper.decide(["yes"] * n, tier="implementation")))
    paper = Paper(4)
    removal = RemoveAction(paper.founding.members[0].id)
    said: list[Choice | None] = ["no", "yes", "yes", "yes"]
    papers.append((paper, paper.decide(said, tier="constitutional", action=removal)))
    seat, other = paper.founding.members[0], paper.founding.members[1]
    actions: list[Action] = [
        InviteAction("Zoe", other.devices[0], WallMs(1_800_000_000_000), 3),
        SetAwayAction(seat.id, away=True),
        RekeyAction(seat.id, other.devices[0], bytes(64)),
        EraseAction((TextId(bytes(32)),)),
        AmendAction((("name", "Mill"), ("tiers.tactical.threshold", [2, 3]))),
    ]
    said = ["yes", "yes", "yes", "yes"]
    for action in actions:
        it = paper.decide(said, tier="constitutional", action=action, after_ms=8 * 86_400_000)
        papers.append((paper, it))
    for paper, it in papers:
        data = it.to_bytes()
        found = check_certificate(paper.community, data)
        known = [one.id for one in found.rebuilds]
        for rebuilds in ([], known) if known else ([],):
            yield {
                "community": to_text("com", paper.community),
                "rebuilds": [to_text("epo", one) for one in rebuilds],
                "certificate": data.hex(),
                "verdict": describe(found, rebuilds),
            }


def forgeries() -> Iterator[Case]:
    """The first certificate of `certificates` with `cut` bytes at `at` replaced by `put`."""
    genuine = Genuine.make()
    data = genuine.it.to_bytes()
    for name, (code, forge) in CASES.items():
        forged = forge(genuine)
        at = 0
        while at < min(len(data), len(forged)) and data[at] == forged[at]:
            at += 1
        tail = 0
        most = min(len(data), len(forged)) - at
        while tail < most and data[-1 - tail] == forged[-1 - tail]:
            tail += 1
        yield {
            "name": name,
            "at": at,
            "cut": len(data) - at - tail,
            "put": forged[at : len(forged) - tail].hex(),
            "code": code,
        }


def names() -> Iterator[Case]:
    """`name` may be a community's name; a seat's; and what readers go by is `forms`."""
    for name in [*NAMES, *DECEIVING, *REFERENCES, *(one for pair in SAME for one in pair)]:
        if name.isprintable() or name.isascii():  # half a character is no text
            yield {
                "name": name,
                "community": find_fault(name) is None,
                "seat": find_member_fault(name) is None,
                "forms": sorted(forms(name)),
            }


def taken() -> Iterator[Case]:
    """Who joins as `name` where seats are called `seats` is called `gets`."""
    for one, other in [*SAME, *DIFFERENT]:
        for seats in ([one], [one, f"{one} 2"]):
            yield {"seats": seats, "name": other, "gets": free_name(other, seats)}


def shapes() -> Iterator[Case]:
    """The smallest and a large `value` of each kind of object, as in docs/reference/objects.md."""
    for shape, wire in examples():
        yield {
            "object": shape.what,
            "kind": shape.tag,
            "value": show(wire),
            "encoded": encode(wire).hex(),
        }


FILES = {
    "encoding": (encoding, long_values, refused),
    "hashes": (hashes,),
    "signatures": (signatures,),
    "ids": (ids, members, communities, texts),
    "objects": (ops, blocks, receipts),
    "shapes": (shapes,),
    "log": (roots, epochs, records),
    "counting": (quorums, tallies),
    "names": (names, taken),
    "certificates": (certificates, forgeries),
}


def make_all() -> dict[str, str]:
    """Return the text of each file by its name."""
    made = {}
    for name, parts in FILES.items():
        document = {
            "schema": SCHEMA,
            **{part.__name__: {"what": part.__doc__, "cases": list(part())} for part in parts},
        }
        made[f"{name}.json"] = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    return made


def main() -> None:
    PLACE.mkdir(exist_ok=True)
    for name, text in make_all().items():
        (PLACE / name).write_text(text)
        print(f"{name}: {len(text)} bytes")


if __name__ == "__main__":
    main()
