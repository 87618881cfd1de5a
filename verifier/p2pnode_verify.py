#!/usr/bin/env python3
"""Verify a p2pnode decision certificate, alone: Python 3.9 or newer and `cryptography`.

    python p2pnode_verify.py COMMUNITY_ID FILE [--rebuild EPOCH_ID]
                             [--vote OP] [--member NAME_OR_ID] [--json]

COMMUNITY_ID is the one fact you must know from elsewhere (from a member, a letterhead, an
older decision). Everything else in the file has to follow from it, step by step, in the order
of `verify` below. Where the community was rebuilt, the file says so: nothing in it can prove a
rebuild, so its epoch's id is another fact to be known from elsewhere (`--rebuild`).
Exit code: 0 genuine, 8 not proved, 2 wrong usage.

This file shares no code with p2pnode, so that you need not trust ours: read it, or write your
own from docs/certificates.md and try it on tests/vectors/. It is meant to be copied.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from datetime import datetime, timezone
from fractions import Fraction
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

VERSION = "p2pnode/certificate/1"
MOST_BYTES = 64 * 1024 * 1024  # of a certificate
DEEPEST = 12  # lists within lists


class Refused(Exception):
    """The certificate proves nothing; `code` is in the table of docs/certificates.md."""

    def __init__(self, code, detail):
        super().__init__(f"{detail} [{code}]")
        self.code, self.detail = code, detail


# --- 1. Bytes: the canonical encoding -----------------------------------------------------------
#
# A small part of msgpack: nil, booleans, integers, byte strings, UTF-8 texts, lists. Each
# value can be written in one way only, the shortest. `decode` checks that by encoding again.


def encode(value):
    """Return the only bytes that `value` has."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return _encode_int(value)
    if isinstance(value, bytes):
        return _head(len(value), None, (0xC4, 0xC5, 0xC6)) + value
    if isinstance(value, str):
        raw = value.encode()
        return _head(len(raw), (0xA0, 32), (0xD9, 0xDA, 0xDB)) + raw
    return _head(len(value), (0x90, 16), (None, 0xDC, 0xDD)) + b"".join(map(encode, value))


def _head(length, fix, marks):
    """Return the byte or bytes that say what comes and how long it is."""
    if fix is not None and length < fix[1]:
        return bytes([fix[0] | length])
    for mark, size in zip(marks, (1, 2, 4)):
        if mark is not None and length < 1 << 8 * size:
            return bytes([mark]) + length.to_bytes(size, "big")
    raise Refused("bad_encoding", f"a value of length {length}")


def _encode_int(number):
    if -32 <= number < 128:
        return (number & 0xFF).to_bytes(1, "big")
    for mark, size in ((0xCC, 1), (0xCD, 2), (0xCE, 4), (0xCF, 8)):
        if 0 <= number < 1 << 8 * size:
            return bytes([mark]) + number.to_bytes(size, "big")
    for mark, size in ((0xD0, 1), (0xD1, 2), (0xD2, 4), (0xD3, 8)):
        if -(1 << 8 * size - 1) <= number < 0:
            return bytes([mark]) + number.to_bytes(size, "big", signed=True)
    raise Refused("bad_encoding", f"the number {number}")


def decode(data):
    """Return the value that `data` is, the whole of it."""
    if len(data) > MOST_BYTES:
        raise Refused("bad_encoding", f"{len(data)} bytes, at most {MOST_BYTES}")
    reader = _Reader(data)
    value = reader.value(DEEPEST)
    if reader.at != len(data):
        raise Refused("bad_encoding", f"{len(data) - reader.at} bytes after the end")
    if encode(value) != data:
        raise Refused("bad_encoding", "not the shortest way to write it")
    return value


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise Refused("bad_encoding", "cut short")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size, signed=False):
        return int.from_bytes(self.take(size), "big", signed=signed)

    def value(self, depth):
        mark = self.take(1)[0]
        if mark < 0x80:
            return mark
        if mark >= 0xE0:
            return mark - 256
        if 0x90 <= mark < 0xA0:
            return self.list(mark & 0x0F, depth)
        if 0xA0 <= mark < 0xC0:
            return self.text(mark & 0x1F)
        if mark in (0xC0, 0xC2, 0xC3):
            return {0xC0: None, 0xC2: False, 0xC3: True}[mark]
        if 0xC4 <= mark <= 0xC6:
            return self.take(self.number(1 << mark - 0xC4))
        if 0xCC <= mark <= 0xCF:
            return self.number(1 << mark - 0xCC)
        if 0xD0 <= mark <= 0xD3:
            return self.number(1 << mark - 0xD0, signed=True)
        if 0xD9 <= mark <= 0xDB:
            return self.text(self.number(1 << mark - 0xD9))
        if mark in (0xDC, 0xDD):
            return self.list(self.number(2 if mark == 0xDC else 4), depth)
        raise Refused(
            "bad_encoding", f"byte 0x{mark:02x}: maps, floats and extensions do not exist"
        )

    def list(self, count, depth):
        if depth == 0:
            raise Refused("bad_encoding", f"more than {DEEPEST} lists within each other")
        return [self.value(depth - 1) for _ in range(count)]

    def text(self, count):
        try:
            return self.take(count).decode()
        except UnicodeDecodeError:
            raise Refused("bad_encoding", "a text that is not UTF-8") from None


# --- 2. Fields, hashes, signatures, ids ---------------------------------------------------------


def is_hash(value):
    return isinstance(value, bytes) and len(value) == 32


def is_signature(value):
    return isinstance(value, bytes) and len(value) == 64


def is_count(value):
    return type(value) is int and 0 <= value <= 1 << 53


def is_bytes(value):
    return isinstance(value, bytes)


def is_text(value):
    return isinstance(value, str)


def is_flag(value):
    return isinstance(value, bool)


def is_list(value):
    return isinstance(value, list)


def anything(_value):
    return True


def maybe(kind):
    return lambda value: value is None or kind(value)


def one_of(*words):
    return lambda value: isinstance(value, str) and value in words


def fields(value, what, *kinds):
    """Return `value`, a list with one item for each of `kinds`, each of that kind."""
    if not isinstance(value, list) or len(value) != len(kinds):
        raise Refused("bad_field", f"{what}: a list of {len(kinds)} fields expected")
    for place, (item, kind) in enumerate(zip(value, kinds), 1):
        if not kind(item):
            raise Refused("bad_field", f"{what}: field {place} is not what belongs there")
    return value


def tag(name):
    return f"p2pnode/{name}/1".encode() + b"\0"


def digest(name, *parts):
    return hashlib.sha256(tag(name) + b"".join(parts)).digest()


def is_signed(name, community, content, key, signature):
    """Return whether `signature` is by `key` over an object of this kind in this community."""
    try:
        public = Ed25519PublicKey.from_public_bytes(key)
        public.verify(signature, tag(name) + community + content)
    except (InvalidSignature, ValueError):
        return False
    return True


def base32(data):
    return base64.b32encode(data).decode().rstrip("=").lower()


def to_text(kind, data):
    """Return the text form of an id: kind, base32, six characters of checksum."""
    check = hashlib.sha256(b"p2pnode/text-id/1\0" + kind.encode() + b"\0" + data).digest()
    return f"{kind}_{base32(data)}{base32(check)[:6]}"


def time_text(ms):
    """Return RFC 3339 in UTC with milliseconds; beyond the year 9999 the latest there is."""
    seconds, ms = divmod(min(ms, 253_402_300_799_999), 1000)
    at = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{at}.{ms:03d}Z"


def short(kind, data):
    return f"{kind}_{base32(data)[:8]}"


def from_text(kind, text):
    """Return the 32 bytes of an id's text form; raises ValueError."""
    body = text.strip().lower()
    if not body.startswith(kind + "_"):
        raise ValueError(f"{text!r}: {kind}_… expected")
    try:
        data = base64.b32decode(body[len(kind) + 1 :][:52].upper() + "====")
    except ValueError:
        data = b""
    if len(data) != 32 or to_text(kind, data) != body:
        raise ValueError(f"{text!r}: not a whole id; copy it again")
    return data


# --- 3. The charter and its committee -----------------------------------------------------------


class Charter:
    """Who belongs to the community in one epoch, and whose nodes finalize."""

    def __init__(self, value):
        kinds = (is_text, is_count, one_of("byzantine", "crash"), *[is_list] * 4)
        self.name, _, self.faults, members, *_rest = fields(value, "charter", *kinds)
        self.value = value
        self.ids, self.names, self.seat_of, self.committee = [], {}, {}, {}
        for member in members:
            kinds = (is_hash, is_text, is_text, is_list, maybe(is_hash), is_flag)
            seat, name, _, devices, node_key, away = fields(member, "member", *kinds)
            if self.ids and seat <= self.ids[-1]:
                raise Refused("bad_field", "charter: members twice or out of order")
            self.ids.append(seat)
            self.names[seat] = name
            for device in devices:
                if not is_hash(device) or device in self.seat_of:
                    raise Refused("bad_field", "charter: a device key of two seats, or none")
                self.seat_of[device] = seat
            if node_key is not None and self.seat_of.get(node_key) != seat:
                raise Refused("bad_field", "charter: a node key that is not the seat's")
            if node_key is not None and not away:
                self.committee[node_key] = seat
        if not self.committee:
            raise Refused("bad_field", "charter: nobody finalizes")

    def without_keys(self, lost):
        """Return the charter as a value without keys that make no blocks, `lost` seats away."""
        *head, members, tiers, rules, timing = self.value
        seats = [
            [seat, name, kind, node_key, away or seat in lost]
            for seat, name, kind, _, node_key, away in members
        ]
        return [*head, seats, tiers, rules, timing]

    @property
    def quorum(self):
        """Return floor((n + f) / 2) + 1: any two quorums share an honest node."""
        n = len(self.committee)
        f = (n - 1) // 3 if self.faults == "byzantine" else 0
        return (n + f) // 2 + 1


def check_receipts(community, receipts, charter, where):
    """Refuse receipts unless all are genuine and a quorum; return the seats that signed."""
    content, signatures = receipts
    keys = []
    for item in signatures:
        key, _ = fields(item, f"{where}, receipt", is_hash, is_signature)
        if keys and key <= keys[-1]:
            raise Refused("repeated_receipt", f"{where}: {short('dev', key)} twice or out of order")
        keys.append(key)
    for key in keys:
        if key not in charter.committee:
            raise Refused("not_on_committee", f"{where}: {short('dev', key)}")
    for key, signature in signatures:
        if not is_signed("receipt", community, content, key, signature):
            raise Refused("bad_receipt", f"{where}: that of {short('dev', key)}")
    if len(keys) < charter.quorum:
        found = f"{len(keys)} of {len(charter.committee)}, {charter.quorum} needed"
        raise Refused("no_quorum", f"{where}: {found}")
    return [charter.committee[key] for key in keys]


def read_receipts(value):
    """Return what was signed, taken apart, and the receipts as they are."""
    content, _ = fields(value, "receipts", is_bytes, is_list)
    kinds = (is_hash, is_count, is_hash, maybe(is_hash))
    return fields(decode(content), "receipt content", *kinds), value


# --- 4. The chain of epochs ---------------------------------------------------------------------


def follow_chain(community, founding, state_hash, chain):
    """Return the deciding epoch's id, the last index before it, and each epoch's charter.

    An epoch's id is a hash of the epoch before it, the slot and log root it ended with, and
    the charter and state it begins with. A quorum of the old committee signed that id.
    """
    charter = Charter(founding)
    root = digest("log", community)
    epoch = digest("epoch", encode([community, 0, bytes(32), root, founding, state_hash]))
    index, charters, rebuilds = 0, [charter], []
    for number, link in enumerate(chain):
        where = f"the end of epoch {number}"
        if is_list(link) and link[:1] == ["rebuild"]:
            epoch, index, after, named = follow_rebuild(community, epoch, index, charter, link)
            rebuilds.append((epoch, number + 1, index, *named))
            charter = after
            charters.append(charter)
            continue
        if isinstance(link, list) and link and is_text(link[0]) and link[0] != "commit":
            raise Refused("unknown_link", f"{where}: by {link[0]!r}")
        kinds = (is_text, is_count, is_hash, maybe(is_list), is_hash, anything)
        _, round_, author, changed, state_hash, said = fields(link, "link", *kinds)
        (signed_epoch, signed_index, root, following), receipts = read_receipts(said)
        if signed_epoch != epoch:
            raise Refused("wrong_epoch", f"{where}: signed for another epoch")
        if signed_index <= index:
            raise Refused("wrong_index", f"{where}: {signed_index} does not come after {index}")
        after = charter if changed is None else Charter(changed)
        begun = [epoch, round_, author, root, after.value, state_hash]
        if following != digest("epoch", encode(begun)):
            raise Refused("broken_chain", f"{where}: another next epoch was signed")
        check_receipts(community, receipts, charter, where)
        epoch, index, charter = following, signed_index, after
        charters.append(charter)
    return epoch, index, charters, rebuilds


def follow_rebuild(community, epoch, index, charter, link):
    """Return the epoch that a rebuild began, its first index and charter, and who went on.

    Those of a committee who were left without a quorum said how they go on: all whom it keeps
    have signed, and nobody else. No quorum vouches for it, so it proves as much as they do.
    """
    where = "a rebuild"
    _, changed, state_hash, rebuild = fields(link, "link", is_text, is_list, is_hash, is_list)
    content, kept, lost, signatures = fields(rebuild, where, is_bytes, is_list, is_list, is_list)
    kinds = (is_hash, is_count, is_hash, is_hash)
    signed_epoch, signed_index, root, following = fields(decode(content), where, *kinds)
    for pair in signatures:
        fields(pair, where, is_hash, is_signature)
    for row in (kept, lost, [key for key, _ in signatures]):
        if not all(map(is_hash, row)) or row != sorted(set(row)):
            raise Refused("bad_field", f"{where}: members and keys ascend")
    if signed_epoch != epoch:
        raise Refused("wrong_epoch", f"{where}: signed for another epoch")
    if signed_index < index:
        raise Refused("wrong_index", f"{where}: {signed_index} is before {index}")
    after = Charter(changed)
    if following != digest("rebuild", encode([epoch, signed_index, root, changed, state_hash])):
        raise Refused("broken_chain", f"{where}: another next epoch was signed")
    keys = {seat: key for key, seat in charter.committee.items()}
    if sorted(kept + lost) != sorted(keys):
        raise Refused("bad_rebuild", f"{where}: it names other seats than the committee")
    if not 0 < len(kept) < charter.quorum:
        raise Refused("bad_rebuild", f"{where}: it keeps {len(kept)} of {len(keys)}")
    if {key for key, _ in signatures} != {keys[seat] for seat in kept}:
        raise Refused("bad_rebuild", f"{where}: not signed by just those that it keeps")
    said = encode([content, kept, lost])
    if not all(is_signed("rebuild", community, said, *pair) for pair in signatures):
        raise Refused("bad_rebuild", f"{where}: a signature does not match")
    if after.without_keys([]) != charter.without_keys(lost):
        raise Refused("bad_rebuild", f"{where}: it changes more than who is away")
    named = [[(seat, charter.names[seat]) for seat in row] for row in (kept, lost)]
    return following, signed_index, after, named


# --- 5. The record of the proposal --------------------------------------------------------------


def is_fraction(value):
    return is_list(value) and len(value) == 2 and all(map(is_count, value)) and value[1] > 0


def is_reference(value):
    return is_list(value) and len(value) == 2 and is_hash(value[0]) and is_count(value[1])


class Record:
    """A closed proposal: who was asked, what was asked, who voted what, what came of it."""

    def __init__(self, data):
        outcomes = one_of("open", "passed", "rejected", "lapsed", "withdrawn")
        kinds = (
            *(is_hash, is_count, is_hash, is_list, is_list, is_count, is_list, is_count, is_count),
            *(is_list, outcomes, is_count, maybe(is_list), maybe(is_reference), is_text),
        )
        values = fields(decode(data), "record", *kinds)
        self.id, self.number, self.author, tier, self.action, self.epoch = values[:6]
        self.electorate, _, self.close_ms, revisions, self.outcome, self.decided_ms = values[6:12]
        judged, _withdrawn_for, _effect = values[12:]
        kinds = (
            *(is_text, one_of("threshold", "objection"), is_fraction, is_flag),
            *(one_of("electorate", "cast"), is_fraction, is_count, is_count, is_count),
        )
        self.tier, self.mode, *bar, self.min_open_ms, _, _ = fields(tier, "tier", *kinds)
        self.asked = Rule(bar)
        self.judged = None if judged is None else Rule(judged)
        if not revisions or not self.action or not is_text(self.action[0]):
            raise Refused("bad_field", "record: no revision, or no action")
        self.revisions = [self._revision(one) for one in revisions]
        self.revision, self.title, self.text, self.opened_ms, self.votes = self.revisions[-1]

    def _revision(self, value):
        kinds = (is_hash, is_reference, maybe(is_reference), is_count, is_list)
        *head, ballots = fields(value, "revision", *kinds)
        votes, last = [], -1
        for ballot in ballots:
            kinds = (is_count, is_count, maybe(is_reference), is_hash, is_count)
            place, choice, reason, op, at_ms = fields(ballot, "ballot", *kinds)
            if place >= len(self.electorate) or choice > 2:
                raise Refused("bad_field", "record: a vote by nobody, or for nothing")
            if place <= last:
                raise Refused("bad_field", "record: votes are twice or out of order")
            last = place
            choice = ("yes", "no", "aside")[choice]
            votes.append((self.electorate[place], choice, reason, op, at_ms))
        return (*head, votes)

    @property
    def new_key_for(self):
        """Return the seat that would get a new key by this decision, or None."""
        return self.action[1] if self.action[0] == "rekey" and len(self.action) > 1 else None

    @property
    def is_about_seat(self):
        return self.action[0] in ("remove", "set_away", "rekey") and len(self.action) > 1

    @property
    def concerned(self):
        """Return the seat that the decision is about, whose voice does not count, or None.

        Where one objection rejects, nothing is counted, and it may object like anybody.
        """
        seat = self.action[1] if self.is_about_seat and self.mode == "threshold" else None
        return seat if seat in self.electorate else None

    def count(self):
        """Return how many say yes, no, and stand aside, of how many, and the least yes."""
        said = [vote[1] for vote in self.votes if vote[0] != self.concerned]
        yes, no, aside = (said.count(choice) for choice in ("yes", "no", "aside"))
        counted = len(self.electorate) - (self.concerned is not None)
        return yes, no, aside, counted, 2 if self.is_about_seat else 1


class Rule:
    """What a threshold proposal is judged by; exact fractions, never floats."""

    def __init__(self, value):
        kinds = (is_fraction, is_flag, one_of("electorate", "cast"), is_fraction)
        bar, self.strict, self.base, floor = fields(value, "rule", *kinds)
        self.bar, self.floor = Fraction(*bar), Fraction(*floor)

    def passes(self, yes, no, aside, electorate, least=1):
        base = electorate - aside if self.base == "electorate" else yes + no
        met = yes > self.bar * base if self.strict else yes >= self.bar * base
        return met and yes >= max(least, self.floor * electorate)


def judge(record):
    """Return the outcome that the record's votes have at the time it was decided."""
    yes, no, aside, electorate, least = record.count()
    silent = electorate - yes - no - aside
    closed = record.decided_ms >= record.close_ms
    open_long_enough = record.decided_ms >= record.opened_ms + record.min_open_ms
    said = {vote[0]: vote[1] for vote in record.votes}
    if said.get(record.new_key_for) == "no":
        return "rejected"  # the seat itself, with an old key: it is not lost
    if record.mode == "objection":
        if no:
            return "rejected"
        nobody_left = all(one == record.author or one in said for one in record.electorate)
        return "passed" if closed or (nobody_left and open_long_enough) else "open"
    rule = record.judged
    hopeless = not rule.passes(yes + silent, no, aside, electorate, least)
    if closed:
        if rule.passes(yes, no, aside, electorate, least):
            return "passed"
        return "rejected" if hopeless else "lapsed"
    if not open_long_enough:
        return "open"
    if rule.passes(yes, no + silent, aside, electorate, least):
        return "passed"
    return "rejected" if hopeless else "open"


def check_record(record, charters):
    """Refuse a record that contradicts the charter of its epoch, its own votes or times."""
    if record.outcome == "open":
        raise Refused("wrong_outcome", "the proposal is still open")
    if record.epoch >= len(charters) or record.electorate != charters[record.epoch].ids:
        raise Refused("wrong_electorate", f"those asked are not the members of {record.epoch}")
    for voter, _, _, _, at_ms in record.votes:
        in_time = record.opened_ms <= at_ms <= record.decided_ms and at_ms < record.close_ms
        if not in_time:
            raise Refused("wrong_time", f"the vote of {short('mem', voter)} was not in time")
    if record.outcome == "withdrawn":
        if record.decided_ms >= record.close_ms:
            raise Refused("wrong_outcome", "withdrawn after its close")
        return
    if (record.judged is None) != (record.mode == "objection"):
        raise Refused("wrong_rule", f"a tier of mode {record.mode} is judged otherwise")
    if record.judged is not None:
        judged, asked = record.judged, record.asked
        weaker = (judged.bar, judged.strict) < (asked.bar, asked.strict)
        if weaker or judged.floor < asked.floor or judged.base != asked.base:
            raise Refused("wrong_rule", f"less than tier {record.tier} asks for")
    follows = judge(record)
    if follows != record.outcome:
        said = f"the votes make it {follows}, the record says {record.outcome}"
        raise Refused("wrong_outcome", said)


# --- 6. What the people signed ------------------------------------------------------------------


def check_ops(community, record, wires):
    """Refuse ops that are not those the record names, or say something else; return the keys.

    The opening, the last revision if it is another, and each vote on that, in this order.
    """
    opening, latest = record.revisions[0], record.revisions[-1]
    expected = [record.id] + ([latest[0]] if latest[0] != record.id else [])
    expected += [op for _, _, _, op, _ in record.votes]
    found = {}
    for wire in wires:
        content, signature = fields(decode(wire), "op", is_bytes, is_signature)
        kinds = (is_hash, is_hash, is_count, is_count, is_text, is_list)
        author, device, _, _, kind, body = fields(decode(content), "op content", *kinds)
        op = digest("op", community, content)
        if not is_signed("op", community, content, device, signature):
            raise Refused("op_signature", f"{short('op', op)}, {kind}")
        if op not in expected or op in found:
            raise Refused("unknown_op", short("op", op))
        found[op] = (author, device, kind, body)
    for op in expected:
        if op not in found:
            raise Refused("op_missing", short("op", op))
    if list(found) != expected:
        raise Refused("unknown_op", "the ops are not in the order of the record")

    author, _, kind, body = found[record.id]
    wanted = [record.tier, opening[1], opening[2], record.action]
    same = opening[0] == record.id and author == record.author
    same = same and kind == "propose" and encode(body[:4]) == encode(wanted)
    if same and len(record.revisions) > 1:
        author, _, kind, body = found[latest[0]]
        wanted = [record.id, latest[1], latest[2]]
        same = author == record.author and kind == "revise" and encode(body[:3]) == encode(wanted)
    if not same:
        raise Refused("op_differs", "the proposal's author signed another text or action")
    for voter, choice, reason, op, _ in record.votes:
        author, _, kind, body = found[op]
        wanted = ["vote", [record.id, record.revision, choice, reason]]
        if author != voter or encode([kind, body]) != encode(wanted):
            said = f"{short('op', op)} is not {short('mem', voter)}'s vote {choice}"
            raise Refused("op_differs", said)
    return {op: device for op, (_, device, _, _) in found.items()}


def read_texts(record, blobs):
    """Return the texts that came along, by their ids: 16 bytes of salt, then UTF-8."""
    named = [record.title, record.text, *(vote[2] for vote in record.votes)]
    sizes = {one[0]: one[1] for one in named if one is not None}
    texts = {}
    for blob in blobs:
        text = digest("text", blob)
        if sizes.get(text) != len(blob) - 16 or text in texts:
            raise Refused("unknown_text", f"a text of {len(blob) - 16} bytes")
        texts[text] = blob[16:].decode(errors="replace")
    return texts


# --- 7. The whole -------------------------------------------------------------------------------


def verify(community, data, confirmed=()):
    """Return what the certificate proves, as plain values; raises `Refused`.

    `ok` is false where it leads over a rebuild whose epoch's id is not among `confirmed`.
    """
    certificate = decode(data)
    if not is_list(certificate) or not certificate or not is_text(certificate[0]):
        raise Refused("bad_field", "not a certificate")
    if certificate[0] != VERSION:
        raise Refused("unknown_version", f"{certificate[0]!r}; known here is {VERSION!r}")
    kinds = (is_text, is_hash, is_list, is_hash, is_list, is_list, is_list, is_list, is_bytes)
    _, stated, founding, state_hash, chain, commit, tail, said, record_bytes, ops, texts = fields(
        certificate, "certificate", *kinds, is_list, is_list
    )
    if not all(map(is_bytes, [*ops, *texts])):
        raise Refused("bad_field", "ops and texts are byte strings")

    # The community id is the hash of the founding charter: nobody can have changed that.
    if stated != community:
        raise Refused("wrong_community", f"it is of {to_text('com', stated)}")
    if digest("charter", encode(founding)) != community:
        raise Refused("wrong_charter", "the founding charter was changed")

    # From the founding committee to the deciding one, each vouched for by the one before.
    epoch, last_index, charters, rebuilds = follow_chain(community, founding, state_hash, chain)

    # The commit that decided stands in that epoch.
    for one in [commit, *tail]:
        check_shape(one)
    index, _, commit_epoch, *_ = commit
    if commit_epoch != epoch:
        raise Refused("wrong_epoch", "the commit is of another epoch than the chain's")
    if index <= last_index:
        raise Refused("wrong_index", f"commit {index}, but its epoch begins after {last_index}")

    # What was asked and answered, what follows from it, and what each voter signed.
    try:
        record = Record(record_bytes)
    except Refused as refused:
        raise Refused("bad_record", refused.detail) from None
    check_record(record, charters)
    keys = check_ops(community, record, ops)
    texts = read_texts(record, texts)

    # The commit decided just that, and a quorum of those who saw it become final signed it, or
    # one that came after it.
    check_decision(commit, record, digest("record", record_bytes))
    root, receipts = check_root(community, commit, tail, said)
    signers = check_receipts(community, receipts, charters[-1], "the decision")
    verdict = describe(community, record, keys, texts, charters, rebuilds, signers, confirmed)
    return {**verdict, "commit": index, "root": root.hex()}


def check_shape(commit):
    kinds = (is_count, is_hash, is_hash, is_count, is_hash, is_hash, is_count, is_list, is_list)
    *_, entries, decided = fields(commit, "commit", *kinds)
    for one in entries:
        fields(one, "entry", is_hash, is_text)
    for one in decided:
        fields(one, "decision", is_hash, is_text, is_hash)


def check_decision(commit, record, record_hash):
    """Refuse a commit that did not decide just this."""
    *_, time_ms, _entries, decided = commit
    here = [one for one in decided if one[0] == record.id]
    if len(here) != 1:
        raise Refused("wrong_proposal", f"{short('pro', record.id)} was not decided there")
    if here[0][1] != record.outcome:
        raise Refused("wrong_outcome", f"the commit says {here[0][1]}, not {record.outcome}")
    if here[0][2] != record_hash:
        raise Refused("wrong_record", "its hash is not the one in the commit")
    if time_ms != record.decided_ms:
        raise Refused("wrong_time", f"decided at {record.decided_ms} by a commit of {time_ms}")


def check_root(community, commit, tail, said):
    """Return the log root after the commit, and the receipts for it or one of the next.

    A root is a hash of the one before it and of the commit: whoever signed a later one has
    signed this commit, too.
    """
    index, previous, epoch, *content = commit
    first = root = digest("log", community, encode([previous, epoch, *content]))
    for next_index, previous, next_epoch, *content in tail:
        if next_epoch != epoch:
            raise Refused("wrong_epoch", f"commit {next_index} is of another")
        if next_index != index + 1:
            raise Refused("wrong_index", f"commit {next_index} does not come after {index}")
        if previous != root:
            raise Refused("wrong_root", f"commit {next_index} does not continue this log")
        index, root = next_index, digest("log", community, encode([previous, epoch, *content]))
    (signed_epoch, signed_index, signed_root, _next), receipts = read_receipts(said)
    if signed_epoch != epoch:
        raise Refused("wrong_epoch", "the decision's receipts are of another epoch")
    if signed_index != index:
        raise Refused("wrong_index", f"receipts for {signed_index}, the commit is {index}")
    if signed_root != root:
        raise Refused("wrong_root", "the commit does not hash to what was signed")
    return first, receipts


def describe(community, record, keys, texts, charters, rebuilds, signers, confirmed):
    """Return what was proved, for people and for JSON."""
    charter, voters = charters[-1], charters[record.epoch]
    yes, no, aside, counted, _ = record.count()
    voted = {vote[0] for vote in record.votes} | {record.concerned}

    def said_in(reference):
        return None if reference is None else texts.get(reference[0])

    def is_listed(member, device):
        return any(one.seat_of.get(device) == member for one in charters)

    def person(of, member):
        return {"id": to_text("mem", member), "name": of.names[member]}

    # No quorum vouches for a rebuild: one member alone can make one, and all that follows it.
    unknown = [to_text("epo", one[0]) for one in rebuilds if one[0] not in confirmed]
    fault = "it rests on rebuilds that only those they keep have signed: " + ", ".join(unknown)
    return {
        "schema": "p2pnode/verdict/1",
        "ok": not unknown,
        **({"code": "unconfirmed_rebuild", "detail": fault} if unknown else {}),
        "community": {"id": to_text("com", community), "name": charter.name},
        "proposal": to_text("pro", record.id),
        "number": record.number,
        "title": said_in(record.title),
        "text": said_in(record.text),
        "tier": record.tier,
        "action": record.action[0],
        "outcome": record.outcome,
        "decided_at": time_text(record.decided_ms),
        "tally": {
            "yes": yes,
            "no": no,
            "aside": aside,
            "missing": counted - yes - no - aside,
            "electorate": counted,
        },
        "concerned": None if record.concerned is None else person(voters, record.concerned),
        "votes": [
            {
                "member": person(voters, member),
                "choice": choice,
                "reason": said_in(reason),
                "at": time_text(at_ms),
                "op": to_text("op", op),
                "device": to_text("dev", keys[op]),
                "device_listed": is_listed(member, keys[op]),
            }
            for member, choice, reason, op, at_ms in record.votes
        ],
        "missing": [person(voters, one) for one in record.electorate if one not in voted],
        "epochs": len(charters),
        "rebuilds": [
            {
                "id": to_text("epo", began),
                "confirmed": began in confirmed,
                "epoch": number,
                "after_commit": index,
                "kept": [{"id": to_text("mem", one), "name": name} for one, name in kept],
                "lost": [{"id": to_text("mem", one), "name": name} for one, name in lost],
            }
            for began, number, index, kept, lost in rebuilds
        ],
        "signers": [person(charter, one) for one in signers],
        "committee": len(charter.committee),
        "quorum": charter.quorum,
    }


# --- 8. The command line ------------------------------------------------------------------------


def printable(text):
    """Return `text` without what could steer a terminal: it was written by strangers."""
    joiners = "\u200c\u200d"  # ZWNJ and ZWJ: part of how Persian, for one, is written
    return "".join(
        c if c.isprintable() or c in joiners else "\ufffd" for c in " ".join((text or "").split())
    )


def find_votes(verdict, wanted):
    """Return the counted votes that `wanted` names: an op, a member's name or id, or its start."""
    found = []
    for vote in verdict["votes"]:
        ids = (vote["op"], vote["member"]["id"])
        by_id = len(wanted) > 6 and any(one.startswith(wanted) for one in ids)
        if by_id or vote["member"]["name"] == wanted:
            found.append(vote)
    return found


def show(verdict):
    community, tally, title = verdict["community"], verdict["tally"], verdict["title"]
    names = ", ".join(printable(one["name"]) for one in verdict["signers"])
    head = "GENUINE" if verdict["ok"] else "NOT PROVED, BUT GENUINE IF THE REBUILD IS"
    lines = [
        f"{head}: a decision of {printable(community['name'])}",
        f"  community  {community['id']}",
        f"  proposal   {verdict['proposal']} (number {verdict['number']})",
        f"  title      {'(not in the file)' if title is None else printable(title)}",
        f"  outcome    {verdict['outcome'].upper()}, tier {printable(verdict['tier'])}",
        f"  decided    {verdict['decided_at']}, in commit {verdict['commit']}",
        f"  tally      {tally['yes']} yes, {tally['no']} no, {tally['aside']} aside, "
        f"{tally['missing']} did not vote, of {tally['electorate']}",
    ]
    if verdict["concerned"] is not None:
        name = printable(verdict["concerned"]["name"])
        lines.append(f"  about      the seat of {name}, which does not count")
    for vote in verdict["votes"]:
        note = "" if vote["device_listed"] else ", by a key that no charter in the file lists"
        reason = "" if vote["reason"] is None else f": {printable(vote['reason'])}"
        name = printable(vote["member"]["name"])
        lines.append(f"    {vote['choice']:5}  {name}{reason}  ({vote['op'][:11]}{note})")
    lines += [
        f"  signed by  {names} ({len(verdict['signers'])} of {verdict['committee']} nodes, "
        f"{verdict['quorum']} needed)",
        f"  epochs     {verdict['epochs']}, "
        + ("but for the rebuild " if verdict["rebuilds"] else "")
        + "each proved from the founding charter on",
    ]
    for one in verdict["rebuilds"]:
        kept, lost = (", ".join(printable(s["name"]) for s in one[row]) for row in ("kept", "lost"))
        lines += [
            f"  REBUILD    from commit {one['after_commit']} on this rests on {kept} alone:",
            f"             they went on without {lost}, and without a quorum. Anybody who has",
            "             their keys can make such a file. Ask other members whether it was so,",
            "             and is what they know it by. If it is, check with",
            f"             --rebuild {one['id']}",
        ]
    if verdict["text"] is not None:
        lines.append("  text")
        lines += [f"    {printable(line)}" for line in verdict["text"].splitlines()]
    print("\n".join(lines))


def main(arguments=None):
    sys.stdout.reconfigure(errors="replace")  # names may hold what this terminal cannot show
    parser = argparse.ArgumentParser(description="Verify a p2pnode decision certificate.")
    parser.add_argument("community", metavar="COMMUNITY_ID", help="com_…, known from elsewhere")
    parser.add_argument("file", metavar="FILE", help="the certificate; - reads standard input")
    parser.add_argument("--vote", metavar="OP", help="also say whether this vote was counted")
    parser.add_argument("--member", metavar="NAME", help="also say whether theirs was counted")
    parser.add_argument(
        "--rebuild",
        metavar="EPO",
        action="append",
        default=[],
        help="epo_…, of a rebuild known from elsewhere to be so; may be given again",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    given = parser.parse_args(arguments)
    try:
        community = from_text("com", given.community)
        confirmed = [from_text("epo", one) for one in given.rebuild]
        data = sys.stdin.buffer.read() if given.file == "-" else Path(given.file).read_bytes()
    except (OSError, ValueError) as error:
        parser.error(str(error))
    try:
        verdict = verify(community, data, confirmed)
    except Refused as refused:
        document = {"schema": "p2pnode/verdict/1", "ok": False}
        document.update(code=refused.code, detail=refused.detail)
        line = f"REFUSED: {printable(refused.detail)} [{refused.code}]"
        print(json.dumps(document, sort_keys=True) if given.json else line)
        return 8
    wanted = [one for one in (given.vote, given.member) if one is not None]
    counted = [vote for one in wanted for vote in find_votes(verdict, one)]
    if wanted:
        verdict["counted"] = counted
    if given.json:
        print(json.dumps(verdict, sort_keys=True))
    else:
        show(verdict)
        for vote in counted:
            name = printable(vote["member"]["name"])
            print(f"COUNTED: {name} voted {vote['choice']}, signed as {vote['op']}")
        if wanted and not counted:
            print(f"NOT COUNTED: no vote of {printable(', '.join(wanted))} is in this decision")
    return 8 if not verdict["ok"] or (wanted and not counted) else 0


if __name__ == "__main__":
    sys.exit(main())
