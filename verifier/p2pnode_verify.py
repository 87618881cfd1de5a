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
import re
import sys
import zlib
from datetime import datetime, timezone
from fractions import Fraction
from functools import cache
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


def is_uses(value):
    return is_count(value) and 1 <= value <= 256


def is_name(value):
    return is_text(value) and len(value) <= 80


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


# What passing does by itself, and what it takes for that.
ACTIONS = {
    "none": (),
    "invite": (is_name, is_hash, is_count, is_uses),
    "remove": (is_hash,),
    "set_away": (is_hash, is_flag),
    "rekey": (is_hash, is_hash, is_signature),
    "erase": (is_list,),
    "amend": (is_list,),
}


def check_action(action):
    """Refuse what is no action."""
    kind = action[0] if action and is_text(action[0]) else None
    if kind not in ACTIONS:
        raise Refused("bad_field", f"record: the action {kind!r}")
    _, *said = fields(action, "action", is_text, *ACTIONS[kind])
    if kind == "erase":
        (texts,) = said
        if not all(map(is_hash, texts)) or not 0 < len(set(texts)) == len(texts) <= 64:
            raise Refused("bad_field", "action: 1 to 64 texts to erase, none twice")
    if kind == "amend":
        (changes,) = said
        for change in changes:
            path, value = fields(change, "change", is_text, anything)
            parts = value if is_list(value) else []
            if len(path) > 200 or len(parts) > 2 or any(map(is_list, parts)):
                raise Refused("bad_field", "action: no such change of a charter")
        if not 0 < len(changes) <= 32:
            raise Refused("bad_field", "action: 1 to 32 changes")


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
        if not revisions:
            raise Refused("bad_field", "record: no revision")
        check_action(self.action)
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
        return self.action[1] if self.action[0] == "rekey" else None

    @property
    def affected(self):
        """Return the seat that the decision is about, or None."""
        return self.action[1] if self.action[0] in ("remove", "set_away", "rekey") else None

    @property
    def concerned(self):
        """Return the seat that the decision is about, whose voice does not count, or None.

        Where one objection rejects, nothing is counted, and it may object like anybody.
        """
        seat = self.affected if self.mode == "threshold" else None
        return seat if seat in self.electorate else None

    def counts(self, member, choice):
        """Return whether this vote decides anything: a seat's own no to a new key does."""
        return member != self.concerned or (member == self.new_key_for and choice == "no")

    def count(self):
        """Return how many say yes, no, and stand aside, of how many, and the least yes."""
        said = [vote[1] for vote in self.votes if vote[0] != self.concerned]
        yes, no, aside = (said.count(choice) for choice in ("yes", "no", "aside"))
        counted = len(self.electorate) - (self.concerned is not None)
        return yes, no, aside, counted, 1 if self.affected is None else 2


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
    """Return the texts that came along, by id and length: 16 bytes of salt, then UTF-8."""
    named = [record.title, record.text, *(vote[2] for vote in record.votes)]
    said = {(one[0], one[1]) for one in named if one is not None}
    texts = {}
    for blob in blobs:
        text = digest("text", blob), len(blob) - 16
        if text not in said or text in texts:
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
        return None if reference is None else texts.get((reference[0], reference[1]))

    def is_listed(member, device):
        return any(one.seat_of.get(device) == member for one in charters)

    def person(of, member):
        return {"id": to_text("mem", member), "name": of.names.get(member)}

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
        "action": describe_action(record, person, voters),
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
                "counted": record.counts(member, choice),
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


def describe_action(record, person, voters):
    """Return what passing does by itself."""
    kind, *said = record.action
    found = {"kind": kind}
    if record.affected is not None:
        found["member"] = person(voters, record.affected)
    if kind == "invite":
        name, key, expires_ms, uses = said
        found.update(name=name, invite=to_text("inv", key), uses=uses)
        found["expires_at"] = time_text(expires_ms)
    if kind == "set_away":
        found["away"] = said[1]
    if kind == "rekey":
        found["device"] = to_text("dev", said[1])
    if kind == "erase":
        found["texts"] = [one.hex() for one in said[0]]
    if kind == "amend":
        found["changes"] = {path: setting(value) for path, value in said[0]}
    return found


def setting(value):
    """Return a charter's value for JSON; null: of no kind that a charter has."""
    if isinstance(value, (bool, int, str)):
        return value
    if is_list(value) and len(value) == 2 and all(isinstance(one, int) for one in value):
        return {"num": value[0], "den": value[1]}
    return None


# --- 8. The command line ------------------------------------------------------------------------


def printable(text):
    """Return `text` without what could steer a terminal: it was written by strangers."""
    joiners = "\u200c\u200d"  # ZWNJ and ZWJ: part of how Persian, for one, is written
    return "".join(
        c if c.isprintable() or c in joiners else "\ufffd" for c in " ".join((text or "").split())
    )


def find_votes(verdict, wanted):
    """Return the counted votes that `wanted` names: an op, a member's name or id, or its start.

    A name that is written out counts first, then what a reader could take for it, be it that of
    somebody who did not vote; see section 9. Raises ValueError where two could be meant.
    """
    votes, wanted = verdict["votes"], wanted.strip()
    seats = [vote["member"] for vote in votes] + verdict["missing"]
    if verdict["concerned"] not in [None, *seats]:
        seats.append(verdict["concerned"])
    # Who left and came back has two names here: one when it was asked, one when it was signed.
    names = {one["id"]: {one["name"]} for one in seats}
    for one in verdict["signers"]:
        names.setdefault(one["id"], set()).add(one["name"])
    named = [one for one in seats if wanted in names[one["id"]]]
    named = named or [
        one for one in seats if any(forms(name) & forms(wanted) for name in names[one["id"]])
    ]
    ops, start = [], wanted.lower()
    if len(start) > 6:
        named += [one for one in seats if one["id"].startswith(start) and one not in named]
        ops = [vote for vote in votes if vote["op"].startswith(start)]
    if len(named) + len(ops) > 1:
        ids = [f"{printable(one['name'])} is {one['id'][:16]}" for one in named]
        ids += [f"a vote is {one['op'][:15]}" for one in ops]
        raise ValueError(f"{wanted!r} could mean {len(ids)}: {', '.join(ids[:4])}; give the id")
    meant = [one for one in votes if one in ops or one["member"] in named]
    return [one for one in meant if one["counted"]]


def effect_words(action):
    """Return what passing does by itself, in words; empty for nothing."""
    kind, member = action["kind"], action.get("member")
    who = "" if member is None else f"{printable(member['name'])} ({member['id'][:12]})"
    if kind == "invite":
        uses = "a seat" if action["uses"] == 1 else f"{action['uses']} seats"
        return f"opens {uses} for {printable(action['name'])}, until {action['expires_at']}"
    if kind == "remove":
        return f"takes away the seat of {who}"
    if kind == "set_away":
        return f"puts the node of {who} {'off' if action['away'] else 'back on'} the committee"
    if kind == "rekey":
        return f"gives {who} the device key {action['device']} in place of all others"
    if kind == "erase":
        return f"erases texts at every node, {len(action['texts'])} in number"
    if kind == "amend":
        changes = sorted(action["changes"].items())
        return "; ".join(f"sets {printable(path)} to {plain(value)}" for path, value in changes)
    return ""


def signer_words(verdict, signer):
    """Return a signer's name, and what it was called when the question was put, if otherwise."""
    seats = [vote["member"] for vote in verdict["votes"]] + verdict["missing"]
    seats += [] if verdict["concerned"] is None else [verdict["concerned"]]
    then = [one["name"] for one in seats if one["id"] == signer["id"]]
    name = printable(signer["name"])
    return name if then in ([], [signer["name"]]) else f"{name} (then {printable(then[0])})"


def plain(value):
    """Return a charter's value for people."""
    if isinstance(value, dict):
        return f"{value['num']}/{value['den']}"
    if value is None:
        return "something that no charter can have"
    return {"True": "yes", "False": "no"}.get(str(value), printable(str(value)))


def show(verdict):
    community, tally, title = verdict["community"], verdict["tally"], verdict["title"]
    names = ", ".join(signer_words(verdict, one) for one in verdict["signers"])
    effect = effect_words(verdict["action"])
    head = "GENUINE" if verdict["ok"] else "NOT PROVED, BUT GENUINE IF THE REBUILD IS"
    lines = [
        f"{head}: a decision of {printable(community['name'])}",
        f"  community  {community['id']}",
        f"  proposal   {verdict['proposal']} (number {verdict['number']})",
        f"  title      {'(not in the file)' if title is None else printable(title)}",
        *([f"  effect     {effect}"] if effect else []),
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
        note += "" if vote["counted"] else ", not counted"
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
    try:
        found = [(one, find_votes(verdict, one)) for one in wanted]
    except ValueError as error:
        parser.error(str(error))
    counted, lacking = [], [one for one, votes in found if not votes]  # each for itself
    for _, votes in found:
        counted += [vote for vote in votes if vote not in counted]
    if wanted:
        verdict.update(counted=counted, not_counted=lacking)
    if given.json:
        print(json.dumps(verdict, sort_keys=True))
    else:
        show(verdict)
        for vote in counted:
            name = printable(vote["member"]["name"])
            print(f"COUNTED: {name} voted {vote['choice']}, signed as {vote['op']}")
        for one in lacking:
            said = "" if one.startswith("op_") else "of "
            print(f"NOT COUNTED: no vote {said}{printable(one)} is in this decision")
    return 0 if verdict["ok"] and not lacking else 8


# --- 9. Which names a reader takes for each other -----------------------------------------------
#
# Rule R2.20 of docs/protocol.md, for `--member` alone: nothing that a certificate proves hangs on
# it. Its tables are made of data © Unicode, Inc., used under the Unicode License V3,
# https://www.unicode.org/license.txt. After `unpack` nothing is left to read.


def forms(name):
    """Return the forms of a name; two names that share one look the same to a reader.

    One is what it looks like once its case is folded, one the folded form of what it looks like.
    """
    small = unpack(SMALL)
    bare = "".join(map(decompose, name.translate(str.maketrans("", "", UNSEEN))))
    tables = (small, {**small, **unpack(SHAPE)})
    return {tidy("".join(table.get(one, one) for one in bare)) for table in tables}


UNSEEN = "\u200c\u200d\ufe0e\ufe0f"  # joiners, and what selects the shape of emoji


def decompose(letter):
    """Return the parts of a Korean syllable; the tables have all else."""
    at = ord(letter) - 0xAC00
    if not 0 <= at <= 0xD7A3 - 0xAC00:
        return letter
    last = chr(0x11A7 + at % 28) if at % 28 else ""
    return chr(0x1100 + at // 588) + chr(0x1161 + at % 588 // 28) + last


def tidy(text):
    """Return `text` with marks in order, without dots that nobody sees, with single spaces."""
    classes, done, marks = read_classes(), [], []
    for letter in text:
        if letter in classes:
            marks.append(letter)
        else:
            done += [*sorted(marks, key=classes.get), letter]
            marks = []
    ordered = "".join([*done, *sorted(marks, key=classes.get)])
    dotless = re.sub("([ij][\u0300-\u036f]*?)\u0307", r"\1", ordered)
    return " ".join(word for word in dotless.split(" ") if word)


def ranges(text):
    for item in text.split():
        span, _, value = item.partition("=")
        first, _, last = span.partition("-")
        yield range(int(first, 16), int(last or first, 16) + 1), value


@cache
def read_classes():
    return {chr(code): int(value) for codes, value in ranges(CLASSES) for code in codes}


@cache
def unpack(packed):
    table = {}
    for codes, value in ranges(zlib.decompress(base64.b85decode(packed)).decode()):
        *head, last = [int(one, 16) for one in value.split(".")]
        for step, code in enumerate(codes):  # several have one target, which moves along
            table[chr(code)] = "".join(map(chr, [*head, last + step]))
    return table


CLASSES = (
    "334-338=1 1cd4=1 1ce2-1ce8=1 20d2-20d3=1 20d8-20da=1 20e5-20e6=1 20ea-20eb=1 10a39=1 "
    "16af0-16af4=1 1bc9e=1 1d167-1d169=1 16ff0-16ff1=6 93c=7 9bc=7 a3c=7 abc=7 b3c=7 c3c=7 cbc=7 "
    "1037=7 1b34=7 1be6=7 1c37=7 a9b3=7 110ba=7 11173=7 111ca=7 11236=7 112e9=7 1133b-1133c=7 "
    "11446=7 114c3=7 115c0=7 116b7=7 1183a=7 11943=7 11d42=7 1e94a=7 3099-309a=8 94d=9 9cd=9 "
    "a4d=9 acd=9 b4d=9 bcd=9 c4d=9 ccd=9 d3b-d3c=9 d4d=9 dca=9 e3a=9 eba=9 f84=9 1039-103a=9 "
    "1714-1715=9 1734=9 17d2=9 1a60=9 1b44=9 1baa-1bab=9 1bf2-1bf3=9 2d7f=9 a806=9 a82c=9 a8c4=9 "
    "a953=9 a9c0=9 aaf6=9 abed=9 10a3f=9 11046=9 11070=9 1107f=9 110b9=9 11133-11134=9 111c0=9 "
    "11235=9 112ea=9 1134d=9 113ce-113d0=9 11442=9 114c2=9 115bf=9 1163f=9 116b6=9 1172b=9 "
    "11839=9 1193d-1193e=9 119e0=9 11a34=9 11a47=9 11a99=9 11c3f=9 11d44-11d45=9 11d97=9 "
    "11f41-11f42=9 1612f=9 5b0=10 5b1=11 5b2=12 5b3=13 5b4=14 5b5=15 5b6=16 5b7=17 5b8=18 5c7=18 "
    "5b9-5ba=19 5bb=20 5bc=21 5bd=22 5bf=23 5c1=24 5c2=25 fb1e=26 64b=27 8f0=27 64c=28 8f1=28 "
    "64d=29 8f2=29 618=30 64e=30 619=31 64f=31 61a=32 650=32 651=33 652=34 670=35 711=36 c55=84 "
    "c56=91 e38-e39=103 e48-e4b=107 eb8-eb9=118 ec8-ecb=122 f71=129 f72=130 f7a-f7d=130 f80=130 "
    "f74=132 321-322=202 327-328=202 1dd0=202 1dce=214 31b=216 f39=216 1d165-1d166=216 "
    "1d16e-1d172=216 1dfa=218 302a=218 316-319=220 31c-320=220 323-326=220 329-333=220 "
    "339-33c=220 347-349=220 34d-34e=220 353-356=220 359-35a=220 591=220 596=220 59b=220 "
    "5a2-5a7=220 5aa=220 5c5=220 655-656=220 65c=220 65f=220 6e3=220 6ea=220 6ed=220 731=220 "
    "734=220 737-739=220 73b-73c=220 73e=220 742=220 744=220 746=220 748=220 7f2=220 7fd=220 "
    "859-85b=220 899-89b=220 8cf-8d3=220 8e3=220 8e6=220 8e9=220 8ed-8ef=220 8f6=220 8f9-8fa=220 "
    "952=220 f18-f19=220 f35=220 f37=220 fc6=220 108d=220 193b=220 1a18=220 1a7f=220 "
    "1ab5-1aba=220 1abd=220 1abf-1ac0=220 1ac3-1ac4=220 1aca=220 1add=220 1ae6=220 1b6c=220 "
    "1cd5-1cd9=220 1cdc-1cdf=220 1ced=220 1dc2=220 1dca=220 1dcf=220 1df9=220 1dfd=220 1dff=220 "
    "20e8=220 20ec-20ef=220 a92b-a92d=220 aab4=220 fe27-fe2d=220 101fd=220 102e0=220 10a0d=220 "
    "10a3a=220 10ae6=220 10efa-10efb=220 10efd-10eff=220 10f46-10f47=220 10f4b=220 "
    "10f4d-10f50=220 10f83=220 10f85=220 1d17b-1d182=220 1d18a-1d18b=220 1e4ee=220 1e5ef=220 "
    "1e8d0-1e8d6=220 59a=222 5ad=222 1939=222 302d=222 302e-302f=224 1d16d=226 5ae=228 18a9=228 "
    "1df7-1df8=228 302b=228 300-314=230 33d-344=230 346=230 34a-34c=230 350-352=230 357=230 "
    "35b=230 363-36f=230 483-487=230 592-595=230 597-599=230 59c-5a1=230 5a8-5a9=230 5ab-5ac=230 "
    "5af=230 5c4=230 610-617=230 653-654=230 657-65b=230 65d-65e=230 6d6-6dc=230 6df-6e2=230 "
    "6e4=230 6e7-6e8=230 6eb-6ec=230 730=230 732-733=230 735-736=230 73a=230 73d=230 73f-741=230 "
    "743=230 745=230 747=230 749-74a=230 7eb-7f1=230 7f3=230 816-819=230 81b-823=230 825-827=230 "
    "829-82d=230 897-898=230 89c-89f=230 8ca-8ce=230 8d4-8e1=230 8e4-8e5=230 8e7-8e8=230 "
    "8ea-8ec=230 8f3-8f5=230 8f7-8f8=230 8fb-8ff=230 951=230 953-954=230 9fe=230 f82-f83=230 "
    "f86-f87=230 135d-135f=230 17dd=230 193a=230 1a17=230 1a75-1a7c=230 1ab0-1ab4=230 "
    "1abb-1abc=230 1ac1-1ac2=230 1ac5-1ac9=230 1acb-1adc=230 1ae0-1ae5=230 1ae7-1aea=230 "
    "1b6b=230 1b6d-1b73=230 1cd0-1cd2=230 1cda-1cdb=230 1ce0=230 1cf4=230 1cf8-1cf9=230 "
    "1dc0-1dc1=230 1dc3-1dc9=230 1dcb-1dcc=230 1dd1-1df5=230 1dfb=230 1dfe=230 20d0-20d1=230 "
    "20d4-20d7=230 20db-20dc=230 20e1=230 20e7=230 20e9=230 20f0=230 2cef-2cf1=230 2de0-2dff=230 "
    "a66f=230 a674-a67d=230 a69e-a69f=230 a6f0-a6f1=230 a8e0-a8f1=230 aab0=230 aab2-aab3=230 "
    "aab7-aab8=230 aabe-aabf=230 aac1=230 fe20-fe26=230 fe2e-fe2f=230 10376-1037a=230 10a0f=230 "
    "10a38=230 10ae5=230 10d24-10d27=230 10d69-10d6d=230 10eab-10eac=230 10f48-10f4a=230 "
    "10f4c=230 10f82=230 10f84=230 11100-11102=230 11366-1136c=230 11370-11374=230 1145e=230 "
    "16b30-16b36=230 1d185-1d189=230 1d1aa-1d1ad=230 1d242-1d244=230 1e000-1e006=230 "
    "1e008-1e018=230 1e01b-1e021=230 1e023-1e024=230 1e026-1e02a=230 1e08f=230 1e130-1e136=230 "
    "1e2ae=230 1e2ec-1e2ef=230 1e4ef=230 1e5ee=230 1e6e3=230 1e6e6=230 1e6ee-1e6ef=230 1e6f5=230 "
    "1e944-1e949=230 315=232 31a=232 358=232 1df6=232 302c=232 1e4ec-1e4ed=232 35c=233 35f=233 "
    "362=233 1dfc=233 35d-35e=234 360-361=234 1aeb=234 1dcd=234 345=240 "
)

SMALL = (
    "c-nMbYm($DuiQ#+U^;Bx{HVq7u=l@&n<)wG>hIi$nI;7o#9L4xIrnk-*X17<KfV3B`_~=i`0>Xl+&}*Or12BZe_?#m`4"
    "i?RyWe#EgzH~yAAoe=>z}mz^I-huKFR-jUw&Hr#0nIDTKTx+*B|g}Osd^VhoA2Lb^r11rw8>qe|r4*K7P7><I+#BOt<6"
    "9`=>Jx^6ByITo|8UAMee79LNJn9Y5n#bp8yd$o&kj$p4I>sQiqmsQrvYl;Y3GQVe82$|prlt|~%uO%amoijW9cs~T@AL"
    "cB{6;@yhM&qS@c!%4+VFn9?w6Aa$+_4JC)pBWUnpBWV)UQ&c~@+aeO5gOG!>nAIpvnfIfT@g|kiVzR&rQFTylM(y=WdE"
    "D}&$a9A+Vytrdb@VLUAx|{U2oT_w`<qiwd?KL^>*!gyLP=@yWXx{Z`ZE3YuDTTs<(UB+r8`U-t~6xdb@YM-MilIU1RsI"
    "v3u9py=&~=HFobByQRkNTj}z19#&@o@O+@vS_1SB)OvILEIu$vg(30t$PX+E9bkQ6Q<wq!1BXIpF&~I33<mEF&qE-p@I"
    "224I&BQFe)<Onh5Rf&FeyaFXMUhIHVbst2e#+4{y^}XwLs^5;H8ie?hW0c5LvkMfli=f1ph$rTQo6DXB#GgET+p3EZVI"
    "+V0~ayh{C)6K<l8)Vm?s2D2wUt4KZ^{1Te|zv%+!oNe#$v1Wuc>=i>vxY1g9o{6Nlr+9`Z{U>7J6#sjBDAiN%U6Lzo^j"
    "*U(U#vnL@d!W~0g$zP?U=+v<LV94<2!!Q<l?w_MgEKUZiYf^GfkTHOsuk<WhL=JnaBmn7g&pvGpbU7-G-vc11uj9tY>W"
    ">~0?BO54=fsius*PH64cN71BXI1PMi<C1WID}hFA=<4ZU<e(0y{S2>yXVphSodOaj?GQ+{C4X$ajj)d$*yh006)fi`6^"
    "vH8GDAv#{VH_V4ZRB1jR=mfGWXa7L(Yr{0h2PT~c3G)NXo*XmyZCaDLJ+Lc8FNDOf;Zz8I^YuX1@6TD#6LjJ~%PH_gX^"
    "Rucf*1e5@Hq=3rjLuHGiWeVs!Vq*PH6%qjjmH8;dmgYB{<jToD=S?ZaqFNSMXE81h}hC9i4)hTt!8pm)9gizh;>X$aXC"
    "<pe0Uypblt>&>{779flRvg6!+WSVE1~YY(5Qqk|tb9UUhct(^~apR<9(21X9e1Y+2Rs1t~HXG5JdWYjQP3u6!IZW3ia@"
    "IokKX{TZG{dnMsQ1qkD9s|cqv-7(i9vG!5$!|{&%pZ56J|W_r9i{3hyEShg(%^lnb91>pDbNi#GG__$NB~Y?i><ywA?`"
    "(`FDlEYV3*RIp}LVwRf76PW23oOaEfya-g_mO#{<tjdo6*E(C@Jbk#56i@`d&}2zFm&en=E`mT$5?B$I02WPeCh-xmFh"
    "v_h<m?k{o)f!WCOn{+DX8RfsIAj5#INV#yqwAXTqh70O&5Lh4Bq{=u%DIP933|cnxo4nYU?ECw{kQS3Q{(Wj!0CF4ojg"
    ")QH>Kz}LK4%5{ca|P_+X_cmAJ|O%wQu@2Id<)knqSmqGN_UFn{-R4yaCS#Zc*GVp_0&qG)9OIOiRvoM}D9QJ&aHv*p{s"
    "Aj{ZPfs2O2C@LH0!JMIl3RLVMv2oNeabP5^4KhOpMBg6-$C3U+qKd`LT)j_D-u&s5}L8#nt$eiLRM(Qwd6eA5%jMORAL"
    "3YF(>mWCZ6J%Cm3NAh{S+57o4>TE<5$Xe*Z7ifeI@iBRt443+{3fkBnfSe-H@Qd0ob%^5>2!T1^bc$wHy{c*-`Dor`SH"
    "NH78(b^5HZ0xL_il%%fYY3)j{ZU1$6|8&y@jJyAe|e`GG}-mV8hj2o6GrJEX0}Yd-K2Rt4T0QmjLNkAAJ`E~d3gJIHLd"
    "N;?Q@T!0;<G`PQRUcg-!W0#J#{JO*~0vy&09F_bfpsbbHCH8zcO&yh^J>zH{G3zA4v-BrQOh_`HddQ(|o>fj})Ew7}?6"
    "Pbzu^ceI)&e_R)>>d>NG#He2{}i@xrJ3o7Si_+0HH!MhA81NGHOII2g-}}KA&2ewk9vvWCfJ?O_o1bQJ+l&Ni3kQi5$r"
    "_-nAkyB2z5;DgCYi(L@N5*isox7wdciFIeMO4Pu#34B$wHgN{PJvA(;EM(-3XkTX_x)>bc4s?N;-oVE^`u+WP$)S2pB>"
    "fE0g@zKEeMAyR-?@?+j@sUnar%2S%)X~(i{CaSPMOMDY!s$>Q(~g|bT39RvGHz4I_+8JJP)sb4;)^PnQz6QPm5_zF<P^"
    "+ZY&tlehb|6lowf>>A1&J*gc~dz%cBTiSQXsWemrJpj#Q6{m0Wqws#sb)CQs19p2zITiO*wZ^rwf*LB}}g_wA}b9`l&@"
    "CtO5CNA#S`Py&xxN@#2$*%dwZj~uEVn@8~v$3GvKI1<Btk45zu_mT+){gNv@w|dAX@N))1Ks&A*++#3$a)RBHaEh_TTJ"
    "#txQX1?gd`1G;KX}xW&r%y6qr;6GE|$}ITmX3iX$fYA{Qw1Zk8#qnXJn+=;oR(TzU+fRU!ol&8kyE9m4}dzU9B%g<^=P"
    "rHs>4J*5Q&bW1STFa;<|OkD=&?#i%CISx!~vDUYE!!C#f>#bba%cp)8iCh`#beMe=~yjB|zxj*Ri;HykL9y0&Qrm6j(h"
    "oBFk9~e^vzhl8sHzMW#c#L>IQ0EZu*-<#^>5FV91aMEe9?4RsN0;<1|MM8wexM#&TZd-8Em;t7?D}f+RZ;Ews;GAFiZX"
    "G3RYTWm=vob3tD&!I=&Ks~Q~drEziaWk6~AkdyB2k55qU~WN=rIcNr#qnSV_lIy7825JdHZ$Zd6F@yHO#s`-$4YghBox"
    "t1sTB>|y+p(-C*c=}34+%@zW>GzVrDKT#6QC14nCHy4eGMao0I_Dmo1hrf^%W)6R$S}<pXfb1b0tBdq5x<xi)9)hsCNc"
    "TdiMec<&)j_HkT*$Rjf4A1ytu;n*7Gni-&??fsT0<pRkJ(6^s_~J>jXWTg%GiTE>hpkm>lh3aLG@@fPz2Sg2oOO-ba4G"
    "TWC=&md;;dTOh>l9;mE6v0;SFdr~V5NHA7@*Uk7mk)8T1yZ@`qu$-%N!i2;*KICKMw4i$KQiI|)y5daa>Rr<=R6d+p$t"
    "mHvXE8!%NjD-~;@`sF~b5A(y%7>xaAp>N|fN3XCkSr4}s;2TQ%4l$IY5jm1IMYF;ptP8OrHck9gCV#eeI-zqq?7&yOwA"
    "!6A4rc_8UrN95EzpJTm4O78zSRbBIm*Yagm1?!A*R4Ato4cJbgG3=(X%#%kHi0Ud!&a%-+iCS6ThLtlrA%t&HBv=(UXA"
    "${4haLCY9c8H1KFSQ&$sF=)BMQ=agYCs=vHDnoqwRebtYeEL&d{V8gHirSyz)1RXDr}*@t`07LP-G}1ShvL(Rcv1(Bc}"
    "hpeE%7%b|3Gvl)+g4vkQfUS8To+N7!v9t4Y;U5tbc)3$MtW3Imn6Xx+NBd>>n67=>?vl(SewjWd9R*ezqWTVl`ud3=pj"
    "XCCU67O2U6ILTU0%BL9r9%JB&hzyemeAXSk>QVpg5p~o&F54jdZDg~)j*~nqx4)xr~Eg?Qs|3K7Fr7L4h>lMr1gA4ni="
    "81*x!A+Y=;`A3reOA;bmO$~7Jnjc$Ees9iYwYzyzrlj|VDQrz5BxN64QV$t`nUCSRA~KyL%OtmI^V=4eY}ZS9=QJLwjp"
    "5c+Yqy0N7uy47dmO=3F#wnvFrS*QFso$t21O^^2bU#*ZOfJaOpFs2V4QGpj06HE0)3s`%f5{*RT#^iqayC^upOHg1EeJ"
    "ec|@PT^YubsqW--U}4t_-@?{B)~Q#R=L6mP6);Tyz+k@vh8Z_X>!+VE^8<_Q>B6k$>fTOM=`TF2B8cY;U)rk#-w(#J%l"
    "%M*+^()$69Q@w;`@sTi{NMRP3#{F0}rhhEPEjH&}zYE&?5D3a&QtiJYV=)Tla9?8{Wq{I}i8yK-=+SGPwN%MVzo0@rBV"
    "bZZs+ue4T~OyMB|HCvK(!{%+I~1b}egKauNxfOD$jJ`r1mh($gg5iYi2kp3f<^mtUb4Q_{v^#n72!~(AF1%IS=+JSk*d"
    "TjtHo^+Aoi4?I$#}g@HZH`zUA`f>?I9(k%2#@Df2dSP&6-#h*2*u(X9n!+08y(VeNDDJo#7Y}6mLrzf=)fHo)rc)&#DW"
    "?fzV|ZmM=YR`%yI!mYCimnSVSYsjct^8Wq3_^G4`cmZp0!PG2_P|TjYpEGBPfIMN^?S2LCT&k&IZrB2Q90J`V|g8GZ?v"
    "hly}1NJi&w_JG?#gI)ea#$XDuaISw5i)PI5igLUW`3o4n!=f3nv5#0W6H<*lh=7AiC?sW%9HZ>9qpo!^X;G6FFRdbFEl"
    "Pfhkd5uEtY%{|D{EO<E6Pq$c8ao5lnrdiViFl3VjqTmaO7SG3v|R@M_kO<vBDoSb%Y!fF%8Fx1TX`~3T`k3bB7r*%X+p"
    "l_7B{7M$E3_>YN$JX{0mPOKu|=8TD(<Mu^R0bmTGRU?NVL-y(PTVEI1m=Y@F74-JfQulq3(BTt-Q9_gsB8#8)sCSg4M@"
    "mm3Ch5-i|`uda3B6W};h;j>_<acsJbNW*(hFs$B+TaGldE)Qdp%{+p9RYb%R?VBgZ@}s5HTzHEZ_M5sp5o85g~VTjR~#"
    "Pd-EjDO7}!D&<kXVFrR+g!6ZWE$rby^<!W;S+dr9J<z=<T~P$0pra>S8hGrG%hMuL3CMo8$4JWEQED<4Y0`$HETIblgj"
    "dQM90IdHI!1;%+-DabAr3Gpi(bWyKhjOTSMK;n@B7|&9VDI>4!cZKEn_$IAV!C5d$YIM;G5?mFZ{2aB!%<}bAp!^y+wG"
    "G(wiNzmjfM@xRKQWeO_)>p~b3d2|4F1$O{8iEGBAfWLA^jx|zQwYlm>nrA<{4nKIE`gN1+?<=V;NBU6otfPXRwaZ`K|H"
    "Ld4Q-tMJI0Ifz{u7NAFKv^!e05m(4>OhyEImni!}0xW|W*HPRSb?~=#Z^$uLDJ<!DbT`uV5jl|#M=+At(!6zT%vd)Y&D"
    "4Jl-Oq5F&KNL(Dk5b7R9}r8h0;H*3Z0gjKuCkBb(ltKnY70s3ynE#Jcb0T(U%j=j-tJ%G4@Ze1nkX+AVFFCI_TSt3FE`"
    "wn1rvY&ap$idrzQUW6XK@!PbnD-FS5y4c*T*)EMxhl6Aoc9htpghNe;MKhHK{X;Iy)Gbh|=wOuND|cRLN=aI0gTAoH>T"
    "Dk<}jJS1u0%v17^?3<yTka03EwPcOMQD&V#b5MA_ACZUL9?U$ZK~7hfNg-cTx#mFzW8Iug3S2oU%y(1=Yxez9%55ySpV"
    "F*Y$fihNcfxj&z8(#i-PWa5DNbqDl8(P8c+j_upH1_OyCE;0YJ~!q<4%92DiG-<&x<&(sx-Q;@hLs0==gZiT_&MI!Czb"
    "%D{%L`A=O$a|2zGOvT*R|*fN?2@5!)}rV`8_R>Oc>%x(XQR50?rCh#RQZMhGb$;*BIEApc!;@*1RTX-&w#ira9VVJ2|S"
    "LlKCs}TQuba2l-GU}l#Yt_zJ(HZLze``p<NwL3x%cuGS{`0p=^ocP20lY#UB$jU=6B3_ihon^@7+MM%6Y}ArHMZaM`Xa"
    "nyl%MMAr}D>O6uUyQBM*uZk3CXw|44lD?{zV%SO;sre`<)bSXGQ7%K?Jf=7&q4KjHd+H3m6AuQ35@Y*ZB%zshD~npgnq"
    "nG84JY#8~U!|(vVr(x8QbB0kzt{Vn#(shBcEY=i$D>>sYT3{IimUBwQAoYlmwa$d!yy^=j&99mgI$Fyi35akWPI<L+L1"
    "SWvP&*p4TP0!sts|=+=3l`Raj_|@%?g1{S#4Gb%&fH;<JgGR(tqn9K3`Z1!DCJ|AEyNr1s%5b<EL3?Yv^nh!fitjYv8$"
    "|hqWW4R+{#(6TJzo*VyY`el0MK%0tXwZJ!32Y*9?_{)(?H-ndVZnkm3RbHtEoCu)q>mru4?(61ch-~SqRAxPn;Io5K8E"
    "8M~DY*V;w&-v4^y=Y#mr+KD_xY%D*cbOkcfYMpNY}PMZIR7;sy=f_S?`+sT2%iwvI6@ls3E=Ceq3<>8dkuZBS>J2ydk^"
    "pCckO=Hv`;nkDRP#iRT{h0Q%yhZ)lXWnCMq%?G<2JWZqv|3TA7LmuYBKz5tSFG1S4sPIu>8!RsW(HH@s+G7;kc1-Y{KP"
    ">{6O_&4y{UdX#&ho-jpLh&^psU1%3;m?h<tOU6k<kE;nBW5SdaF<Dk@XBzt+1dslj^!g#!13J22M`!5he%;Bk)~%g7+M"
    "#35-Lcqrw1r?s!}d-6kqX9ox3S(a*1Oet*E;W5a8c*IsCeBAMBP$<dq)h^La)v+QmNn%HP8!~>d3hxS1c$(LwM>9>0rU"
    "_BmJr$IKp66Jk+0Q4PAx%%pak(ruqf4M!1D6z(rEnoOM(clKAc81ST8JFbY#p*o!RSJ5*uETH3MJXdDNOBD4z_tYdZWH"
    "?o6pgzvx#zhN=J%1sHsNW5`8KZcG&e%cr|6AY{b<8;3RlKj9J6^t=D&h!~o`~5%@4b1<s!ykL8VRb*SYZ}<Lss98X=6@"
    "l6L^|is@L90<`>OtE&w(+BaKp$KOR?etoWM`|8Q92-qpLr5GvgSBrFO?_^o*jVDpslz{|)Sw$AMB|l#G+F3>-@b_f_Kh"
    "Dse^p6G_$aZ(t)ZPWUy%CFc#b!8Z#Kh=wb0?|-8+40%G}7?||OU@hIhV<KG$8d7=)=qMRnq>a9!VZ|`gL*EjNh8^fzhB"
    "Y1*gAu_4CiziNa?Awd;wcoI{BNL7jRbZfO%D`(zJ}S<HlEhT6SMg|^6!ics?rtbp`$|m#%E%!pWt|6&StOXj~o+yW1@D"
    "ZCk~1kAAN&eZDODOe5a#no^rKx@@5b?z;?Sgl6(h)R3J%A&$k%p#67@GGUle|z_`(Y@eO8baUqwh>pqf0@aCp}6Z1B>1"
    "TH!T1?xB!Zi9|f#X3%fb8NwDMjDvOmGk*Ku}aJ+TLrN8ORmw^<_TZzXA_e*Ll7Cb<HMvMvLI=^5-Ol&-JRGuPxSOB+P$"
    "LvOl*>;uTS3jRg0N})?2*(`er;VK*pF@`4lrBi?2gq+7OsnH0D6i<P#QDVLgB6Xuw|a1e@5K0>cGMwZjD~70rUKJR8^^"
    "XmrdabD{=j)$h?Q6(cXmD26TUQhFi`tHZpC#>2cfn}drYHPW|+O}>utpNkJtjt;lMz2ROz7dqU94bBB&LEZehPQIKuK_"
    "|HBbGhT^^4##W-^(KnY~ikO{Ng__z7xMG%fKbq-hZxA@Ognd@i~HP`*&4jeIiPoz{vibKUcS8JKxlle;2Ce@_bbTjFEZ"
    ";VoQ2z(x{oM_1~*j;Helpl^e6~oyzZ>2mW869q0o%{NBaEz2WD-{muZt@wu_vxFP1>$Na_rpZn~e`)mkr!0<oef71Upe"
    "_-BHaq;KIfVl(GLJQugg*yzz5Weqt8qUDUF!GCCF=XHyHF;y0-{}80gryro@SX8pCXR-|Cpz@qkxw~*vtot`T|j%oRq+"
    "l(Su%LeC<{8Z*3bC4F|Y49=&g6PGE~H=R)&T$G%Evktar0AG?bxP8PH^RwK9xVSIBF|Pvo}jo(TX$=RD9v9AD?*1}P`A"
    "6aWwV_ykD~VJ!5Nn*(s~5B|jEjj3)Wfj=DJPlD*H_#;s-l9gXxj3%M&A%7|4tTY<mIh~Yy2=r<YK#>7{9^p_%_`~oK+A"
    "sg`4OCO6F^eJD&V-mLHav*HH&7`p#x>woj^&pR_#J+e7sxypSxzgeQ2cH2C|;jG9PRjb9wUC-<W=5-zoAVhuc;;xD|_Z"
    "wZO&qKePy}hfAB<@x7d$+Al=D0a*)GERwxnJ`sE*zfh6}Je7eE6UHFqp^5qm3IQ*$3E6GW6kQ{uZ<w?4g)EPF(H&d8%7"
    "Ri*c-Yt?TpLypi-%7r5e_J;xuff_PPYLZiw38ep(@uGAQbMm?BFX69B$L7tyGSzW&P}qsyh5?am4Nf#e)3uP_9GiEe)~"
    "y!>D!N$=<@ax@@asJWL@MbnYT@zB>RrcqPp=k-u9cHFYd2RO7ZW{yBz-5B&*$@o8-$k?>_GWdjF6sc^{tsvI_0v_9H_+"
    "ecr|Qd6O)!FPmg%^>vX_e80P+6yNu+ZsA!}&)(@JWtL6OW;nw5s*D^gPG$S5BugIrCRx-FHp!xfxJi~Mq(ufvD(_GhFq"
    "BP_jZil!Y_vs6i9+8bOB9{~CP}dffkg=XHnIqjLpSo<C`GtdT}8i0sf|b`&vO+)4uzCt%8^W-Zbxo=QebVwzQ-!d8^<P"
    "DqBs|+-(Gtpv(qGUmCoOA$t%mmnoNF^<SNBYl8ux%Nj4JOH?cNSf5;tWsNW)4Ly3jvTRT1++vJLpPxV_QWs;la$U)E!h"
    "@XX$7J(U&%$sB@<f0{7p>>m!WYYq!(7s9eb||?xm|FZ5`P!sJzIX9iwsJh=;<=pLZ&zY*+mDGBzey%qq&+4{wseUPxf4"
    "j=QSv4wy`tobTz8GL$x3_39i_h-#Y$er_Intg+fO)UZDhAozBkF*sK-OD1nRl{*yXEx$Q{LRKjy)EvLsh%)E==ylaj`B"
    "%};;XQOakLWU|&xvg&HvB&!Z0^4GUR$(8(Ep;baz-nx5sJ2uJCb}DI%^J$%i%D2sHkF}Ir*j-dY<L+i;vZdWYgv<}Qlb"
    "0!tb55&Y(nEXZ4HmHJyg~FmWwh@pqv@1EBnuD=*pI!aGv$76QeJ4gO|ogb-z4+xVJ`&oZQLXqrKhiDqUV37JnyrV>(`R"
    "sb%`PBU$Rdh{7lNh3AA4zht9x!Htu&turMP$^|DGd;+M2E(wBHN^4F9*$|7Zn8Fkm6knKx&8vSbq9^<LWo!<PCug0}W$"
    "^3rERZa8w62a!HJyyQcefu$^`LxWg(;2?}H2L@)k99iJ)2jR1y!@mh<|8L^&6`_Jj1swhzWD2#lp=h~iSv;Y<=g8ax8J"
    "?|B=hUoQP}3!xkxF|<-X+3>yZ<g`4zq-w`)s>`fd6W<gWZBv|Z&(O1tWply<c*vFu`@mEG|r@m%vEx8L<8x?J}rS-ZT?"
    "eFl!-`}`7sZucbs-Tq6|xWkvIamOWUNY}g5CdvJsH!0c`wp^k~v8d9t_cPN-Dt(g@Z)}n+bI(mmIj%)YW#9LEpTZZ7ky"
    ";m=my1LY=J{xcS`-pO0(B_VAQ!1lzUK)yl^wthbk9$ub_C47QE0j3&aE1sK!}P3>X#XOh0GTaQGBo}h{gmg2UNI#xiU!"
    "j#oxV7zHG2BFbR6T>E?Te$V7YoaI5VxH<2;ERFEY5wJz76e71mzn7S9hBtPPhw2X{7Dl$JzH6a}YsKhE@pbG4BzDi(Gc"
    ")^lIn@)>3gR&qSf4Y@-2~IvWP#P=@y7woLzIZ>6E^naH<xkag`@<@K5*8&8^6KG~7X$jH>*TWm;huL1nLm1l#zB|xH|v"
    "j2TzBklv4_Q;j1{R?0<AgeLhh^7=WvWq$4CpJK7u=1Ak#o`F~nlsjBffU4*P-u=gBWth_evp#O-k4FESDmEQER^xD^Jn"
    "kZd81L}5s?kZK{FL}N(T5GQYlPPvXxc7YC(LzrCD)chBDY0`_lrM-AXpO-&QUe4#nh}ZI2YJr9C+fLrahnGh0_)MAbQg"
    "Qb2WGd!=DcjzWK<@+6kZ|mzc`@WNU#m2BGhW;$vJj~>VSzt=n>r9|w=_O=ba1l;WFc~q@Z?o~4&e|k9k9HqFQ2dn@_s%"
    "`!wA^+MB_S2Wn1*d@65mJryS>UdmqR`<~vc=F7{#?a$5+y6lM(~4N0ekFn4Z^!pc8+3lY^Nfgx7Uyk!<;65-W;GN!m{j"
    "!HC5N{J~$E%1sN>r^hk&^65yjFYWK68lzWe@xc5vQ)1mz^ndNB<ylDJ{ymF93Tsk&Y>BJh6?qyQI#bf_Qai%bPr{SbBg"
    "+wLw$`sQ=Ne&P(zJDDPG~tUW4-PRw1vk8Jsea@;QL;P}or@>4#z+rCR9=OJA9IvC>!TT!o#kvU3&dc2#OX6NXrCW3)Dl"
    "&wAl2fl#bos?`8z)KFOi)oP&H0IBRAl<R>s1dD`B@O%rv*^{^bC2A8-Cepk`waG~WI60Yrx5<es7GDAoS%_6f6N1&zta"
    "`gu2lZ?OO3R^H@9$C_!b;CuAy2o?z-1*+U<R^~`y<1C*wi&xc#5Y$8e`aa8bWY94dY_icpBt_5-E^|P}mIAqQM*X5@)j"
    "5l-PhQj#cX9$fBSIq#>8p$YhOBNCUDEtC1-LYh)TPm(|E5FBHyzEW|p<WJjQ224o>tE0eWCp$tevZu{oq!b1rM$U^L!i"
    "?a)tG9U}Fj&-vJDc%5Ch}8iXy}*SH$U>|RZZ-kM8XyVbU3m=&Bv=P`un?;QE{^eF9o*4E&^Qq*4(DH9mlr~(F5a3KlEX"
    "M+ZL~1<^=J!PJcYo52Baz4f)*+A^7=fHg>(yHdOW}dvXE&Zo&>W!y@lKs!ZPvT7Dz+fX(42lhqgc#;w^*<k$6lCWFe9o"
    "*P!SjB3Me^QsTCkxA2K9#8RTFo5*ucAPb2W(nutRGz+nsanudPqfH<Sv6|soe&n$xkcC*y@JEj5Su;*27~bl~s9^S3Of"
    "wk_+WwK_HS(|!NaNZn7Af#Wu3|tMlC%f%;Q;=i2Lfpb&$)Q#{^VVHu8VS+UR*W<4;}+G+(aHsk>r{Yc`RjN<d`Q?B)LB"
    "D`n`o^iRvwkjn0E8C3Fek?R<;OA7<p1zQkkRl~N5g`a~WB8OciJF_4kuj3+=OIcrCr|5z9~<AR{1^jaSM7|Gt*RNUp2{"
    "=mLM?E$A3pZsb0W@gycJ6;nwd3B#6e5BCJf?mzsTSaSL*r%W#G59Huro(+S-*o7@L=-+cv86+&6{_SS&y=5e$sS15bdl"
    "2_p{R>~5@6bGOoJU!e9#Hihr&Ridr8~z-uY^uPUT%sg)w%P3QJa<yqvzsLDDNJndh*>E|PJPQY@aC8cBB8m!d5<ytNLZ"
    "7{M;rsuAq@tr^itbR*bj+c1KYQPTmEx+q~dc@JC)Dyo<0g7?%Xk?3$Zd8L|Lk2I4sM&j#eE_sQILhAg8mxvgZSFBk`Y?"
    "3)xd8JzRfSDDXIj>~Yu)C>43>BK$7c-C9a-&``o+;(tJ{RYcJnUD-Y`<}zd3y7~F6xq0z}pqYry`E{;PXf|XP5pYS@cp"
    "X+^TLwjTg}~2B8Jypo%b^l?wYn(Zw6CC=aVfP^s9^NxyJ;F2h!*;YhIS4V`<-u+?c$uNlvrfGosTry<J7xH^qsA+|aVG"
    "R9*jAPZTulcZ*oH+yuMhY^f6ZOUaumFbMABy7rMBNiU!6fRnY=Qw5F$n(5NGEe^UTev?gJfuOE%EBcx&SeBUa7sq7`<e"
    "*ME6bQ!RtWoK%|=WPXvI7ZiMEXL=JJ_N{l4<7tn%cwQgW$mjK+Dfaj(Q1hK6{0+At9Khh!(&7Rd(>lqFivqB-MiJl<*}"
    "QQeu7o9X~mk9ILJc_Cm*;dmMF<ZZySi>5OEjN5shWMm^*H#tc5O>$N_<|47D#h-JL{E@Buw#i9yERt(d=Z|bgo+R&0qW"
    "XJqi{uYh$cV^G9z^7nh2@1r{5gnjA|@IyDpW(j@L(5zs4fkmBO?@ls59-5x8^5rvdNaxuCblG$Ho)wQA}3@P~0f3C*dd"
    "WxGfESgIYRLkQk`@QA8Kp@ehCad;g@uxBB|!eN_A9ebkCbO(Kz*ra#1wR^ZLU>*Fd^;by<fj~?jHI}4Q1MxP{k2jG@a{"
    "jGjbeGJd2#<b=i)7u*_Kt3NMr<~R(EsRNxD*T@69}e*u@)`<&8BD!_e-2)3K1Dm6-p%0UHa^V<kay1n^6r*EdEuQl(OE"
    "dp(>#JagjGC5(cW~ZstIW<i;_9_p%Syn^@|;RIx4-Sn?;2aK#@oN0DNeBN*q;n03eE;;hJ(X!b{d@R5)_+@(dKNQw50A"
    "d-@j9jyQca#m^_N#i=`#Z}ea(p%;C*C$Gv0SAnTgvSO-yzru8=fQnpDu>kw#q!t?S5UnxtT~@9_;rCU!3eC6*rV8rh6*"
    "{fspc)(})rqpC@z}h^bE{LFQM>WPSka1)=rc1)7Zw$LN%@bN-bMKqZB*=GyqzZ{pvq8*&UfXG)flIoq)pL4K=(GeZ;H}"
    "v)=fG^Sqp$XpoHtSk`j4HQCmADO(<z+pQ$KEsjg(&N=9^{NF(w+ToSETCvWtb<|-kxYC=<NPx}S4)9-*Fda4wwf>On%!"
    "%?t2G$-g=%O$V>J$Q=VNyVyWNAXR?kw$R-AoFEt@i325ix>d40<kvg(BVUEnA|2!?DV%DXi&GcIQ3zQD#Q~WtT8GgXVO"
    "#?Ahp8BLyI{(Ii4+<n_pop8JoA&r4bC6ovlbPIFpua<E0Y}<kYk6NxhlUkd${X`<@5R(tG;3Rd~+stP!b8$FG<{m2&dZ"
    "qZ~5Np3otvG?U`wq;f6!xSHE+r1!3KK_5$*7%(+_a4hvpXT^zmZ=DTKQ9VPMcv6qmyax3@>T7@Y;>)xTDt7yzi&r5Z90"
    "YUDyQqP1<D@hGNt|D}m>LFEeR!FA>xWk5teSRzVO7tnY0no{J=dD{{b18{&8E3b)wN=$coO>;Hbsg-bvs^5<@Ki1LreP"
    "k4{h23C9V3xssr0g8vTWbsSq^XmAtL@Me7)rvQv}c!b>BzXyZIzSkLt}j(=g*iY;|zYOxioc0B6oy-YE-;-YcL1JxXEt"
    "iJ?s5xiV~VH@%+lc~p6e7#j@fxf?KYP0DJpD*lG^)-2<#_WxQU};+_yV*GDAeA`zg^S^(tF->1P4}*((O=lqX|wH2ZKC"
    "39jdo@8{vyM%NmhC|ze%@e3bGdbH)*Q2C1!kKQ?@N}@(ZgnQsFk#7dDOC<aVjt7W~pdDe>kX`g&;gfTe<a(Mu2a8VO4o"
    "_om%LGrj2l(5j1AaeU#Vm}QOmg-t`Z;QGQ%6)Ca~xZ-YXx)xW<#`%Z7beWSp?*}i9-AsF_>=tZV8ku(TFC0uU_=*?*(8"
    "<((FFOCBO`Yk^r~aW;v8m$z!m6EFd6+MJ>B=l+xgSi;-fLE)-pY+lw>Rr#Dfbqvy3S<O=J>*@lvTgYFT6C8TRZ0ZhhDn"
    "Lt^efyhaRfzh-ILVu<<2W%0|WC3ztJxj+3WyzOYlwJRwIs*tC^1uM%H4DQ2CP{K7@B=2c%9<yf;Q)pc$>6ib@(g-xf6#"
    "JL}A$~`H_Uev3!vD0;$c~P~}#;TK6+OozMHcJMARYAPuTa|yFeO$F_zJf(Pu@e^h)4d@`CDFTlnca``YPRMJK3~{${8V"
    "E9!e#-)6zyLv{-M)Dv!z=8Lzjn^^y(kFJ+$!A|IovDw3=-5554qsFMjTCx*rcse){=`b`MQ{y8lCmhbBKg{-M*u539Q8"
    "KeWjT61Tpv*~^eT`U|V9plQz+zD&3CD%br@kK>_Pu5tdM-9s~<;s4O#p_$)^f9PbqTfL9`hc<=Nl2(0T)!-;)9{q())w"
    "kgJ!nQ)mxA%jmtxT)DOa1z$-9xjy%e2m>!$V7Y@eiFIntaUshc3pWm3P)ZbTh^Li=Y079uF=2%s=$?(8ACCO<%`Dlb`G"
    "SL%U5&Jzo9~tuw#k_`;@+Tk^;+TulAH@qg7nbbDy>fAv4~cxXv){-Ljj7C!E8`aU)-eBS3D+B9V`ucazWuv#S0IPrzef"
    "(7%w^9!2|3yD)-7@NS0KT}-140Z7w>AH1?e~D2b>YdlQg+Hy`wtwP}X}76wKfURWHy!S0Saf*8sS@5y1f5~g=?Ry#^Aj"
    "#~dF5MQ`L;j#_CNWKKl#o-`CfnWy}$D{9bcBSDf+U!vDaE*mK%0lD}4EccO2$;#&;a?DPMWiuRPlS<k9~pkMTcw%)fbT"
    "74epfJ0F_)IQI&-be(_2S$^R=o}?YW<B4DTjwgBM?|9-@{_s`*@YVi<ul^r=jsM_l{s&*zfADqxFJETqNO%%cN5+rZJ9"
    ">Cgt49wXK0M*fk9)ay{@l;K^Y-}(7rMOit*?CBpM3kDe8-=B=bwD9Kl$F@`39S71=~E!e1pxgE8k#q?8-NUC!G0&_=F2"
    "xUg_3Xy6sQ8{ZG2%PrCCv-Dq<q(~UMyGTrFR-_nWR!WJE#a7iaV;X<b;T++@@xX|^LSO1gt{FB!G{cSo_TeC1N=cB82l"
    "UpH{6gFlSx;(-whFI{3uNdNyUNIzx{E8tS<(+?h=imP3-~Z-6{^mdb=70Uo|NfJI-WK?Pw+%kvHIHhDf0TEFdgdDqjc;"
    "w<Cm+409hR4B?~@N+&2Zky2d}0(8@Mf_c;~%#ZsKp{(}20vYM*ymD<0MToqQE*3xtyIb<e!sOP_hYS3mQ5FM#ItUIWeR"
    "y$qUH`R1p7^V9y9pZ>r6jQ{0l{x3h*|MGMH4?p$2vY6L<aWSvI>x+5+U1H4p?<!;7e-|3_{=3$g_uu8lyvzUcTmP5e_T"
    "T*W|K@l6H^1}0`Mv&|-}^uLZF|-*dQTiif6X1{_ceW(-`5OceqWP_`F+hJ=Jz#~m|ywBSN+3R`wzbQfABT_gRl7?d|m&"
    "+*ZseI?cFc&W3=*KyI#vyH@ymNzq`n^Oo0O1)_$d3UTN1?+U=RydVglNKAud}^oGp6+}MiW{rF)sYgRgd&&Lvk(C#$}Y"
    "I0)_93@}Vq-8jsQK5<C7j03>d*U7SJ@JnAJ@JnIJ@Jn5&A=+&ihez`M86-J+`O!c-SgbWDDUZ>b9AON{nxoVbp<SQmiN"
    "q0n9${wW__jEo;70jXN@pxD0_{Y*F#JA{m@MRI<|GQ`#QH-!uxVx7Rc_)e_1oTFSAxBX*}lY?zImU|Cd2Dq01|;`pWCI"
    "eqFEii+j(V?tHqB#Jk>xML^$jx#_;$TJy9GZ=E$1hqVM6ZL@+fcjrY|;A^qHUyJSCUW@A8UyJHJURlj$0tI+A0d0dFV("
    "R9=rb}ICt~Xa7-x9@*l4-dG%#xJ%#A;dRIIFo-=TEmAJ(gJ;s+HLA-q7(<5#2z|m2e~6Uxi7bQCTDU<A3z$I#D9=UkY>"
    ");*=5Zcb49C@fsB^LV6<PuLxBP3mv|RWub#c5YAsmdu#q$_Nd)Kvskor7OWC^D?w;9DVj}SA(Ss^@ANd^i@Ipt0Rj7^u"
    "@*EsJM)VVH_8yz<jMzBI1$B%zrqGF+9r>n;EEAhxZxlER6ZMm+jxNvZdVp5nu$9Zi3;3FaIvJ#H%qCg9iyW-M50b+F$i"
    "ZV6-%jDN`)yEOR0+83Aj8xq$`&u;HoX8qXxCkbx`^ckA$x&TrlZc?B)evRhA$+WY$dWj3*W!-O+fp2z7SxBP_*DJmbE+"
    "z=WHmrO~N9TkUQgt(zrdIUENq+kKV~%Vg*)79Xyx47v=1%-ZDpu1GLU2`?3KVu%F#aW<TtChla>q`qEH>NF|~Ma`jf{i"
    "h!mA@WykMyGW<weig8kyJLzWz+-`Snss)%r9xQ?r8s<Sa;4OhSaFobr$zB_g=;?oS1a3bWd}gG_+W97B@<*i{a)=`8g}"
    "{ppNx}#1NBS)afCvlb^+`&8V#-2ih%^w49i;-C_Kpg04(`1X*s%I%?R^5Kbpz3$RIV5VOi^F&ub+3m!p8u9tK!v87Dc9"
    "|-iP5wwXGn5FltH;EBtCha3*mQS24jaTz-Vj!8iY=7BBX(O4Jpd9sAWC^~^y)A&3>>7PA{#&^C5q9=1+-wuxu}k+M@u-"
    "27F8a9GKo+8qu$<$u%+j+3<GCmab4KBB5EF=g1+za;!>D_xxWZTmqICPA^0Id?RN>|NP1W@sdFLz>AF8h~mXM0M{X@+a"
    "Qz)7QdZ=5!qp3#gZ%Kp_g=*t^Q6iCKW|zd^i4!Zw$wHGtqw=QALqrs5H2yv+uKW(Cp<SU-Lwk6_Y(*=_GV<1aCt8v;PV"
    ">WQ{^B%0oMz)RKb+<-PV-+*^TTO2PV>WQ{^B$nr<|eBY@FtY)1vp!992gcsPf9yx&rUqr@`9i!>T0R6SFA(96B{p?*aZ"
    "eqj&}BtidR`XWu!>cpLKO`(3~b2~CbeK4wiac=)6q`&@xTAO|xg*K@9nhFm0CNe?l(YT5FcuUy`Dv`~7Mi-6{suN9u;e"
    "W;`PQT!>(dywjj;=OyYKwF|RB%R4Mv>i$fxneH!l$+v?mP6y9n`QN-&Co6%R}nMB9;nX3&gq0mo1bRz+&R;yFWx2@tq?"
    "I4;ArZT*QOl}ebRU$EqsbWMcVcR_%&iKVtJru9EBc7v4=)IH@W?i2mlU~mz!2D%v6*XXq_{!YNH6^f?rf76&J;t467z1"
    "AL3d{n0XY-j~$NoG=*l4)YL!K$SRF$`e|lTIp~2oRr6&wv80Oujz8z3yii1xU-_8H(UK;WCX;t+<#%C!dr2I{w?q=0St"
    "BVd>Lj&FMe~6!uWm(a6fUpw^Wvf7<p8Bve*XL|6fY_}`N3Q$rkPj2D*7^%$jd8FqM%PaEk@MWpGGmCvhpd+r>uN93J=!"
    "=rgfhVm<D&mb3UFlbiqCkS*GzN9T59_TczW@K_s;(-fnDlQS3x*m0(C8V%v^WJLhoLIr;9KNpl3J$@Umg2LQEPBpOV0V"
    "!-ZKJm-3k>}V)cnowJj*PGdj8g@x_uEx8hI#;t^>=Jc#iHlugO+OBMFbtDTbyBPOE*8G8X6H`K_0<4!3z3qryW}Z@{G)"
    "ALGYSTD^Bq4%6FEDGxY6J}7W{!!<7rndb3CiPOBTwrx65ScNHnRTMGXpGhFRGaUEgDAi+Z~PnB_e3qFBz678T@c#ZgQg"
    "02CRy>dE&VVs)2>D<m08@Sf(wtbce}gy;s5$7nNCq$wKBlp#mna<-!frOceIU^`V(qKT+Z+nMrC$9YqLLv%0H+(vPuw$"
    "Zf^Pgy*>71bM{LN6ju#7d$$MxU6+MO&-ov<(mS12|e2bkq<aO~FlTVvpi$@;H8@*cKK8E^yC(j*qZe06xGr(TLBlZE6l"
    "?rB@>8^*m3gxAOv_80;16!bv0*3Oh8)Mwkgj3{ykKYGj3Gj;W{0X>Ocx3TJ;O0W^U8OL<GEB$PKQ3l)qiLPevhP|2t!R"
    "5q#$Rg4-!Rimcm&NW{=F7wzN-R7~F;#8*|#usNh^)S{j;hBeVM=3)+jKQ)By?88fc^I1|Ef3?gWUHCQX_0%DT+f2+Dh)"
    "P~ECqHEP6ZB;Fa<)`Oa@ib6o~bqD8#Olc?vu~Ry9I7Tc?%sAFC9hY-u+teylo#(u<;&f7Pp^#zNK0qQ*tltD=h$y(qeP"
    "=^rb+P|}Lr3bHDywxTsq)h4vosoH+lG))`N+NEjBS)(*<HfxclZD!5Uw85+`nzmLmN}H-1mEZljNiWr{w0cNK-IR3HWG"
    "&jHqvpdXDPp!FwrL3|B}L3u#3n_|R>Uqv%vQuMMa)*jE=9~%#4bh5Rz$h}{+q3cU5c2kh#i|QTFK)aM+<o-K8NAyuLmA"
    "sV&_N;auR8d9ce=L7Q<~M_?Q&KK8nI|9*jj%ORb2)I7K5q!p0x^QE^Q?iKrD~Ffi*uQOvZ%1y|$+iq?EE3zCs5U$a&M+"
    "U2Z?i0>FEB*b>C4_G_?qCxbo8dMx##B$Lj;=7^FPkGbd(4_p)nFS|lN8vv5nW3!xakP!Ph{KUmyXOoXxu(-<6Ht;cTCx"
    "(UCCT%nhH9gksq^4#J51XghXTNdFO0{NF30Ml1t|VTLbK}BSO`e->(s#^*{38=Wn%f|dm6@K?L8jymuaJuQ3XF%ZtSFK"
    "d`3*Gi{wc6mJ_?29Rm4Kg@IfyJ6&wpun1)gb{=JA409)R{@h}S-I>^xAqipaQ5i6grRn1)(Ld@=*-Y@gC`Gn>k(;ZUL_"
    "sSl*#2AxjkI^!@l`j}O<wj;zq+NO(GKj5FfOF4)O2a+B5w_~$dnr8)UR^P_&|H`eETu3n_2bMbXAO+u|_KO)_VDbdTYH"
    "$!Rr*=y*$jQv~N}`)8;8P2G7aUuzE)+UZsulTaP;{?G(|>{9PriQLtiXXjEvRA})<`KrqTg7-;RFa9(I~{)i+KLuo$#8"
    "1FrhnVqMqSdl+zF~bDQMjfzH_~xAM=>&Vlj@b5kOoAewUhx7>g8f09iFu?+qRJ-flt@jmesD_*HS}Y<!3#V&1}YH`ZO@"
    "yC(%;EsdERhY%p@Bk>`57rr84=Cg{Pc04JL(3@i)Uu#AzC@I3qisyhDwXj8fZLkjLWeh>gbQ+cc@V(OSH0``IXs2mcCt"
    "l`PK2k>0QI4}aK;I5Nk98E<gEIan>UMu0yjk%~GLkp^$F>vJsNpf}_Tab|2mm8cQX${M@;po}FcU9Y!J+~dnrJvX?Ci;"
    "loip_V72&3Eoj22VYhoLuszdx1|1GCVJrN2Q}M@uH@T9bc0g2yzz5$E51=DQU?>#kK-`Ji3rt;s)poj8%X#H@f7(8o+I"
    "!9_uL<@cF{>AkWbNgStT;Yy!julDxSB$S4wx-6~b(K_@_y*Iod90dOSDa{gB!cGKKYYwvEDxp#nb0Vg{G8h21vUXsF%<"
    "|ch=>-ZFQp&|#HgI2J_ZSuqnpf51w!5{z@#34T#3w49)YQ`Ag)J+KA)vmJ%d0D%0Sewbw;{%hO3=CPn6j3=_m$aHp&7*"
    "g7#k?onY3{|CtPAXPJ=bE|r!c_&HCSqDh&cH<CqV^C<}ezsP?tFh_gDzMxZT{bKA8(#TDOoM#GQw{?gKa%a8#h?_$*jm"
    "uIU`pW3pFHaz2^kWDb)*obeX}z6+KopFndXmT(eXhcyRx)e2a`izU2*7^-(PogqI>46Z@Ri5G|F#Twz(8LJTxtyGSiU&"
    "<^l+bh1^U0ck_AHsrwLIq`xPj{7WdQ8VRxe~h&m)G8#uWjWNPM*>-;Yh=}bc2Xcd@UP=HZg*4UnvmrrK`v?Qx?aIaXD{"
    "H_6m7=Nb?JhHWy_2pL{XRiHMI8&&E2W{RPj#F>gqIlfSC6<MU0OQ$xCr@8s5O&3AHHUr9N>Z_^o;uiNyvhi}^;O>)}f("
    ">A9vCSSHW=OrdL>6|V3s?E^?s*`tYTp;*hjpEWJ>TBpau|etNH5$hrpO|So^Wm5->3k<fiH#4$xH$09N}vh~$0sX+>M0"
    "x_sf4SGAKK4x{o{iZAGucYSxKZ0NXJJdaY*4Xa{)0P=BhYv@q-+C@mCi<Ac;5Igil7|Jy;+r)-AV$QmI!U<J{*&DL8NK"
    "#7n+Fal59%r_+Nx^LfZP8Op~YL%!hCkipZ-OJ*nb3_c6VjzSn8fP~A5AAhoIk_tqon`;H1YhdD*cxW(mS|Hljz9Y+l8O"
    "P%F`YDIh24;>ThYNi2P+XQT?u9U0EOdTK;yDGMHk862XZWb0RQVP&N2&ZdiVqn|9V`*%iqe~eA~!zkc6^dhZvGg@2MOh"
    "t_QQm+(EX`N;$g0+*fJAQcjtNhnr7prl-KbELX8~We0u=I%rSw~c!^)yNfijdQfSC-HDAmKQ%NmZlJ7u+#hO_8`AndeD"
    "I|C)6iE3LpjH_im`7@p_P{(+yB8E`yG;->Lh}$Iqf7b*ZC1y^`nw>9-!fD%7*pra<E8w13*)?w-zeAfB0eNWesQxuOYP"
    "pCeu#JPO%*S|>sb=7zen-$GDq{eJ9>X5V((`y@`^i<#L7Ty6<%w{*l0wRrlaNC29)HBPSlA85CuVAV2>xaTD-a*`GVT<"
    "(t12uPrR-k&zs+#)GK<3AJuR2;E&hSqho*Mwe;vuiAQCeCpqA64KhXEXQn}plc>-}2YEihpHK2F)pZIlC;0R1HN1izWo"
    "hNra|~=xbZvA~`6<gr<JN}2UuEy-)pH<n00}u(;fhADD^~<wF30wgsn7s6wR<>TB*(r{5cumi^W_g2<B*h_%^tic9*2~"
    "OMzRO@V!RZNtt87vgV~ewFfV||$qg#6ePh01DCR*RenCsx7v(fw_SQLw*Svw48;xpTcOXhc@&)*#$r#7$-0`N+&dc0U`"
    "W~-x$2&<L;O~~Q`N5e?5Pvb|)Gt@I9oJ;JtWCWEPOfQ3>0!L29XXlH741mrQ7&i4Du_>;nuPLE6Xlbe4{oFM68^9orM$"
    "eJoo?~NY?&orUd_(Zt9dEAI|&^eFRTMz#O_(r<6O!;{4HuI2KnQ!!+kPe{xaO9cI8)LX&L!B_>@qdWC{23WLEk(uU<R;"
    "$|aYswdC?x)=TKtU%eFZ!;ep91IsH9W@Ws|bJ-|g@E8BazRM@FzDRB~i^aKsm$7r;Xy;Ar95^NM8g|AoBjOb<>8IRGM9"
    "EEbR&Wc#tJXOd<{`#qx%=eh>YTEqQi&!J_)CpFg1_vhF6r@k=p}xX3#Ep*{m7T30{$}BJ6@K~v}@^jRXW#B4*0~C#wr~"
    "zN#{n%n-`>Wle*_oL6gzVpLS)p!Yk2Of#h58cT1h}=UiDo<udeLBoD4$JW=OGXsk*SI*C|A8LQI4LlsPvKs=u2wdiul2"
    "q-64FXoHYznn7SvHAlsW$bmzDJ6m&0L1jL-ziQ~E*Xf@1+O&&NqShRoQzfMe2SBi2YI209LcN8Sop{(_C6&^&w&h43S|"
    "i1PX=PjkRh-_GGFX{ur4w^NE28q`9<Zb$^9y?8kZ*XB(^_gP$=Ss;xYp33UWoEg*wM;!(|8ukShxIIYi)Zauw#i;4-tM"
    "0{*6q3T%bSCG#_+j&cpw2BeO1%Ulep11m1SfYecF9Le!2Z#^pO9#Tg=c~rt{yY(F81^Xf(mJRYpJ*ULW|GhHvc5aO_MP"
    "jRjRapFJAyTGm2rEF6{GgRc77Jnv)@VtT*4ZK}3<6BeGVE!eGRyQ2QKn|;a1dosudE1covL<QY@8sCFcs{ZYT*G3FVtc"
    "|moG9A8yVZCT4fo77z89KgTE>R7F(#=^jn%@oq}kHRlfy)-Lb+tt%=HXIA~#&KcVpQtcnG^Hd{MIP~MiULnb^3N%hKtB"
    "9VNXC^U#4_!Ci;S7RYQutY-y36>Jut$Ind({Su1Lycx*`BKjD25h}~-pRYKRVRH4Q@2c@6sB&O$RJEr%&|m{;s|-B^mK"
    "D;eN%e6xqYX3tcqUp<7o#AYXHHz9SE4YJ%L;P;g6l+dATEbV6FfP2;emWAsPv8kulHtgG!%|N-)JlnU{NqOpezJ^?R;d"
    "lmUP$KIWq3LjW20agaBSOd`<WHGd5^@?NaOL(mGKso^7@o8)0%^qZu<yBIe~#bmqyXC(Jfv2Kza#LWSJ)j#6qfcvr|-k"
    "W5;Y3G~79&*?u4RVO`5hW|hvdAp<I(Jg}Tx26fg?ysDK?B1gC6MLGyF58BQUaMvesXDxlt8i6z6+P<A{khjN!aXG-CF{"
    "5z2T|8LkS6B-PBz-m8Ri~yy$0WlU<wVeMH%zd0s&jNyziop-7FM_YH|w8az@t+D?*ZDo5LOMAeE%-_^}?l%wxv?yQ!+t"
    "EID<`)=mW;`H6jG=+Qgoo{Ep{mJ)MS<xRD`cZ6DYrr4}V{<Ur;A1!VU`vc$gTv%opekqwbQRWtE*%=<R$<&9^ANP6Vn7"
    "?oIu$*Qb9ajw7Ab)&|J<z3yhsTw(hrEfJIMU%AXLb9%qRD`NCsXeePcaf#%&jrhYQEGn~7G^k9&8Sn;G7_&UkP8xOW+D"
    "(QpZuEpYD^pjCCYtyUnfNy-Mso6)a>$h~a6c(eCq7Dc?7`f^0^W$VS8fiJW5;?2O9Cn_&fbKY!wMWXgH{o-F{y^ch3yi"
    "C7%weq!0zj$7jd`!Q1HTtzozj(PhxlO--JpXyK{Kb@me;K>;X7nqsl-1~$p!Bi?12Quewem%>zKr65Yz)2BFpO6dUWvT"
    "K<7F7jt1+*{iV!<q%h--rJ6?(P62r?_mgk*Iv25hkw%0Oh<khxUB5PvSYZ=h;r-<EO2DH4I`dS9GKz6Vz2ENiHIbZg)y"
    "xR8qvZv*F-SQFRJ+EBSgc6bcO6gCTwwGls&r6pJ#h2*~uhzhp4IIx4myZn`ug1Za4IIxamw(LKcr_Td?AUlU81`j+#;d"
    "`wWk3exd|8a~yqWpfgz;)lY}thIYEEp~fAMNbY*~2mys!D#zVp1W`Ir*)ytMhpcA)14&Of#Ty&4-^_W!&Z8(Rkdyc!!@"
    "hGD!K8~d{G=hfoaE06xN@aNUy*ekdBG8W_2;@C3A=hfnv6jh9kEyFNg?TiIRDeh$n#;bL)WeLWsb+Kjo#jAC(b58|gSW"
    "K$@WmAk?Et_KRVW5V^<|f<AwwG6%VqdnsyxJ67#=N|m6RRA9Vo9v-9$Ve&r`6j!K|^5Sk`iGf5qYiN)BIPUHC<23U-*{"
    "eL+pJ?*{IDXdKOEpd`Ypyz}G2=SDOxw!AcV?PW-M<%%0UG*PS|3p2y;4o@<ay73XL+N#<s%FXpkVr+p(ij`B2Zq>>tK6"
    "v<Jor+FgfL+-j39Vkxd(`aY3Guj*NjgCeKqm$9m=xlT{x*DC0?nW1*htbvO%jjnGZFE=qT>K8BPot;Ni~nnvPo_5Yymu"
    "iV&-2(NeR-a{xGzt)%lz{6yWlU+uuK2)jJpb6o@v*^%QNrFczKpxBQMXotL5d{cHO)@`>vpu=XmFCRe#PmpLGYvSNAxt"
    "zj03YO2SE<$^@^pR3`_L(N5{rJDgM^2bIx5!)q{FsxES{E1m3n>z$%5_E)4drHh8g6<?}}`yHe8#!x<r(ROEOf3Fv#hF"
    "|&X)u`-Nd?`Nn=tfJ&;>oAd-Y!U8Hd?%1kt(hkZI`50`MusDs^03)OZj6sjDN59h+JOrrTk?y%im}HewEit`6Dl?DqXc"
    "cE~_u!H2rMt;idesCmYRPZ%w5gU&<fuW94^g{=-JQ*Yf*l`31c_RabijZU1|X)*$8Q36jxX>D%&yoE0PYzb^3jH4mbs$"
    "Dp29$a60YrIv`}S6=v#I(fN`Q=a2)lve}@<(8!Pgz`Ye2f`>&K9i>@J`rYt%!FH1$19g!uA4hvx%6_|-2Vz^u@h=;@(@"
    "LHn*t@bOQ7U-3uJC03~?ED38JPGTc})yUGgNONxV)4ALf}d1C}u9QYAS}dUR=9E~7l>(zaYCq>3kgliNg}lG`4gl3P4c"
    "a$D+Ea$C4nGJW=}MKXW(d__{&y*F7udyXR6K6`c|**|+;A~~L<9%F)PArqn7{;dd|e0TB4kuGm*b%~Wz*4oL-^tz5a`3"
    "X}h7Ltjs<Ge`E$%cqO2UE^<Mb>sUB<)Pd&XAYtIjIm;J3evL$iRbjpsq*VKtqqefu<g|16_Kk2V_5&c*iRoJg5gcKb#("
    "jsQ6d-;|oPh2}Hbve=uKa)Z>qZ-pL_mV|vu4SA{Fc9vt*Uyg)ITFP|$$>C%ur<fj&(@u`PYCuNUQ^X1PunH`fqosNs&w"
    "u7gA<d5$gZ*G_z4cVRCAUf*Q>y*x%957H0a(X43yvUEJ(qmiZp##Skk01OkU$FkXgtkxYmHhEY0#gu?9HL7+K1Dbr-|N"
    "E(hv?>3o~7(^G{9EnjSsJbm`4;|2Qlv>dL6_(sqi|8dE+DKAm)KZ&_PU<`auVAmj`Jwh<g<%nKgl|jV_mhHMb#9a+?Ar"
    "w@aYpcJtP-<Tm6+xAm5xvy~CT^CG-3WklfTi-^2-yokh$$BW<(<eMnGe7p#|lfG%Yn7(PdoxW*4+We&m?S?4p<IO3dL|"
    "tEIp~tQ7Pie!&JCRTuD^4U-9yB>oN8cD1vZ@|AIXNq7>?O1iD2Gq-s^e(vFLGGYSWR+J(%I&6P}12Baz@f6l`e-$L~?+"
    "{I+jBc%~wy6h}HoT-+}PNi0G8VA|g3OB7c{+BO=F(E5{&zS6s8jl`z|0a;PMv+&6?<*OValKPC%*bvf-J8g|md2O>PZA"
    "-a$dU*sQ?BbsmVkBgkhL5_@$J2DE3EQ9ZEcGlzW&VWl!ct}#7zXC1OfhT`x_5ZFzDxDCuOkVB<^RdoxF;EYqP6oIYaEo"
    "fqVxO`d{o!}ukWcBShlnc0*;o5q&>wmUWCaY#BCR7Tz6d%v?vau7hF?1flmv|1om5#-7@#MUx0Izy|5<r-iQKlIaC*>B"
    "k2Zgep{vnvA97yIclcdFQv+Dl5_#u#J;$OeREu!G0*n{7sXveB<n;G-r0UP}6|m}$d7N$qNO_;kPyhNt+HN0#?kGW{Xd"
    "m&SBf-e0Wmb8mUe5Ft<vPFWUK;t#-%;+bx;o3}|4F(2SHMbHYVB+*igZLf_tiF9Md%u3RW`pJlL2ELI*Xq){5jXjv!us"
    "ii~a5LlX&aY)StH=OIwF9E)c*wy?S14z4oggxpN&~U+sT;ymRaL`swk`zx=Gy<f_BF?N$j~e2%JrbxQL*WL-mHGnqf{i"
    "ljvh6qomEK~%j9{j`y5dRlE|<z(kw|9npl|I6g~pBVb(e2&6*-R$1tu6_9ZYx6~~U;T+zs9rI4#q(PJ<Ifo$t@IqM?`U"
    "oxpr3z+?rH|_cNG6M^ZD?c#p`F*m@V(*<BD?a3CgE^7=N!p_e_F5e_nGX*BS52<7H!;%Ypa%kpJ2Z;oJN3XBPAQ%YXd7"
    "em3!bJiiuL31waL{`qO(_nCZG@vrA+1e-xD;9dbz-f%pL?C)3B@(6MEuPO-c%TE)LMz~%B%!YIbUjdpxR6lJ>Sw($F%k"
    "R<z=$Dt@z1!}}J4;skynnxD3<;<!Kqmgs9`g5p`?6%t+Q)48p0edv(6`^$WESS<zvoZ+we$-AyQqcx6=0G1+!-tX?_P)"
    "L#~PRE=IQ4e*{y(!=|zzrWJ!0s+t5EOf1Lv3*LdQt*Tyd=IQdof8ei>hzwK>)_U}s16oaiX#L28(SJgEvqEV(@glv!(A"
    "!70(L{-BgXyJJiH)UEQ_)Blu1Pxtp!kJ9FXm2v@qJzn_i;niNZqdn})-5{Q<GMu`dtSHbY7gud-Rz0oqPsn^TlBDJc8i"
    "{RGO_7Pk0&;L>lwwO`NOn(@yGX{@}`X&WS_+bh(ghFmN^?_v1CGuvriU1ofOvj5I2in7teRNX(>SQ@($N1+4t}<?&Bfx"
    "MYEPB-+2&&Jqll$fW$5#xw&M}EJxVbjdab2)<3X?PlG}^-}B1ZSG<p#r$Fsj_qD#r`HhsMh)zL;=<0nKUdASr5-S=C#f"
    "U~C+tiG&afHgWDxy$~wNOJFd88)A{`>Z5k~{0Di1ssuLvt5A6?17W>kWxgw<Jc$O*|j@5sD>{O)a|_+rtZMiwdHfW>Hb"
    "IB4c$INGNGEg+<aASg9dqHKnRE+*FseHn}YQY>&x$*%a^jJ=Fb<to?#FsQs76HV`6|+X<M5|4xHlLSBD-c|6LINTpXA;"
    "*l*_)fB;_yge+Vy8926?)N=JT3;M2kHM<nl-Sr{Kj5m|u1!6;-GBTv!>$L8jM1gTD%1|Ec$Zx$Q4J@<u#0j_g-PQJUgc"
    "Cu8dzcd3Xr~<+26YKRfXDD70(r4C~Z`M_d8&y;hMo|W$b2DQZy*K)ohO4VTi4y%t{;5f-=5`=!cTZ8%sIV8V=M$=;bx8"
    "d@pm1j7A<rpa~==vBo1!F}hA|grehEdLd69kRB(G@zp(tjJwR7r<|s&fGMx673ve~Tltx?HgGrYXLwH(b9F#w${{uPu)"
    "EDe%(^7`l!nXx)XkLM$A60lZ6ry&s~Rf8A&{*&c_q|x7jq%(TI=I`DdjScOHYgBe9&KdT4aQt78#+ZMMmgpkr8@YWQ3j"
    ";8KI{|M(Amg5&N{r=zUsb^gb;z+7udW+O!&M+Eg2C+VmSN`Zgs8n>I}cn>KX^n>L*Xn+~?JE;`!Ey69vp>!P!*tc%uT{"
    ">|U5XZ;U<O@9&Cbl0B+Ha+yWflW{Sfnd{@{z|avTb2M_fhx}@lb=69rtDbCPYB$TcHe(O;+x=H+VvBz^(G<Eu-7{Ot|X"
    "t|^6g|G(56%r_vT?$;1e9$>~w&`ZUU_Pq{mO>^}}#ujgQnR7!MbIqFgvhHzdI5<Nf-PAcmuSr;vVPL=^l%<TSIMS;Yd8"
    "2!HTJL6?!^?#LI&v9$gZJIWIqr2Kfv?R$rKG}MHGx1YpoK(1$h|0MpBC70w=5F5AQ{7H$IMGl7Yfp$s}pCq<3ZNa6CEp"
    "!OM14&(DD5Z*CjTsbvd~};?oj-{e&eMe&&(7a}ub$@;`0n-$KUu5>&KQ5n!8Ix$1Bmlih8$FQR}6kP5ILX`(<18i^67z"
    "?TRsa=;3aCbPC02!26_IJh<r;Z^QR<+CZB&wJFidR9p2J-J-cC^DV>*|dx0Nc!IpuxEt6NQXGXsB<|SqHt-@ze_=8mVf"
    "TCRY{Zp}j`qX1wKb5N-{>+~$R=oe?QgKbZw3~YVskHHhKMshOSa~V7@{%p8z5X=nsc3FYqVZ|RIEXHw(11|D7GfbPpGF"
    "JWjcOR$5g89FXyYqapa#@$B7E!mNpu56<}nx#eWg)T0^&s=RCeH(yphMWIMD~Xp0>5&imoEK=mME;rgdky^&_0|a)hT#"
    "L&1pv9bN)x!<X)*CcS~~e=S^Mq8sk{34<>BD!=EEF(YAu<-<gP#D|G+Gp(Y-ZTuRElZ%T_$P@X+WEfaVzI~>mu@-0qoC"
    "#ps<4Z;WQGW>6^ZqYf{t`+zimD_4n$5nL3g5oVCw%x!x0%jTz%EdHC$)6JrE($*y?HIPCEk$$jiE)0wkMGz@<eKp6(BA"
    "kwkF|bbHxs>pr#ga@ki9Y63hiIhM^>h_l3ot?yr2#cbIRIIkR#TcCh#pi4svJVqQ_=F|WwHu%pBumLoEc$UG8Dl30?&^"
    "b*rcOfNCL#Pkx=OH5DlO-wH_y~Okq)8jKw?y_5w%eskxFJJj(VGe~k6y{KvLtzeuITYqlBp!1pOrtP|!W;^7D9oXd<3f"
    "%r)2mFcGQG<5s@gon?9)<>FU-^{Q?JF;!U5I?GN;O%ctu!k7XwdP0tetvcqdyDL-6G503bF(W*}b_H?qO&u<VkFzq7Q1"
    ";Fiu!L+GB_@Kq}lzSZ<Fz$vDO0ay{Y|K*>bmU#>2>I77wi%yswEde-&IqJl6kth*mB3h{Z<-=y+`ogr4;+T-5YE&nF7Z"
    "KRWp0@AkiuB6H&)z>!bblv_7$2By+YFc=DB8avr~%dowg>hHiso+!vw-t~<cgJ)Ii@nlROXn<98)>4%&glSSY}R9nWHF"
    "k6lJrR;U&DkFw4woD2JsC5b)kGGN;I#IEFIEQ05rQ97CC7D02*Dj-kvklsSen$57@N${a(PV<>YB<)rrN97~zb7iQ`lQ"
    "JEtub3|p1sLT<SIimP}1b^B`n~iE16fl=0h`9*Y`PfKo!6jxvZB*itL8;J8V>o#bp&L*2V<MTKaxi8N#>~N(IT$ksV`h"
    "KP9E_QRF;lY>yI&D?&~S&jQ*7%3P+uF|D%OCQU{#wHL~->`j=x+5@mU?+YA(%m2gw7A@P<^HAYd*)3sH1$bsO{Ju*;44"
    "HRea<!MRB&^J~nH3u$gFd~16?$kd4tSvRt|rOWb&hbW+LnHpK@MZgO<j6#J7l}$m>bBIr%iDtObTvdk)kQZR?T@V|lv*"
    "&cSX_ti999+gTm+U-P8ZOy+urxz--;vu9myuv#s(#>lmj^Y&4e_HwjKNx>KAR+;FcZod8QVVm;RlnMOlC5f$z&#znM_v"
    "MWR*=8Ym(_nruoyc@XQ%a0k_Snmayg9=8s#{Aj9?ArnI`nY;LyyEk0R=aG<gj7z67B3|RaD`3a2Iw6EQ8^{DCGWG3l0S"
    "xNd$4wB(@)xA}_5%l}qvxi@L-Dw7yA9DMZ*A01)^>srYWc$7aEq;G)MtAy+*G+nm&&7J-bYHB80Nm>9W;B_6Zbl13uba"
    "_K>UA@^>P=?&J=dd|-g7<rbR^?zr(-<pB_z3O97*Oy>KEm?cEA1hO(e~7-$c^TeG^HU9C903Z-Td4si=apdu{&HxQl2N"
    "J-OA%q<AvH1-C^6w&Ns1VB>Pvxj03-Q94)WnsL)r6M5{2o!hk-jKGfIobz`F2KUfRh<D%|-D0jNa3#<wri-B@x;D-`&;"
    "AuO>Q;d}Y+~zievrMOYpL7;)=8=-%BcK+x+J6AwF4F#2vUZmYGYcb)^~oGPZ5uMb|Q{<wyWpd)^iZGz|1L&33IsVAO2*"
    "<V8w6=5Q(Itr6gB05!ca<wxJN;(I`Q}C%=(=FA+>S@22}kB+7XtmBOD5m^E*u`%boa?TZ|gfSh^Z+;?(WvIzUV6nZy$v"
    "*NL41aSv_2GLZ;AjE~$99Tg3RKInsAY9iwRUUiJg`M}gm;e=AkpIeTE3+NUmKVplIp~%7av|Y6dmwbhD*o6;M9YS<oac"
    "nt`S43V=hJbx?ZDTKnX)r>UeXe8Rz2s)PCc$<tVP+w^u~I}x`JTVJMUwO+bp;<nAuGhi&`~V_IAq-s&{7Bncc<gu&P9H"
    "J-w-B=#p4T_Fuh=qH(w^B9%D%i$(1HslYxM#QZMi!~0WYhsvG(b^lB*W$U3zCV6hs9;!^PZR?G|Nzy;$juN(CBpLVP6-"
    "hKb?^gB~c|Rj~QYqW7lB^%wN^8Dtlafb&$eqC0ev-hHi~ahzVfkGzzxCO@{mAY(9&$w)=l0w6GTio?B>f^Wb4;$#@A8h"
    "QFCnZjT&a!R+>gE=;jn;XZ1N&GUvIcTUJt3$_T*~*Cg<^54?#Ywr9D}hT<f1T66CXFGRqkjc}nE}Su!UDgSX$wlFw(|v"
    "_))EY}o7Oj#s}|Miy&+ub?OEYVH*@2$SP^N3@fAR?trJd0Ql*&kE|6-}Nk`iR814=2c<WzQ!w+bG=^~fqY&W#l`9MyfT"
    "tR)9aNR$o%&W68y^R4br4m!9}tGuIGV~r1u<3=2g^dd@tW@lxu$bNk;p<QIIJ2>-o{l_pwRld!L_2fS45Fp0|9Hk{nZ6"
    "#k#{oF0Sq<ua*|$cUq(-khcIK2|V(|uB-d~v=8K#C!}TWzQv2<=dQ;=y#s~lq+X6d<WzS65D)i;gwom*WLzL#tHW*^h&"
    "O|-NR;&nIZ)Y%i)EBAnqD&o>R31+^aEiDshThMst{&@`1=E98lan6BAD`d@EGzYIzI&y84)!R-Te0SALJ;Z;IAFziq<)"
    "(xebWFGEb&=(s2B|h{~q~KZz>1N|GLx0Nmv7lqa~73bo5*;efyU9IO{A#&VkS4XzwhageXClPOcX%#5s48aBNz#&f8@I"
    "3yl5B_*ap1^HBA3Y0ztdk&(E5}hmuwaaMT(=2H|SywdmF@;kq$#ges*9|>H1>$w&!uq3jnX}6mybmblrBTr^m@iF#G_1"
    "Qo{1I4MpT<AZ#V>qN9UMRrWjmOj2Y)FtH=lW+Oa467DoN{m)F1U30ipipP5wNUcoz9$K%&bMIzO12B)98Ryp$YrW%W|0"
    ";ZT(bKxp4KnJ)y(NR<sho?2}r9=1LsF_jRh1%zb_{BbOi7mA)mYAsM_#t=U$p}1K#s>m)<&w<)`^b2ZIJXssmE;FZmOU"
    "d_;e9`}=BjR(8%QKaDawo-Bjg(|2Q-LH~jv{`LWzNZxi}to52>i8E5cr#&JV)^7rLRTuCp`?(Z=r4>pw7M_`Ht0}BM;q"
    "g`IhUiXZ`WljV|p*o!``xa&t$Qy^Jl<DU+FA;zeTVL)0l#ZgPs<Tev&(NYrK4m|o&j!Grx&u9*n;{2_yiwr+0CP#cm5w"
    "J#0U8n$7vL~<oMWu)g|^HoBS^e{eJW1UiCc$ZO|Pt`thSJ4+<m@@B*I4K*%@Zw}Hp%m_=zwl>{n8Z)CS4q6W+kec1!uT"
    "n@iC01}e2CEhhSUpn$~ftr@}q^cR_1dDsol)+aWiFz<uL??mQ$Z10P**qi*-P|nsG=x+Qt!1sX-G%k|=%9cC0lB>b1!T"
    "EmY!B$w3h%9`Z%gtK~qnp)=UW`5Xg#3?k}5lRinkbXR6?7n_%rb-<e()Tsr8@f#}h5OYzEoboxwDK#!PH;N$gCu4zkHm"
    "1zz)G2dFZBVDo?Z^Rj%7lyjLBhwJFX?rR%OKzKa<cRsKF4rPLTT@*v%EYkI%Hj-PMIR(jXGtt%_-?$(lU+XSL#{rT4dG"
    "%b!~QO%SN3+UJ&PJ84In*MRFpF|F@*lR&VEXj48c|=Szo-Enb}9E(!?qbCABls}i@=Rj1CN!17Xw3{?>VInE5?M<p_{3"
    "W*Y#QxM08jOk8e=E5nJ$edliwcn$FFg}ipy{^jxS4j{29Ws|doCeSGEwz8i3dRc%v64SX%{ICrFy~WxiCCcczqZaT-Bw"
    "lC!c{pHSnKl!$iplQsMNm*Cw~hlv#&iK`e;GKBytG|iE1LA_73&(IFVVB(BbY{8lH+{RO`WsOx$#DvUjAn&*p|CJ!@}6"
    "<Gt}|@IK&F5fwE$n}wW?MRyQFI0%{k&Zv9o|1?72M8?~>`<#FSzHx1OE>2{k`Ut*rEgSc8km6n`kHCrdgEq{pwOS{HcQ"
    "R?0aEa@IP6?KHs;+5^g8Hx<CqdHbP5s+c9`#TCGwc7CdIokRMD^njpEwV=dYIl8xO&)Vp<ac6h=)cs!XbtSJrfMEB}#r"
    "6f7LUXQF)$vt9bMCe*D3Sk>5f8r+3LFgGV(H{};!KUd&ER>y6g%>vv>0FzfIP8XFtqhuV?Zg!UGZ5)Xg)w`{nTj!FGS!"
    "+yEYP{TfWR7!G>TMh5h3IAvf|I+EoaMkchb}5bHUaDcu`o9`<FEcs6%J{pZ1HO81yK#kg>adyF*l<rB@MGBUPHo1`4zm"
    "8`x|Md||1N-JUp*juzmZl^7T)h(L8p7eGQ{|H+@Rt<une(d&r81C2d5#T#lc^}li(TPiim5Gp0MC6aK(}-SabWPs|1d^"
    "gz(L~^R$)2WkLB^OQLQR;<06{LmPx~FNGY$WV@>JJ??+3;YRz6jG_3>wz2jE1#5Y`khQX<DIe}5v4YBm`$$@7!45N{4R"
    "o6oByDW{19!t!w)Yk|%RU-?Nx{qC@+ggCYtj&2{$vvty!>tSe+4gpJN9#7^F+wXXYE|JS&`q_$aC@XcS@5uOj5lsyX+j"
    "5(!CHiTy)1JD-8#%elO$9$yL1ktqmQ>%in>N^78j6jRoioFL?PoRS)p;cQb+&KEpmM?}HDqZPOk0W>!7-$nL|`kiD71u"
    "VN>9d6yq3G=vXR#<IeCq2>k!J1k>U7woXCH%RDpjusl){%I_2+DjIRTRJHM2Y&^FfaT6qRk>t>F&Gvc{BhdSkg@h0%7<"
    "IJ1Z!r3nIVjTW`bGsQ^~ixLpAigh@BEN;$kM4$-*-tZr?IYnhADRjH1H+h>Fox%mh0xRem$U&U-;XGr{Bp)leE0E;7VC"
    "%7^FD#;b@_JvA`)^)3vR#Z0j6*cf9<gh58HlC%Irfh>8hm5eNU`uk3N!pG9Y^SaeNU8RM2TBH^tQer%z*DBasUiYxK><"
    ">iTE_#{54qUGx=^Aa9eYYkt=wXhB%CWc1L^g!IRj_sn_EuHPk-c>*4R4ps*vg5=-6#~WQsIDL<;$%*_(DowUlf{Ls#H{"
    "R)nx@FXRc5bhg`K9drPB#;rJ`-oQA9&9M}*Ad+P|~)A3i;GwdzzgLM3r@u_IHEHl8u2XXIF_#9qUC5VS2Teq-3RwHgv="
    "<i#1u({_FDx;NT`fK&2Y>4&tlCh_Yp2mE0N8{Q7Tc`+S8NDDIUXR2x@M<2^E3nHosG8t87)Q7b=lKbL%ZB3UH?g;(xMB"
    ";dX8nbYtLf0y0z!Z6Sv?s83&&qe)zj|Lq_DTHq*AaK0*KwH-pu5GSS{P^t=^=}-a2>b+3c-zS6^!O)|sR~v$xJHt(m=L"
    "BL)(gz15o(zKcuM9cA>=W^bJu7fZcHgR5h{RPbzE)PV79?2Qo5#`Q!>JR5r>#NKLZdTwvQANJO&I*!x6Ey028Ev&JE(>"
    "`ya*EvQOoc1N@6sLXOY;oFmE=s#b1IB4z)o3H9eOcuZD&ds!ahGlo4dO7JJ)uCh^QsxLv1n0KH<L@7p9}?J2B`1EgL=3"
    "yLI{hnB_C~ZhTIOJj2&s(VZR&kJR@)w%)m|X0`8unUpNM(Yx;6Z>!?e7A<ll&@ozv|6@R}F48@gUTttPiekMI5Tk2PC2"
    "t`81-MHZ%3i;o_09tY5OHWg^&awck`>*)#MZ~%tP?7lol$DC*RJEQ`0GVhe_TM@$9j#KKbtWzmp<W~5{!PGr?=l!_o!~"
    "KY;tPRt<i~d%1n$JQL5SNyn1b$O5IPRhF;c`q&_D;q>Egg9$6W@YdC?$Dj{7YOmY+@>=x}g(C_Y2S^t*#EJY774uLBRm"
    "<M{_#9Sj_3_8deWs)9hpgSEqV=SqLa)fLkq?#{D_r$19f*DT8^75BdMay6_2&>izC@$Kv27$6J~|0wFPDnm#!an3}Z38"
    "o=bELLG0Tm#$#;2@dmMEF(#7GNB#1Hd10a0JM~F+dog^S9DCVw#C_Ch|-amaICnm;oPg&BQ$u#xFK~C5W2<3o;JY0hlh"
    ")d|8cga10OzFn&*(8OL=ToCD+m(4Pvd16%{#);KwV;}mCas1N5dz&ZfD&=auo;s9Q#2%N5Q5Lq<p0%8e##OZ|8g+1^Q#"
    "UoLBwmK7+6Q1p!3CsfolXU>VIB>8IVEi&J^C`81V}LLKW`Q!N0nP#P02~#eauYYe!8O1=0Q}Gu^MO@>LojdkDC<mYGqK"
    "Oa;d?`Pt0hc0^7-HXr~d!!|8xIe`v2PhU;Y2x{}1lU;I4M=RD4}0g7Xi@-d}(XV-pc(BF+Sj<Wx8!BhHz~PGA95))GFV"
    "iioU**87@?dlc}mY`l6ue$}7VCPHT(&>Ra44z~Ubh9j03K4Nr4&*+GrI6xZU?D~1~0A=XL2UiX>{6$|MjjB1&@E84jG}"
    "9&m8U3BmmN}v8t*!qnar-+_dTjguN<98bbiJ~8@!!PwB}xS?{U)5h33)099kueCP=6DyuFiH3FsfwhRq|RUJ!}^VlMeW"
    "vb1k#{frS0<=UmJ2o4^O1a}*dmp~6xp9*ENkFEw{U1(ccK6F?cIU7b*AcPCWZ<Aj&iIza*JG85|<;ChMc_9f`vb)OP+%"
    "ki6_4_2KCV%|gey~uZul20f63i3VUO6i0Os7`n`I^TU{yE~z5PbU!8OhFO4XXE5w=-JE|6yaCcE*E=g#HJRZY)2<3jSp"
    "}Teh+8G(#V#a@GG3u9Pf*dah#~}qKgxLg~4RJukCWeuTT%yapmcRp3^!3JNiPm_Ivn9Cj!N@L+c}WPg^g5EyNIhPw0fQ"
    "#hFOnfx-YgiI1Ub_7WdM)$ArdhN{_548a8CVn^{Y^v?Q`2$lTI1mcVq#X{0CS`#*=2#RJo=@`w56{TaeAQqKA0&&79Ep"
    "|esrB0}{(+MvvcR~e}nLwUVC-~@hj5@)0zhl%1KK&h|POy_%1O;G!euQjhFAOuZ^*gXc+sJcFxOazsL+=Ll^kI|g>BA="
    "VvU=C&1(cbfsx98BUZLA9PV^DMi3exg@!){h3f-K(J54k@PTH)4UPUt$I=v}>SO&d2JsuXP4sch7snh4v@D<}vCmN>?p"
    "N}zDJbyaTn12&`r|3_polxo5)RAKCicqP~)RAKGzC`MsqDo6^Cnyc;_w7jaJ+k!Dbb5Vsq*%fq5x*|dOH5OON<DwN*_5"
    "XQm0o_j*;IcMuBrK_dnTT#kz-B2#JPMe{#>V~jA8vY<#V4}?|IBbnA#|Y_S-Bmv_GOZK0PK+4G}w=)*`K(z3oXO=QXvk"
    "v$s8I;(VqScFt`tFH^P7eJE4WxesG1I`32S$-Q=}=p3fzljBUJA4?#gKbAnAYNT3eE<d$8*T3vAA`*UvK)xqKAU~5Kkl"
    "R#$G2s;{7`#qHf7zy?zwFb{UyiB9mR>J)fBdO**z)hljY0p8+*tMR$c<_Lj@+eABR59=J6M-{8m!AR4c4VigEeOVJ6P9"
    "s8m#Nq31!=-k-Hw#$X&xUa@RPG+-%x>M{drgzauvvW8cBLmT9o&X!<)?*J~QA>pczD^_d3i+NQz!TBgDJTBpI9!|Cske"
    "C^Yad>zwZdxdGRz2Y?3UTJEf*EzLNKHk1VD&KG4A(c<K?~uyz^tZWkK>g@dkrV3gAbPcF5ao2}JBV^Z{cXECx;S2frfB"
    "0OXo@yof~IKWC1{Ek{h7?r#^89L-{5%rX#_RmyG#S(U8e!@zNP{3zNZ#__vwwE(SF+Cv;5r#nWVjqi;3E3T+cqWn&<dh"
    "%@clF%`-J4Wk^$nX7&c53)%5^XZaG8VK%0o*_e9n>BT*>@$s}zqhs2p3uC&b3%sg%4A%^89>g^}n@4eGX0mPR{aT!f)L"
    "V#%b0%_cAtK65)UFc|*G$}#Qk3xgCbZt&7;!Tr`-ru7Q6jdP*n3AL;+Toh`w<awCPr@|;+%=;#ZeRQWqNVc#(Sw#!b8I"
    "K_q)EANlu2Od+BmI(VP(x%*ggQi1kzb&1~!=_D}UUv#^f{pXzUBU>}h_)!*wm6Zvno-)s3zsFUiMiG9R9sh*kGN3==x%"
    ")~xoom9VVGqF#qA2Ts0!q0oqY;1lHTl#qq+xhbzw*2!Rwlcj3&CbSq(Cloyhwc7-_VfGf_Vet0`FS?8wcZ)rOxC8he=}"
    "bjbIF_e+88?TJ$yswy~l6pB&zJ+JniQXPka95smzb5-za$R?goRePxpRL`1!|v@Q!UnScb{b?+U{P>Bhkww%>&POYmEc"
    "VVsPFVJnAmOPmrAgW1oUfEeL5PDYOWoA4Sbz4C<mn=lp=UQS<wWt8!J34Y7Fu+VeF<u_rS5-2ooUxK7%mH+RAW7s^SjP"
    "RQ<x~cb;`Na>t#`AwA{?&DLG2+~`he~7pUy0Y>iC*UYzY?Eeg^h=_VTtt|Y57eUUE5Gz+I|!EFTrm)rUag%-Jf}?kj%B"
    "*ej5qtH{qNTRK^&#-W+90P>%YWa1A4G+;aaWj5*gUOZyU(<9t^>M#4HJ@RW1=P1uK-*K5~#{3e89?u|m@Z^D?E4aPJ%`"
    "zs+2`)?Flz639$P6=Y{8usHT<Ngx-mSJH&qtNyxD2L`~qYNrv?yDrDDdpp({f01X&XEwO1lZE7Elyl$*7jFIo)UCR8OG"
    "H}sJ{u<u(C!O_iw^GeH*v5soNx>EWZis)F~=q`%T!tKF|}6--Ph>fu0b@d~PJ9-yG){PDVoh`W{axKfQ_)>rZ1Z*H;fc"
    ";r=R>Cp^P=9|>)k_C294lNy!q&NfEEHZ>t7>_0EO9zU(FhMz`O<4^0aV^Z}dOm)P|$Wu*KjxtHBLhDq960YAI_iv%k&%"
    "3E@OtE{ywM<P&3GZZbBy3~NU?l86d|by*_jrY$q2!7`HQ-7=Eu!@W^s$<AYi6;{3GS^-w9l*V=I$&tb?vKix8@jcH)8*"
    "lF?^+udH1dPhDoY%^7IMO{mwh|*!~#*u;&?%ad-Y@xXcOvvN}1ltAxKwR?2_Nt-bXey58X^O6>GSRtmYC?T6qz7yofF!"
    "j7Y7^<bF>_J8c>z_UZcE7qo~k)y!&KXDNkv1^3P?ivUGH|-%h%YZ!~S;G$%RqJ8b2qmy#ME`@8q<AY3L>}S)`6nrJ=3?"
    "m=D+DJy*`N6AHzfXG7dYITk%!03H1b#>an`zsB;qyy@qNz!?90aJ;3yNW6TT*VJGX4@(EsNDL)Tw;^=BrgB*#%KPvlrQ"
    "{DrPLvlgXEh3J%K0z!r^B!QT9+vOSvNXa6&E}Egst6|X_wMT?xg_{SkvdtZ4v9XExAyOxdn0>Y@{lsgT{WsAO$?U9(mu"
    "sso>;`$v#A2J=llqD}TwnwpFR}Hdc<|Ae;lZ&l!GqJ7%R`)fEgqc5oF1a|MR{-?b9;!Zug-(-enG@DVsaX8{TUG0DbnZ"
    "Zj_nr8Keq{cTjx{#a~=~8-Z-6zGm$)30G|`i-&g<VEHhDO;+hHOD*S)?e=V09&`}tHb%4!YCRT-02NYvwhKjx&=gDb+b"
    "AV~r&y&kc)S0+uLQ`VEGeGO0EcRTD_oB3U9<UDpUmD9r!55WGW4FM`^*pEoMbAXlFBcT{Iq$kWP}t$TzRGj8z`8+cUIN"
    "$$I0ks9*${Ci(oCE)p*|N-2B-tTlNL`!X`TRR9bE9m*yfbx0Dye}^r3M}6#Ve|<fKyoeO!4^TFeF10eC)(olfz5-YTn{"
    "0<3U4(D(}22G|FH2d!j^(nnK38UP-&u|!ny?LLoIECt{}tCXU!g{Zq)o&-GT;8_PHOBk>Z!1J~8C`xuNAPsO1;M;GWr}"
    "Y1||G)ZwZDavZH?(*N<tvAPb%1SveSl+tZc~l+-{KFQ2JJ1hoj-K`XvAsdhwe+(G>>+@xDnuQ<^R@WOdGTjv=PW}hX{X"
    "lw{3}BZ0g9{%7F_0uj(e+YJEY&QKh}GwyhBO!-D8uXo04r#*zsHgJav9M!BY8kpJ9y^gEC5&VxHya)4l^foC$(G#hCcc"
    "3QB}v@y(Njz=`Us$vwh2xD>Y!)l91ANHD!Hf$tqj5Z6K)SE&>7hO|W3*D|b7AjHUDs+dUQe=>P!YiNrzbl^{zAGOd-Z`"
    "$>Qg_yA$fK`-Hjj*BX!poCh7OO6V<>oJ97C}mUu?-kaezGR1}J-E97Dw;;~1(Q8OPA&k#P*&9vR2b<B@R;HIIzb+UWt6"
    "L90i`F|>JP97DTD#xZnwWE?}mBjXr~9vR1wnON;SJu;3VB2n<)<4=I9N5(O9d1M?zw@1b?<nakWyvytn1dLP+Y!2nL96"
    "U0PAu6MyVYAP;5y)!Si^!J;#W6(5sskPq8{riW8?H-_SZrvHSZw4RvDnBSvDnZYvDnBtVzH4uVzHq)VzH4uVzHq)VzH5"
    "P#9|}oh{Z<E5sQtSBNiJuM=Wlw&Jl}^q!HB~vDnZYvDnBtVzH4uVzHq)VzH6D&Dw*^8JgW17+JX5BNn%IZ62|>;S=<8j"
    "AG>B5sM9lDPpma(IXZcN>jvQBa25YHdLpG#YSEpvDnZ(MJzV*`Hfg?X>E#F+}ceqaJ%~#$YY9FY-IS2SZryN=NCwK`T{"
    "DWE#GyDSZw6=r=v&S(Q(scc>SY}#0H_lP0#+?=w_7vQM0#^h*<Xw=ncoAX<#!)gDRhmLz_+{Hymq3&Pv*lZ!+0HWEYg>"
    "{<Cd*8PD^lF8{YKxSh4eZ~t&i^vM1+!c4Q^uF4=d()JP_<bb)I{|ozjDgS+mw6YMB(U2nOZ35OnvnR!W_)WNG0^l`T;F"
    "dQ@Lz(l20=OF%u-6iAWh0{QBA{|$a~D}TM_|CrK7Kb`K>_yhVB*b1f!d3;wzS`RQkDBw!1~8I$4^lfumXzivj*aP)xab"
    "0epj5f*Kr@>%Bt6)G=1>YQ~0Ra)AVT^BoA^D7H_R+-{u+r@Y@we1S{!<h)`lp5un5^0i47nF_?m<Slx5bm_ixgBarUjw"
    "w?!PIm>>kbZY#9x2ttImIXJ2+bO)dFGJuaPlTXd8LBXAg97N_ut_zS;P24aFo7t)hL13ZU6RnL8#33VtApUP!E@Qm%PM"
    "xgl&dKhGUDVqsn`t#9VQN!vQl=uj0uU4;}W(;doL<?i@GK0qNn6nKq9-kfZNrD;(Ls)@g2t5CjO{1N#s#yl0%fr#vI!j"
    "IPUkMMfyCcGPp3_PH|PmeHHh&xTj)ODYYJ4yH;IOZme@X%6d(?p9OlZn_Q3Qk^?tD<I=4MH?eIm8|Pr4P1p1eo5a1(!B"
    "ls1NP(q4&<xq}z!rP)csf^MVZ|YoK=d{g))U8FfD3<LfE)i{2DaYd0)DnHfnHxjqLBt%>MbEBrSRgzsg$B}PNift7OGP"
    "6p_HH$J@leF1;w>dDR?kiIDg}G!fGi3tl6wW?(sDUn?;+m5c5De%Y^XQCw}Akrx0lpsF){P_F{^N^%j98Er*p5mxx{z^"
    "`hTl6aU~jTCY=h5#{I>!7#*zO`-8;2{MM`CZtdxy}S&^RVWO{k`U37FClAiQL<-Vv)|-_cXnZU>37-aGo#;SL+Fi17x0"
    "ZURA)~<{<@H6B9TYWE7WUc!CtadDX472MInT~Dp;csGiEM%gG!uxls?Q*+MEw;BrC&jQ|yke%EG}ae+-LCi%^xj-{5@U"
    "E}=_Sa82l<%j3kqcsYdNo2rVd^7W^OTSH9Jc-{Zu_mEFxP++DY6uk$<ubToJ2%Ft=>9t_@7}F8}M|F2w;gr+f9F#M}ik"
    "gxF9Z<31RKJ#Toz(wJy}@-M7TY-Nw*=t}te*M~<m6MO{U&m1X0CRnskxNG+`5|aV3RD2G<UHjgRK^&xJRw}rMQt<!k1F"
    "(pUeZyRK#prcXxG}l+u*4eJPx@^xRjM*AQMxD2ssdg>(483s?oM0c?zfYY#*TI$&f!FgtgKjFos=Z%W`{ME2pA$K$669"
    "F%g9LQk*~bBEumJg9*PJNz!+U9vRo>X%0*W>2Z&>^i4B+;yz-4Yu<v8x8nfH>KzQq*H>%qQBFn9>$yBbd|r||4F};-u{"
    "!0eh%r!h90FO`(b@W&U&_W51BE|P&A}+vJJfUn~m1}IFq5S8{){TWXTVCto`P4KwIO@Mdg&FE9W0Pu7IqZqH?WC<|4_g"
    "GGz=)L$`82M)T%u{Da2DOV!=hX!7M(DhL@={f>Hx9{F(E;Q1a;?-bLt=)L>Oh?!4uaN)Y+7TSAtJUA*`JuS#Lwco@tR1"
    ";X?O+gF%Lc}qUp+IxCU;G}1(v(t_lD`yr{|mHH!}%Y6>y&aS<<?!K;4hzFMY6^+U6Zu|U&R1(1YCeK-U816&B4hL^C%!"
    "U#DGl$tbrX5sQ`Q}2vF6}D+m+MMIb5B@#$(fH4i;6znz%n0#%7s*e1??^;Y67{B%3Ypcx<Qso5jGTEIk;5s3ZPn)=hM|"
    "4d@4X5FRd+@9xBmu%qHrKU@I+BHPKhUnK2{TiZQL-cEidkqn<A=WiSxjy#q!R$Sly$7@RVD=uYJzCuY?C;AvG4P#-$Bl"
    "UdOx6UltRe%KOdkWSU$QxXF5$b4U;5&_(~OF|ES86q@-(HSFQs{&bIKExlIN7^-twE?OSqI?r=0hcQkC+|DPK-`NGxri"
    "Qo@(w<;z9lNZFN==9KB)^EX{3aERAOl&ZxzUel$9bg3a-YDgMJZ5SfoeanA4z~_}V==4{1>zv^Kt=odWZSrH;6hoPz(%"
    "xfSHybeGy4rM~U!`nc3Z1q6?o*zo6y~OObxH}-U5irUT=JAN&E-$&=Wl+M!`35yt=r^RDOoA|lv3uDH~l%RD~^13v)@Q"
    "*d?4W$Zdq>x<Ivr&C9YLnW2lULpddH|$gjZ*?m@`0j{BHoDpy;Q+$n=jO$ZDW&0AwzeL`TM`0U(}VsxB9!aUgIL-5o)i"
    "!2ti%wY)sJDY&~4+E;2w}HNd5LrIPn24+&Q%MYLL`MPan%KuiSdk>Kb<l9gvfCTDuG?mgmv$|$kk2-nyWw4z+8-yI*RM"
    "+(fiHoL3<?h=()zd-n~8SuAz-_i;NLdj@OjiguqI}|_Ns1Hoxn{g=a+()_%B7jkJ8uwq&KB+zv&ojhWG!ZuS!4ulP)IX"
    "Efe-$>8R~De=OBYDP>Bz=R6;i^_g={>Fq!H#r(DWCqL<%qE9_SQE%KpRiF}(&pHj@gABlWNfOvKRv2J*xK+OzdL=U$Ri"
    "g|f54Hm=!{Iap;VD>+Flg2ExRpwGL6tPL$uT#msA3zaZ}B@}2(W++(!K<e>ZbuS&g?hiTtp9Mi-3dL<sjx%ymbHJp?%i"
    "-Sgh^ZZ&m#?aE<zD_~sJ(j76>mk}bW;xy3K%mbk=@Sdsf7vh|$D^5r~ME^#!^$p?}Rrpg(j$gGjrK>2PAl}qfS6d4isP"
    "$*K!bbL8e;F4l{LY|w*yXPDsHH90Oa_u?u)$?R=#rI$82G%S+p8=K32i_twi@f^nMR(O8!@_`M;WMks<m+k_kXHG8D*a"
    "#E$Imqsc<Dhn>7z23r3rbDcXUth=vHaZct?-kQ5)~5P4B4jj>6I(5tc(_&lwiK%36fTTV!)d!}`6!u<`~2+t;0pA}^OZ"
    "tSBLDUFxuXZ!m1U!Lau?7*t`yK637U_2~>S$k?yjWCp(X8xA=#03d7#OMi6OMD`aQ!uO&>;6;bnUv!8UB>OUyGo4?~#5"
    ")Zv;)pyYU0!?6{JpG@cU@{dXA#4tzoSsTcNB`0S^GP(Nde?FG=F{XC|r6A_jpIQ-qGFLQFx}e@aQc(y&Z)|YHvfCZBlz"
    "fv2p2Yj|*y#Yi~Gl{S+HlYF*rV!-?A_vg<Q$pFZP;KI7i?8F%!lAYICNeEN(B`i!CLGpd2d*!4-otT$)eb*bw!van~rU"
    "7tk7dUGc98PBfIc%n}Qty0eX=`&{Z8B5n^WCLav2!A$p>5<usZnN3T-2@b>0$?K*z8is8xAF}Vo;M0Tf5v*75$)^d33l"
    "brQM7_nNXi^5wT2E&L<|svSKQTJucLzCEJCOE0MRPXRD2m3eJmBcG{Z1}hb4a`bt2jrNC*zl%I6!0TbJ5;9G99&k631D"
    "qf33oSL!PbshJDCQeQJ$Y~=9NI;6f-F|K<^%{sG}(uUN17Hwc1Qrk@0rKTbHwPS$rN_@vIvD{$kakuI=pU+%k>oHB@P4"
    "Ihz1m1g@#v8u#dbd#w?M%;qUY4GruxBXj847zog*~6bo>yVdtgvTR*fSLNyb61yu;*3SGZgl`3Ts1Q?d7fwg(-sHD83D"
    ")wNGhnD6PFpYf@T!mDcK8O<EriW4pW5?dejtHl$|xp-Y{XwM(5i+%=?5%fwb%dLv9r=u)SJULj%UOX{?oE_EXQrle*$B"
    "l^>7mpWmpIJn2PXMi>&P7Gao?z(n~(@I+;Qk+Yi*vRSCgs5>t7PH|#rq^@u%C^p4OzF>GUzXOcu(WoCrL`+8t)IfSPhs"
    "1uux(b@HY;o!3fo?VZBp3wDr_4H+g^ojLt)#?-8K}q-E;9nY1^l?eJE{zm9|T1`>V7)jB4VM?F3Snn!T!G*@pKa^<G}7"
    "nP<7woMC#U-e<P<r%R31>Qc)lNXI&)wwahqee6T(qu2R#gdsIf<Q=4O?HnM#663m5&*e*;OMF~<+%qIT+FMP+_Xch9_c"
    "2WfTjw?GqZquF>iOYiDGY^$p|CI%7CwcAPhsIzSeO+SW`%{Ju<$A@N@4L;SR4wAufpO`SbVvQLt$}l0dXiTeoBi&Y4KH"
    ">Oe<pUb*07jRuhgBN$RwAsngb_CR$UMIvuan>`-#4IV1E+oo2Q;8|0~ZNS&|;h~n3!#&qyf?jdy=b)F4MF7??veZKVhw"
    "R0O_e<ePTF7X+L#4-{2y4NLUQ&O)c=l2HBIx(%dPJZ+K7W0hfzbxgUusjr&hr;rwu>2`3zY5E<!t$)JJQS8+g=Hx$zY5"
    "DkVfj^99tz7ZcV#H7%q^e{rIk-<Whkw@N-I)Yd6ic3TTM8>BB{;(a;eMJrDol@OZ_ez-+Y$qQe$_$QrDR+HqUzMKBVSb"
    "xuP+3scY;~V}7~Rb<}yHExFWnbo#Z9Yu5nxD{+0g#B~@I=~7!X!>dbdme;5z*Y^gmFfq*rCg=4^Z!z5>By?eCiA8Bvw-"
    "qF5phs&-3VXy_5&@5R{++azq?kjV;m#w2YJp<DLq1#2AQ$TbQWz0gJ;OCJ+#>@9XHqnD$QFABwwEe{ObtS0li^u*uipk"
    "%t(+U!{4=^Cmc<2*KgWIu1>)HOtl*wMDH<i{?As;`_KIzY*vnO@DqbAOUzdT~6==wto&lfnKg+T7S7~rn<ukDPJ1}ItI"
    "WUdbuf4NF>@d_MfyCk^epMk(<uc3f5C;lfeEKB}cu%~P>HgF2c}6f+h}KyMz7@y7+BIhbj%$MP#x=)yBhA@((>2F<qmp"
    "dA>6#1Y&>SO9*IXz=b2i{~&4r<_@ajvaYy}2m?22`j5TwMxhCqZ(cij-5M7ptorpF0}h?Als@deo?3_iOiY`95!m<Ahf"
    "+(uOGf7`t1YYOWOjid3dJS=WD96gxQYhm-rb6#E{A3p4C8!O@l39GsbRc(QK_{if;)S$M$ZN1RUqS-@0Ab!d4EdA9yi="
    "SNp$-jZn?pwGF1>eGDC~99nNKV#-`nE1Z?m7@;&C-5-Cpt(+oQ0Zp$QxSa!9-~F?O@L%KX58vZU_A8@g4wx(kX7C&zUN"
    "epIZQ(I+p;-+U*Z2+P4qV8C#)iaJ$|w!ZE2owGFhry4hacY;J%Uc-64I!fz6OdxhU#;kQ@#{S|(Hh2LM{_rFBmUy=8}M"
    "BZPK_gB#U74LYNJzgG<mq$4uJA`iEPw{Xhs`Gige1@01@NyUa;x4>ggqMr(auHtDhF78SRcL&9j6<REWj4O`D!y#TGL("
    "wRX1_ZBEBa+VzRagr$>|j%y<()l#7M7_(_czXuXyPdFTJ%Xy@IB<Hl?=?ouhf3uf*po@%c8dbI5+a?d*Kp+4<_@eD!g@"
    "`Zz0E&?#uW%=6X4`D!7*TF9>!@~egXwzK?~KJu%N{FgrRtB?G)v;1l%znaOfX38skd4(^p@a2`cyfT+p=JLv1UYUzzF0"
    "ahxmASk!*H`BH%3NQW>nn5pOXm8@T>p}}zB1QW=K9K9Uzux{xvk5h@U4%qOgiK?tn+LgvsGhYo1yLln<;V(9RKWLV6%e"
    "az-EJ{fz75m2j+v~z-Gm9g!EaUI3Ifc8`pmsii})EZiC!J?t|P#9)mnYhCv3Aagb4D8e|fA4)PS42bo2dK^Bp9kX7V0$"
    "O}^Iq9f&2hL?Oqwm~-KUpl!-<TOOy)?QjCC2|@fZxT5TkvEB)hRB;lPDA8PBBvqpCXv$+d6UR#h`dSUG(_IY-_NZwOAK"
    "7HfDEt;_g_9JH1?v|Q<Cb`Zo{|z`r5LAcWv45&85TFmJKNMIr9R;)w2zfPaeH+&Jpd}J!lwf64mu=?7I2a8H;^cevqR;"
    "FC<>0d@;{?pZz-i<@hr;qNSKozrWQ`ozcI1pJ|(R!KKQk|0;UbNu7UnTnBpd^Ew9QJ=Sxr1n6K3N#he|*sn{_&*J>6^D"
    "NMZpS}TdieS|fS3)^FDxAIJdGovk_hRFhLF_3^tHvkLWOYWcdW0+>0m!h34RVsWKY|d4r>9yU6sk%fHh?ydHa?anefVy"
    "CElq)a4hD&1Syb-E=KAKh@s)G;R2J7)aVA3}OBr%D6dZa$T|vTqEq+`5lg(fk#JBwu1r<Bj*)e|iCOya`S)@+0NltCDG"
    ")SKvl!35}`IH`*-V{~FZ9n`_Ob^bx=m{7q&*=r=VA{FCOiAo+HOP*l-HXkp9Mu`V`G!!v1mk>l^&Z|~rLFe{+oAT0j3Z"
    "(5g!9dzHXQ2t=I~a$)HlJqE)#7ecuS6V8VPF4VY}~<;2l^9BZtjrLd(*aSx13zA#3A!!WQ>i@B}`B`As$Dt=GfX_qJPW"
    "11sH{+Kc%ZXuqCQ1rYE1BBGaJqSs#9s?rWKt=U^aIy>{hl*|{-6}QxeS>g`sznDjjHE!Qu(pcoyrjy2^cHa=tSjRrrf7"
    "uAol6I{8yWWrIDs06@bXK3oM8C0o%OMh#$!Gh_x<^ZgZ-j3wA^NG6#v<aT4aSY7Ky^Ca@38)7bze7ftX&V}{QCW`T1z6"
    "JW9&HbDX37rYTtF@-oh^dR9Ai1$!3!>0tvP7f7bf(Q*gEfJd<|?))5p=??>a_S}f;@a5i8~Zy~HtwjBG7%i#O8B961sQ"
    "x=0kBbNPU!-P6HnQ(8`JJ`S!1I0z$y>0O_<6tWsD7O2p32zl81-3f_A7ZG4_J5l;u_&U})=tcZ$EpjE@YH5j067tPcm_"
    "^M+0Z4-%ZQ6$@GxFL)-SA%09ipxLC|!&Sjz=k!=sY~7LWM_Bt+oV1TV8cvKMAjEtoXm$HRgFn?ZY51__R~Mu$XpN-B-U"
    "z>x@H>zR+L=Mj5_BW%FnJth#Z1K|+M^vY}Y9E8*?UUDW@oR`L-$>OkjBq^X73VFT7KHak3yupVka=TzNE<A&}<z0^>Xp"
    "40Lf}8h8K*FB6Al5D0t5IQe%Y>l<MvsdIOdc2wczSdyVE%_+c4#erbM=U)KtlK)e)IjldG*M_Z*Ii+71zXX*^{(H^p-t"
    "I0AjZcxPK5w4rP;StRuDtt*SxPmi<z}glXGd2RjZOYV?O>Ix*=(d&-&^V*d@134z9OuMj&?1-(`h!sR#|8plTzB$mrjq"
    "{f4@WKAV#_t`3b*nbv+9!x}+;5@LiC!A6vp<M<{9?=U(z^@`E3F^X$7$76Z<xewy)9O#VJRBYHCRKXJ;YW03<MV^~3I;"
    "<DGzc_)&qrbsN;h2&2_DouFJttgw?Q=Bbc&t8vB6zD1kU&DdPF!0dZ(8WIHP!Y9SOw3Yo59GZpk1~r=4M&FMAJVkT_-D"
    ")CsJcqace`-ftP^q<VamJ91#}(E|yuTUIe=)9O$*JtSfV-F{yr+L@lm+3x5<bGSP;FTqq?7tc$S)7>-F59)a3<vEPydg"
    "*<btru#4Mvnz-(5B&`Hf5j-U+bzI#DA+z)iD{zmn(pdyLtT}1l;8cNNj38rCEZ&UEb{x1&%0!z})**gLJdrwIp_~-L85"
    "<!QF=!d@I?XM<k+N1_6Ge^v1#OJ4qMkN?Rrv-2I3Fj(uAr735rc)1!z7$0=7J!HK*VXTW))YB1kgPJf5`*s`AD<>csMe"
    "-dGzs$@6``s8)|B-~RKuZqO$ZJ9GvWzQ;(1EWuq2ppiYfkk|BgzCj+Y1+Uch=N_K93~ym6nuK`#u2K0s}hAnRB^raNSo"
    "z{<^tF>-=H+b2bl8_rv&HK*l7^k_>u|;&)aS<8DBe1+Q2i};xDwU?3C4Q1=GZb4OR$<3kkHI&4yLSW@0YRC+h{PcR)pf"
    "_x!%oWAFj<m&)fEAOE!3>GTYI_^y(O<%B-ku%56My<Zj-2=i&M_DGb#)kDJrS<&#0jYWmcTOF$kTaffxQmB%XHHFQkkb"
    "{%px3QR87jdaI1+O?PDs0{uwW{E~s~kmpy^*IAuh|tFs(QCAAJP6waqP8U8h+&Vq)736%PE^gk{d6tobn8vJXMZ|#e|M"
    "p`9R24ni9nidufQo2_zVIPc^$p4xGTum%L8k3YyKoK;t<2z;``=_PRQ39>de%ZS%q2>#(h+xO6wWlD(qeJ5Um_x5f-yK"
    "_U-lF>%}c4o?t3J{sJ51YV!}AaG}oln68pr_CQ+iJB<s@%Nm(`?+syH1F7M7<S&-*p_^l=RA8l#SdGhZP*apJQgX?%(e"
    "Z9V(3wbQauC@D`t@hnu_x(LACkD70>RQe0XVWD=lI|J8!(V$KOivL4cF)d+a#~vUN+mhmYCb(Xv;&x};_|+a#<=7nsh~"
    "t+>VqK5sPmVX1Bhu@$FgvDpHhVC#`2fpikZd)ao<oi2K;8Q_-g>cQd4DAhXR{i=FN?9aKX7t2RD?<Vlae7S9iC+1s2dF"
    "BJftsy7#iQ-me%&el_GKe!DDQ?x_%od$Hor0m8?gq`e+zAW}CjRAq2(rIPop|P}#S=XPA0_u)uzFlfAiEbXe=>FAx&6_"
    "`@!kB<#&Po^SZCW?a7?7cb~@%0^Ch9oB2Gj|1Rfq~6Nt^Gs+sZ4c4yC<EcGaYd_<Kom<cPqxGuDxr+6wZ&%!3L+1g4VR"
    "UpR#HrZL3jXkT{N@lU_*kw{>4w-Kny!bq%=$=6KIjWb+td1RV@f>`rJ3ZNW-m+&lJs+vxn8u{XFo(s}^X83@Vy8dQ6#d"
    "9N%3JMoD}y%kc&b0-{vfAW4+*;wz&hwQHv14~6iCQXf7>ip92z0BnZ{<y>S;Tl@;9-=2B1T8GsA2v^UB31+2c|#leI`8"
    "<2h?%`l=>iBNPEkJ=qj(^DTck;clCA$^ne99R46{f2}#I?a#5e?$}fwWld(5Gr}UXDC?B{qR}O@h~X1V!w1+a<Ute6`d"
    "I4~#;jw5;*Gtl$!iH;Y<uNmcaR&Y`M@QdCOVn<`Qnx9fM0@ygNd?!c)_M+vp|4sQ$8<;HX&Wqsb@}%gt(~;1v(B6;Wo+"
    "u$jtad)aa9mc1*x)pz)kF*T`leAFH=O0v;108CZZ`L<M>VQ*y}3`GD!7E-bTp@M7b-$db)wBOiPM1)}BZwVaJa)tjK1$"
    "Ofe)Gm&k;R1tjSHPcayu%GC<y$l;lSa$%LqOV7<l25#s>w^{2d+`joL@?`D7|(y+?#xC$cG+J!;+V;M6SI-i<9wQpoE~"
    "qlW+NZF_fkox;Jsm*jcnN4L1KGB5c_5%Tk`E#k>jPj#5wrgD>pmEo3~OklT&M+qj>mRAP3=(+mkOAGB$B-cJjH%)Xuo="
    "^YsnG&62%=oXc3pFbv<f3Oos|E5j<AwS2CcgJ-jrk3+*mHf#A@oja`MQvEg^-uKseVtJ;X&Y;3+DsT~2RWO6OTeaB?W`"
    "k0i8O$~edD#yi^8Ja%^d>tao4st4b)}lUY^iDhnFRou+*#Ig^}GkrQv=ZRnw_y}{*dKxpzh+wtYu3U%VsRwOwco%qIa("
    "bW-Qwr+f$9<-PLTyvQ4)=^&$SS6p(u)Z-Ztm+mv2;%~(EtI-kv0K6h`Mg#gC4!(%Ky8K!Rdj3yT?O8M(4c%Ruk*;qbgI"
    "%YGM4f<1z<=`W5VUyf=qVXKG*pmzEU2XG6nwEpi-OPsa5LF!B24Zt9RyJfV-kQv0K7#W^+~w#441t%U_v}Poj<N(Yp_i"
    "kN?!;b>#i8+Rrj(%ZoEE)n!Y|v9E?7NwGtgL0-hha}oce=J&B+^Sg=0-mGC`P==6IPX%%|5Zj@kwv=FMQX$({H$gV~^z"
    "#S&lY44cJl6E=qlDAvqkKB5neW-;5`P1<A!)S;ESd}$|Q@yyl$Q`YP}o5^g|*ON`j(Yp;ZnQcNNHq2yJENS5CA*6v;Gp"
    "?ZL-R$VRyxp=~d3jf8HnVl>k`J5t_Hoi|=ChkvI7vy(yXPAhtEV?EvzpCD_S~lBTP9sLtJ&;g=ZGc4F1K0DW|I1S&4XD"
    "Rd|22IUKt+N^n(jvc60U_Uw#O9?X~hD;`Qo~#rveWOE$aNlEsJF&1Ro?(I;c1napNCNDMQX%^DGp5AGTKJ(|gE!>{y%c"
    "c`=a3o(<~MkO!PYDM-g(@f?}Xk{SWb_H>KIeQmiCbRYRstb(;0q^))_+$OIr{bQZTVoi`W@PDsW;h?k%|^4EkCMDN;&e"
    "Y!CT6qQ44&D>?b3_BN%k?^>}JLC2DSl<+0E7oXF+2+2Q45JGn}nY+ywVON0nt!7Q80(%mD`qNl+dXJg;duYk{FG_`A6r"
    "W_+>ii*WJi;Xpha9G;3(11*mfGn|jB-)A-XdOX!QzSVLHcC+1}9Qb^?G-)iXB$rjgRN<?1*%r@&#}e<)i&@V3Q9~-6ti"
    "5H86tkS|HA*V8oU<>Gl$Ai^y|@Bwg2r=O{Wjyd?OvFvxkMY+_m%A(jN1PXER#iQ"
)

SHAPE = (
    "c-n1S*_G@n3{0gHm^o&*KO78e{vo`o0xv!9eoRvmAS59$+t_f%@oUGg+dggs{`ljJ_2b(a+b4%J9ly?nPadbO$EWzyrc"
    "c>He9Cb;^C=a-zjpKf*ZEIr4`n~4pU&NRwL&o3**>*RWInY|WIuIGw0|1Z@M^U6bM%j~`^<8Hc|s4k#6`d<#qJ+N8^}$"
    "7mN4dz@%c2qd`v<cD83sQ@f$6WKb532LQmA$kE?C7XO%)rdpXTsk-`Vz_?Tlu3UP;lI5Z29hdX1EgaaOm(DaCOqdAiFp"
    "}+%Xlv$>t%s>i1^eG_IvA<~pif4jOIh~G46(3sUekMPSEcUcJ6ev!aP^q9a8f9morRr%#%J2hJsNsu>U(~pr*wtBrBb}"
    "y<kKLBz3G>xa)>O7-?RJ`@f2=E~brop?osmvG-TtxOoDOxpga0<9{!Br>upVal_OVAebE+s)&?o2{TUd7Zk8O;xg!DL%"
    "WRT{wKt?NPJdo5gq3zb_0JzllO>Vc{us(q$KvNx_t>)u=IO#l>HVTda@$`<2Op$I^XuBOY2gRmiFzgHFD`MT=H6{oT%k"
    "XiB`*G-YR~#^$9gv_CGZOSZT42u)8SV~^E_Xm)K?2|HBr7Cn#JP+<-6048fnIkSfk@)%Ds)CvBnZs;8Z0iCsSY5*BDvp"
    "$%H?UWTGRv!qiSU~b7wXy>CN3HHGhkP$6bSxaQT!_IeJ{*8JMmk3P26G0C~gTG7&r&v~C<TBhxCsIl4zp_)R0jZ|SnZZ"
    "{_qDP=2c%A+u0p=V-R@+dwuZCIiK-2ERA*yf+eyRN?Q<t{(N~Sd}BNJnhZ&v`6q#AJf<|-dZ}@TQBc=Of=q;osnjwg$+"
    "_!PBv(7PBfe(Ep+lo<97N8eN$!n>-UJi^zjIorN73v$DBb2Ai_MNM!tZvJR*aGP9?I8w+CPsWPxlIgXCf=&;$U;o?hI7"
    "h6)VC(DwzFVa`RWdBS7l!{{l#rYVT<cp!srLJm00ZXVr^baqTza{?d+7+s8EHSL1iFtR2__SmPZM1^fT19~xF)-Xpv3i"
    "qW?FmvJz=#yZOI&%g%FF1$PA&p2QQcSoucYqECQV)5U8-uq<EmDsH=-q%p9TFPwJ5n^vnci85!USV1W&44+|Ab(ELO|^"
    "utl-q$A$ZXK6Sw332J$l)IoCb3SP|ncBH0y1F+L?eam>6i^HSAUv{)szM<!;=8zwpg2Gqtt#2js56SaVrn{+p}sfux#A"
    "3&x?UjmmErG`@iTji%M?{g9ZIyi)lrUb(jF`JoIPDI9)?J9{WmV*TV!<|C#(ZE<hS~wVxwkZlBv<9<rw1#D?<AjDZDc%"
    "9f{0KUH*4M0VG@npo&LXVU0-cZaIHdw&YtmgGN7n`?3F8n|{Pa0`i!yt8G#J;!1?Z+SV}7<BT+VzV_WKYIdd*CHVh)%y"
    "=N?bc&ys!@9%TL&h~wZU2G~dq>FN=j>`#EqYLkb_HqJ_}lDkSYjWh9mRrh+|XRrE@RGqxA(^V=K4sutC%%YReKnv<)9~"
    "ILJH#x}Tn^opA0W%F)Gk0(5bIvBnoe(jdr$~H4)bCzj4W`Qv;tfqkDp(|(MFOTXhD5-M$%L?}#eiiJdpBU+gP)*=0#<}"
    "vQ-y-L#(1pO0#+Y3usjzY2$jIzhR;LKD;+b20=kv~7%+m^Wf9Y>-7^8S!fMk*=NHF?#i1vlSxk;fL@5zVnoPtS<0rN#!"
    "4Y$stIQZ{u<gBRo~FHZ$K1^|R^2(NbprQ;A53fBkO~0GkNO?}F#6%PdL$HtyUo@p37=)Nbt0}`w!tE05Meww+s=-*n>("
    "acW4K_B0_a$yG-hEQv%wJLxyEdMjjtA_lUguy5!(<hT0OSVe(=K%gpw^T6I+a6BaRlEE}-Oito*dAZyUZc96Rk8tEKEw"
    "5i1R=Y}(Y4_y<^2L5oq!;%<N=vT@nQ&~99c?raZB57SH~I_4_1;S&WjJrO4M=&3~E=w$1dZ0w<mGz1OzwXnz33cU6Qa~"
    "WnjJjU;pu-_(5#CCqipi}3E)PR2w7cJ3Mrmod2`E@R!RDPfrIy-8Zx%M-T_?Xxe=f&501aw(>7hRuxL%Kcrq`86Fms~q"
    "PzLLw`%>I(g^~U~^OHb@Cxwbv|qWhCC+2hG4?WV<Qm%&$8yDl&OY6sKW%)99N<g*>uo_x{$$(QW$<dY7E7LjTzl!ce<&"
    ">oty5WhFgx)_w~J<8@*XJE4?+F!K2^R>1T&)sDno`1@jix-}9H!nWr?l#j??&j@(^g90NmH(kv`G;QhA9}Ta=+*zB*Z9"
    "9)SXgQgdAxMv#`NM{`f;!FDtGI{o$IUY!}s6iFTJ?Id6&QW@w@!3OZqN<^Y=S;Cw<(pJL&h>xOngJaq-?`<l?=@$;Eq*"
    "m5cWtFN>EsjlP|URoG-)nq~WxxYfw+DfKY@tK_9f4zH3oGrmgREvHw>o4Nnh@A#`<{+E8`U;5R5>DT_HU;meW;~)B!IX"
    ">?;${d>$&oOyREpwbbb?d7vxAsiOOtBEfjvwh0$9Eg`iQ!2<v3s{wpE$hRt81^%d8r=Pz8`qT-sG3-5CC|_+N`UihgGI"
    "etTJO_&Sh=CPgh1e?vtz0@^umhT&|M^;FrwylG$D|vHjKtoih8JXC)JhD`D2{<=W4iF;=wR&KfIHC$S>*cGFlfcl&76c"
    "k$IJgUWsErW3<w=LClNyLAGu>*&yK*ni!-Cc7o=c90&}8BK&Gk2RL(PTLQDFz{G#zu7!n3zWpkqw!G6=-_Vag#^5j=JC"
    ">o$j<3-MD5y31M6sN6-R(^_h-$PwEh9$_8(%6;UOYZGgGTA2wOBdF<3BZZE6j+uVTPZE~>E%-gJgz4c2b=acClK9{M0{"
    "AKJ(*hMUuiB@yT$`=-N_A4tb1UvzrTTt#EP@NfEf>POO;Ey9~FPySB2KJrAjr@Uwwo!<1g>Vt^Ok<sYfL~x$UUX&x1*l"
    "-NoTTO19a8c=|7DK}-u{CVOu|=BPGU1}e>=S&Z5r?<?xclbj1ON;5)(AYoJg~G|)Ls#Qa~sPUGyBqF;l}M6K;{k)bi6j"
    "H!0o~F<j&e^R|W2!nK1^p<kqnZ3iUxuJGh3YI@?ZMZz(!vn<3#NMuW%l-6ox)!e-_eLUk79_^5Mu+Q`i!p(pHuJaLWc8"
    "1}JG3QI<$Pl`w#)+Plb<I-bu<?L)cac?WPV(2n&XV|07n{mv}1=UHFbLEl3ZXmM^XYIz6yF|l=F&}4^SO>bk)mZ}b7#7"
    "eQV1O3%Unp|}Z=>TO8Y(58CxDST1dHsih%1Y|9{@WxH6otq3Z&~04fwc@*?^mNT>xDh8_S(wq_lk==UQ(4)OO`{K;7BE"
    "KF>n|xTHYJrB!9>Pib(lj=-FzD%Ucd={z~FJmRNJeW@csm8G?8XO5hLYKha-%5y!>JbVB(UsZhFB&9BCZ4R>9bRugjB1"
    "Z+AyAOJSlTI@Lb{=n7ZAO)m=QwD7mEMVu8T2i9P0|gsjt=32cHdT;O}GVLmBa$rRFxn6K!fc#KqA!LrUPGWzny`He8;E"
    "BS)*{m3|sIM528vG@RJJz%302mmH`f!=K&;P5hOR&6ZJal8T^z)F`EQ3x1E>NeznA-bj$tz)S?7ViV{ml`ze+?&@j36S"
    "TP+FkHT%^w<uFcb420=qCzBV;Rf58OOtJ9Ze?!YfAGV3sCJTcQe%+;<F?*D*y?T+#SvHebv$@GGwSl5+w7G)=!>>rMY3"
    "hCmuf6rt|D1d4(5g{R~ftr!ERV4fGo#Vc(ry{+pi+Z$dX){QO-q5XwT%;i`OZyx?AyfXEYVQrSvP~IIi5`m@&RGroHf*"
    "GxAWoGFB00n6Hd_YiitAMrTGDw`3LZR}uAs2@m-=@iMD#EE2zpbo1pptSe9?eHR&DE-{RQ|4F_C$Ok50MW)WTH>Ss>X}"
    "OEETLWeEYut&~RF{2Z6r$mhvcx09(oN-#94X2BkS|{;RG1OZJ4$W=>3nN%897zgi|jW$<NnJBmIf-&XV`l3%K5+G|EpE"
    "~f00?Y-5IyKz25rKCCxr#=8F5L%Xr-QE^<4EADmYPFZfWJJbBXm3Hd7~ox6*;uaWHHxyG;BDEG*lt)=rlx(hqh?O!~Fc"
    "jK^k$CaTdkt1CGDlFHj-(305kayFqZoPA#?jFpbV^<9QeoZ4Xrr){u08@tFzN(FH=Xg1%e@7xs_5LeEF5#u^<V_b-D=("
    "Lf->(tCp7Ht0&`k3;A|#KF(5QW85MTfBzDA>O=fB6fr}^Fgf9~YxYiZ!VYH(>k-SmW%<{_@(XT(0fD(0C4S%k6iXD$i4"
    "<xR7T*Sh+l>sp5`Iwjuw^M={+0GN;qCs4;lu^k?zwcp6k1W(2qpGi30c@rkULnp0RPVs)5_uQmt1P^fHY(VRs1>x{g7p"
    "^KS*tl_<P?wz(j#*$T#%nP5Q0Ba$oi!Hau1eIOcVzCN!g<4ZRT9OkuV1Y0gRaDRpZ3s8ZXqje(;3`4!ky+9zIs&~|KrZ"
    "eMM|lRZrQlS0X!b4i`PVtmT|*6jjZgjs)H0uKXNS%M$~4P&Cn8+e|)D^;DY|{xF!c+ouw{nv$w{gc3mJn4RBSx$zn<A+"
    ";+|8MC<VJq5Hi=3O#@xZUx*$H?G$%I(sT;nHpYYA$7bBLaOZ&(#Xp_q=~C&q`bjmnt4Z<xlyn|1uL&2kv85uWnNP2<_T"
    "#0WL{MB<&y8(yl386C)UT(EV2ErOK}43GMVa;2GY#hl{c42dHl+BXup^}@2Y6VFj_AIIIet=@>L7dpzR*k@7%F7ja<wp"
    "qB@uLIfjilN%Vi#W%9ua*f-!O5MeRC*(_$&ofAL<V0nxHzHZ2omoB{0&5;LBv?c0|#zvsq%bf5T)+-!9-jmD|kes-lhH"
    "feHI+_M1?j~7^JH-R3j$`Ow{9Fh-9{ix4bm&~A5%m+^L4Ty2^>hcIOi{chl57kb%RWrd7`;OUcswYM_I5~hm5Vg2TVBA"
    "pyp{BRfw{0#&xH7MA;im7gHINu9zsJ89_Xet%zOa^w4cT%g5xv+HA?8(EdoGZ3238WQ*7E6h`8n72rTciSS-!=EfeoQ_"
    "<<zHjw*>8s7=KSQ6{QHi3kmOir?2gJdm#Sk?I;ADYs^g01<vv0_<QgLlE6p@xX&zm|pk*jb1C5j149VBHhm;P2^DQQRW"
    "dC(0xM>+?n5rAZ{ls+huO{Fbq>B@9#<K(jKWU?UC}Pj?HJ?+UHW_9{K=XW}E<<?`*!5NAto)d;g4r<)EE+cB62r#v&<V"
    "P>-US`XUO4u)PTLB6Nj}*^Fm!m2~+-*M}aY+aJ0=G<MZsj6V#H^M|3!Gce7+nD(2wMKayLnEs22JtdjpU(EP0Qz0Y$W$"
    "b?$$4kyZM*hnv-;BDwY_ye(mwmR8@wP3H;r`0-e;A&RrC<j>C8J_~vG|U7d|ZMdZ6-Y~`c>PB@$v>{C@|t54dTlaK9aH"
    "j(IEcuL_N|UJCFU3oyV(+6hHExW{>g}LABYJnQi<j-M8=3ijlV?6dx~7v@zFh-p{{a7zwJ}4R;!wCE~CN7&M(blFZcby"
    "Tm-~N9@Lc?0hVtq19dZ!4GCd*DA>YQmgU}A>MhqgCzz)zCgJ^T>xuKI;e++syyS}48~uNe4c<bt^O^<W|<@+u8t>8m+>"
    "U_6#>M@<pdI48G*L&fv&#@-u&_fZlG;Cn7av`8pFxN{)HJt`$fbzarZNc{3gnqs4qeTlyPx2tHJrjNRx53ud(^iV+-=u"
    "&^ZWJ`eT^w2S2*l7<vjorq#>O!E1QCGi{h?nfBFV!><ydu3jIrOISOa6(u9tc}NB1=OGnPoQG6{7wg*A4PK3F2Qhg0tw"
    "SoH1B&f=9#Re7Nb8Vl@Xl5Hv%%X^9VQIkfEu$IA_tVkL&)(O6C}05f*M7rOU}%|$Ho*Ijk(>R3=!+fJS+l?v6ROTiP@B"
    "U5V76La*+mNJpe?ZH4#OkLPRMQp~~wwkQC57$VPb_Oruea#)CtA%*Mb#%@m1Mp#mO3erEPnX8>n$_Srr7=2&x3yUz1sS"
    "&Q$84R9R1z)!R`tt9yFcb^Z}HopDF3i=}U^$`4bCCOb`d7kWI<u{L?3Br7{1{8nzoAjCwpv_llo5do4Z=L|`d}7GQ)O@"
    "D}pgL^ck<1%O?wX89cgf~QHwu&`f|tMTAS(0O(Z-kANu`S(3lq%ulSF>$Py(CaS!xx{cjW>YM0_{6Ay|L-yA0&9oy0p%"
    "a%z#sZ)%7qXp-u9*+$?uGoL5{A@nwHDU$DjvFwh5e1PTM5auFU54Scx`{jE!0IuW3vO&veAidSXzCzgRZQG`Iw3TXj#2"
    "we?L|*@gu<^O9pL$?7V`5j^_#(Ij5Dc%O1=gd_zz0P|pz5I`K-25OE!gGzVCO#y04%c;|39H^LQXHo063F4A*>ejM3}~"
    "N5JH4zFI0Z`%V|ROxKhlA5Uhz3iZJ17nCM{XgSE40u8L_vLa+?!!sqBxIPuA8YC@Q&^2|j;dFG;OmQek3!VqE@CN2pp8"
    "?Jn$iRmQ>S7Iz(joGoW!7m@F0b98Rz{xEDUSS6iH3k5niRF_nz(e5$kR@Z{eig)w<q3*i!b(uj0B~Z^+dE)r7~9M*`Ue"
    "Vts$hi3OQF84sy(bWxq*}xU2ok9bdN(YR@QtUZ%kX&V_&Z@V}}ZQ^*DGQ&&QZRx||`%YCaA#qa*SSnnrEpYcp&l`4*C2"
    "4vmXATu}T*zU@kq<<?9Q2RDF5!0K%(fRj&aT@P_<?Yf`?7*o$?G1B~ezR2hK95FyMdYfgaPcZ*m1t85=pFsJ3yxXi@BN"
    "xcdSD($=>49eb+%lWy^`9mJb-s4=dV@yb*ZW7_T22l(W8$={R;$+=$?LJCUxoQpd~#SzoU|`aUe!ass<+i>=u1vCOHMR"
    "P4!8G{<CmP6mYkTDoQSZDdVGnGAAig2V4(Rb8=xtO0Q!858M&*v+!o8#EO$Rez|QUja+Fyveai8!mvwPRR1`q~RecT6t"
    "_PynkIC(kH`DWNHSk*wZ@H@2t-aXzT28w<pNhsFF1vbMcJ;LE>g$zh>~Fb!b$#T<O?LHq+0~n5_GOpOSFU=)Uv`bK?80"
    "hn+NCEevJ304Y1e4CU1@vCNnDA^u4K}S%?F!Sp#Si9EW483rd<hfEW47m)2?LSa_tI=WakTHfVk{RHc_Ts(UNR?*Xzr!"
    "#AoNUD`AB%yOJ~4gIzbjg8=EV%f03JblDZmiyhLkE9}%k4-aOkyzJuhOxYFcvMaphhQ90yW7)->-Lxwj%8Yi|72gikKT"
    "4>jcr3g4R6}<0(ZaMV)@2vA5Vu|FEr)M_rd@k^vH9dcb{&>F9PYA<SMak$Sa$J*T5TL}xyKr^i5o!Kb>z#gqe$i&%PGG"
    "ds<RTcgzwX|Yki*p!etll_thr<IqR~kyycW~*;T`f&4*`_z=K`Ry@^wtK(`mD3yitS=vY<#@Yi9M-b8bS6NHj-_-|23H"
    "2*Ow3vo`bLX~B_n@`|@q8=O&C7>dN(p;ngVR^)*1rXOlvs^!YpSk1oSvv8cvrc3vKln?#5HIZ*l=wX^?Lxk^3(_gHODB"
    "Y(p5y}!=3vj`J>PC`(O=repq%wo9|+nXs)Jx$IwKf;P}_(`{!bYZY|FAT>ccv#py{Hg+}nKO)`jQmwn}XF^)3cmHIh|i"
    "Tcn%OGmJ0m$RC*hHPn8iUYAGlqh6Os-HY%u3Op}H-0$&=udPJHz8<;hNjNr*dc**T{XV{Pe3zH_PetaJp$}}<`T)?*MF"
    "WtYTB?ntRmLxtB+4=OzwUwXbDcUkfRnP9qN>R88Yk8{+4v8}4>RQ"
)


if __name__ == "__main__":
    sys.exit(main())
