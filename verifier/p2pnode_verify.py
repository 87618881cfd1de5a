#!/usr/bin/env python3
"""Verify a p2pnode decision certificate, alone: Python 3.9 or newer and `cryptography`.

    python p2pnode_verify.py FILE --community COMMUNITY_ID [--rebuild EPOCH_ID]
                             [--vote OP] [--member NAME_OR_ID] [--json]

These are the arguments of `p2pnode verify`, but the community is always to be said: there is no
home to take it from. COMMUNITY_ID is the one fact you must know from elsewhere (from a member, a
letterhead, an older decision). Everything else in the file has to follow from it, step by step,
in the order of `verify` below. Where the community was rebuilt, the file says so: nothing in it
can prove a rebuild, so its epoch's id is another fact to be known from elsewhere (`--rebuild`).
Exit code: 0 genuine, 8 not proved, 2 wrong usage.

This file shares no code with p2pnode, so that you need not trust ours: read it, or write your
own from docs/certificates.md and try it on tests/vectors/. It is meant to be copied.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import sys
import zlib
from datetime import datetime, timezone
from fractions import Fraction
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

VERSION = "p2pnode/certificate/3"
RECORD_VERSION = 2
MOST_PARTS = 200  # of one revision
CORE_VERSION = 1  # of the rules that all nodes of a community judge by
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


class Outer:
    """What everybody may know of an epoch's charter: whose receipts count, and how many do."""

    def __init__(self, value):
        if is_list(value) and value and is_count(value[0]) and value[0] != CORE_VERSION:
            found = f"an epoch of version {value[0]} of the rules"
            raise Refused("unknown_version", f"{found}; known here is {CORE_VERSION}")
        kinds = (is_count, one_of("byzantine", "crash"), is_list, is_count, is_count)
        _, self.faults, self.keys, persons, agents = fields(value, "outer", *kinds)
        if not all(map(is_hash, self.keys)) or self.keys != sorted(set(self.keys)):
            raise Refused("bad_field", "outer: node keys ascend")
        if not 0 < len(self.keys) <= persons + agents or max(persons, agents) > 256:
            raise Refused("bad_field", "outer: more node keys than seats, or none")
        self.value = value
        self.hash = digest("outer", encode(value))

    @property
    def quorum(self):
        """Return floor((n + f) / 2) + 1: any two quorums share an honest node."""
        n = len(self.keys)
        f = (n - 1) // 3 if self.faults == "byzantine" else 0
        return (n + f) // 2 + 1


class Charter:
    """Who belongs to the community in one epoch, and whose nodes finalize."""

    def __init__(self, value):
        kinds = (is_text, is_count, one_of("byzantine", "crash"), *[is_list] * 6)
        self.name, _, faults, members, *_, practices, _ = fields(value, "charter", *kinds)
        self.value = value
        self.hash = digest("charter", encode(value))
        self.ids, self.names, self.seat_of, self.committee = [], {}, {}, {}
        for member in members:
            kinds = (is_hash, is_text, one_of("person", "agent"), is_list, maybe(is_hash), is_flag)
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
        versions = dict(fields(one, "practice", is_text, is_count) for one in practices)
        if "core" not in versions or [one for one, _ in practices] != sorted(versions):
            raise Refused("bad_field", "charter: practices ascend, and the core is one of them")
        persons = sum(kind == "person" for _, _, kind, *_ in members)
        keys = sorted(self.committee)
        self.outer = Outer([versions["core"], faults, keys, persons, len(members) - persons])

    def without_keys(self, lost):
        """Return the charter as a value without keys that make no blocks, `lost` seats away."""
        *head, members, tiers, rules, timing, practices, settings = self.value
        seats = [
            [seat, name, kind, node_key, away or seat in lost]
            for seat, name, kind, _, node_key, away in members
        ]
        return [*head, seats, tiers, rules, timing, practices, settings]


def check_receipts(community, receipts, outer, where):
    """Refuse receipts unless all are genuine and a quorum; return the keys that signed."""
    content, signatures = receipts
    keys = []
    for item in signatures:
        key, _ = fields(item, f"{where}, receipt", is_hash, is_signature)
        if keys and key <= keys[-1]:
            raise Refused("repeated_receipt", f"{where}: {short('dev', key)} twice or out of order")
        keys.append(key)
    for key in keys:
        if key not in outer.keys:
            raise Refused("not_on_committee", f"{where}: {short('dev', key)}")
    for key, signature in signatures:
        if not is_signed("receipt", community, content, key, signature):
            raise Refused("bad_receipt", f"{where}: that of {short('dev', key)}")
    if len(keys) < outer.quorum:
        found = f"{len(keys)} of {len(outer.keys)}, {outer.quorum} needed"
        raise Refused("no_quorum", f"{where}: {found}")
    return keys


def read_receipts(value):
    """Return what was signed, taken apart, and the receipts as they are."""
    content, _ = fields(value, "receipts", is_bytes, is_list)
    kinds = (is_hash, is_count, is_hash, maybe(is_hash))
    return fields(decode(content), "receipt content", *kinds), value


# --- 4. The chain of epochs ---------------------------------------------------------------------


class Epochs:
    """Each epoch of the chain: what everybody may know of its charter, and that charter's hash.

    The charters themselves are not needed to follow the chain. A few came along: those whose
    seats and names matter for what is proved.
    """

    def __init__(self, values):
        charters = [Charter(value) for value in values]
        self.charters = {charter.hash: charter for charter in charters}
        self.known = []  # [outer, charter hash] of each epoch
        self.order = [charter.hash for charter in charters]

    def add(self, outer, charter_hash):
        self.known.append((outer, charter_hash))

    def charter(self, number):
        """Return an epoch's charter, on which the verdict rests."""
        return self.named(self.known[number][1], number)

    def named(self, charter_hash, number):
        if charter_hash not in self.charters:
            raise Refused("charter_missing", f"that of epoch {number}")
        return self.charters[charter_hash]

    def check(self):
        """Refuse a charter that no epoch has, or that is not as everybody was shown."""
        first = dict.fromkeys(one for _, one in self.known if one in self.charters)
        if list(first) != self.order:
            raise Refused("unknown_charter", "no epoch has it; or twice, or out of order")
        for number, (outer, charter_hash) in enumerate(self.known):
            charter = self.charters.get(charter_hash)
            if charter is not None and charter.outer.hash != outer.hash:
                raise Refused("wrong_charter", f"that of epoch {number} is not as its link says")


def follow_chain(community, epochs, state_hash, chain):
    """Return the deciding epoch's id, the last index before it, and the rebuilds on the way.

    An epoch's id is a hash of the epoch before it, the slot and log root it ended with, and
    the charter and state it begins with. A quorum of the old committee signed that id. Of the
    charter it has two hashes: that of the whole, and that of what everybody may know.
    """
    outer, founding = epochs.charters[community].outer, community
    epochs.add(outer, founding)
    root = digest("log", community)
    begun = [community, 0, bytes(32), root, outer.hash, founding, state_hash]
    epoch = digest("epoch", encode(begun))
    index, rebuilds = 0, []
    for number, link in enumerate(chain):
        where = f"the end of epoch {number}"
        if is_list(link) and link[:1] == ["rebuild"]:
            epoch, index, outer, named = follow_rebuild(community, epoch, index, epochs, link)
            rebuilds.append((epoch, number + 1, index, *named))
            continue
        if isinstance(link, list) and link and is_text(link[0]) and link[0] != "commit":
            raise Refused("unknown_link", f"{where}: by {link[0]!r}")
        kinds = (is_text, is_count, is_hash, is_hash, maybe(is_list), is_hash, anything)
        _, round_, author, charter_hash, changed, state_hash, said = fields(link, "link", *kinds)
        (signed_epoch, signed_index, root, following), receipts = read_receipts(said)
        if signed_epoch != epoch:
            raise Refused("wrong_epoch", f"{where}: signed for another epoch")
        if signed_index <= index:
            raise Refused("wrong_index", f"{where}: {signed_index} does not come after {index}")
        after = outer if changed is None else Outer(changed)
        begun = [epoch, round_, author, root, after.hash, charter_hash, state_hash]
        if following != digest("epoch", encode(begun)):
            raise Refused("broken_chain", f"{where}: another next epoch was signed")
        check_receipts(community, receipts, outer, where)
        epoch, index, outer = following, signed_index, after
        epochs.add(outer, charter_hash)
    return epoch, index, rebuilds


def follow_rebuild(community, epoch, index, epochs, link):
    """Return the epoch that a rebuild began, its first index and outer, and who went on.

    Those of a committee who were left without a quorum said how they go on: all whom it keeps
    have signed, and nobody else. No quorum vouches for it, so it proves as much as they do.
    """
    where = "a rebuild"
    _, charter_hash, state_hash, rebuild = fields(link, "link", is_text, is_hash, is_hash, is_list)
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
    number = len(epochs.known)
    charter, after = epochs.charter(number - 1), epochs.named(charter_hash, number)
    begun = [epoch, signed_index, root, after.outer.hash, charter_hash, state_hash]
    if following != digest("rebuild", encode(begun)):
        raise Refused("broken_chain", f"{where}: another next epoch was signed")
    keys = {seat: key for key, seat in charter.committee.items()}
    if sorted(kept + lost) != sorted(keys):
        raise Refused("bad_rebuild", f"{where}: it names other seats than the committee")
    if not 0 < len(kept) < charter.outer.quorum:
        raise Refused("bad_rebuild", f"{where}: it keeps {len(kept)} of {len(keys)}")
    if {key for key, _ in signatures} != {keys[seat] for seat in kept}:
        raise Refused("bad_rebuild", f"{where}: not signed by just those that it keeps")
    said = encode([content, kept, lost])
    if not all(is_signed("rebuild", community, said, *pair) for pair in signatures):
        raise Refused("bad_rebuild", f"{where}: a signature does not match")
    if after.without_keys([]) != charter.without_keys(lost):
        raise Refused("bad_rebuild", f"{where}: it changes more than who is away")
    named = [[(seat, charter.names[seat]) for seat in row] for row in (kept, lost)]
    epochs.add(after.outer, charter_hash)
    return following, signed_index, after.outer, named


# --- 5. The record of the proposal --------------------------------------------------------------


def is_fraction(value):
    return is_list(value) and len(value) == 2 and all(map(is_count, value)) and value[1] > 0


def is_reference(value):
    return is_list(value) and len(value) == 2 and is_hash(value[0]) and is_count(value[1])


def check_parts(revisions):
    """Refuse numbers that the parts of a revision cannot have after those before it."""
    before, highest = set(), 0
    for revision in revisions:
        parts = [fields(one, "part", is_count, is_reference) for one in revision[2]]
        numbers = [number for number, _ in parts]
        if len(parts) > MOST_PARTS or sum(said[1] for _, said in parts) > 65536:
            raise Refused("bad_field", "record: a text is too long")
        new = [number for number in numbers if number not in before]
        if len(set(numbers)) < len(numbers):
            raise Refused("bad_field", "record: a part is twice in one revision")
        if not all(highest < number <= highest + MOST_PARTS for number in new):
            raise Refused("bad_field", "record: a new part has a number that it cannot have")
        before, highest = set(numbers), max([highest, *numbers])


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
        if not all(map(is_hash, texts)) or not 0 < len(set(texts)) == len(texts) <= 512:
            raise Refused("bad_field", "action: 1 to 512 texts to erase, none twice")
    if kind == "amend":
        (changes,) = said
        for change in changes:
            path, value = fields(change, "change", is_text, anything)
            parts = value if is_list(value) else []
            if len(path) > 200 or len(parts) > 2 or any(map(is_list, parts)):
                raise Refused("bad_field", "action: no such change of a charter")
        if not 0 < len(changes) <= 32:
            raise Refused("bad_field", "action: 1 to 32 changes")


def check_reserved(values, names):
    """Refuse what stands in places that nothing filled when this was written."""
    for value, name in zip(values, names):
        known = {"question": "yesno", "cause": None}.get(name, [])
        if value != known:
            raise Refused("unknown_version", f"the record's field {name} is not known here")


class Record:
    """A closed proposal: who was asked, what was asked, who voted what, what came of it."""

    def __init__(self, data):
        outcomes = one_of("open", "passed", "rejected", "lapsed", "withdrawn")
        kinds = (
            *(is_hash, is_count, is_hash, is_list, is_list, is_count, is_list, is_count, is_count),
            *(is_list, outcomes, is_count, maybe(is_list), maybe(is_reference), is_text),
        )
        values = decode(data)
        version = values[0] if is_list(values) and values else None
        if is_count(version) and version != RECORD_VERSION:
            said = f"a record of version {version}; known here is {RECORD_VERSION}"
            raise Refused("unknown_version", said)
        _, *values = fields(values, "record", is_count, *kinds, *[anything] * 4)
        check_reserved(values[15:], ["topic", "result", "cause", "of_practices"])
        self.id, self.number, self.author, tier, self.action, self.epoch = values[:6]
        self.electorate, _, self.close_ms, revisions, self.outcome, self.decided_ms = values[6:12]
        judged, _withdrawn_for, self.effect = values[12:15]
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
        check_parts(self.revisions)
        self.revision, self.title, self.parts, self.opened_ms, self.votes = self.revisions[-1]

    def _revision(self, value):
        kinds = (is_hash, is_reference, is_list, is_count, anything, anything, is_list)
        *head, question, lots, ballots = fields(value, "revision", *kinds)
        check_reserved([question, lots], ["question", "lots"])
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


def check_record(record, epochs):
    """Refuse a record that contradicts the charter of its epoch, its own votes or times."""
    if record.outcome == "open":
        raise Refused("wrong_outcome", "the proposal is still open")
    there = record.epoch < len(epochs.known)
    if not there or record.electorate != epochs.charter(record.epoch).ids:
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
    named = [record.title, *(said for _, said in record.parts), *(vote[2] for vote in record.votes)]
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
    _, stated, charters, state_hash, chain, commit, tail, said, record_bytes, ops, texts = fields(
        certificate, "certificate", *kinds, is_list, is_list
    )
    if not all(map(is_bytes, [*ops, *texts])):
        raise Refused("bad_field", "ops and texts are byte strings")

    # The community id is the hash of the founding charter: nobody can have changed that.
    if stated != community:
        raise Refused("wrong_community", f"it is of {to_text('com', stated)}")
    if not charters:
        raise Refused("bad_field", "no founding charter")
    if digest("charter", encode(charters[0])) != community:
        raise Refused("wrong_charter", "the founding charter was changed")

    # From the founding committee to the deciding one, each vouched for by the one before.
    epochs = Epochs(charters)
    epoch, last_index, rebuilds = follow_chain(community, epochs, state_hash, chain)

    # The commit that decided stands in that epoch.
    for one in [commit, *tail]:
        check_shape(one)
    index, _, commit_epoch, *_ = commit
    if commit_epoch != epoch:
        raise Refused("wrong_epoch", "the commit is of another epoch than the chain's")
    if index <= last_index:
        raise Refused("wrong_index", f"commit {index}, but its epoch begins after {last_index}")
    epochs.check()

    # What was asked and answered, what follows from it, and what each voter signed.
    try:
        record = Record(record_bytes)
    except Refused as refused:
        if refused.code == "unknown_version":
            raise
        raise Refused("bad_record", refused.detail) from None
    check_record(record, epochs)
    keys = check_ops(community, record, ops)
    texts = read_texts(record, texts)

    # The commit decided just that, and a quorum of those who saw it become final signed it, or
    # one that came after it.
    check_decision(commit, record, digest("record", record_bytes))
    root, receipts = check_root(community, commit, tail, said)
    outer, deciding = epochs.known[-1][0], epochs.charter(-1)
    signed = check_receipts(community, receipts, outer, "the decision")
    signers = [deciding.committee[key] for key in signed]
    verdict = describe(community, record, keys, texts, epochs, rebuilds, signers, confirmed)
    return {**verdict, "commit": index, "root": root.hex()}


def check_shape(commit):
    kinds = (is_count, is_hash, is_hash, is_count, is_hash, is_hash, is_count, is_hash)
    *_, decided, derived = fields(commit, "commit", *kinds, is_list, is_list)
    for one in decided:
        fields(one, "decision", is_hash, is_text, is_hash, maybe(is_hash))
    if len(derived) > 1024:
        raise Refused("bad_field", "commit: more derived items than one may have")
    for one in derived:
        fields(one, "derived item", is_hash, is_hash)


def check_decision(commit, record, record_hash):
    """Refuse a commit that did not decide just this."""
    *_, time_ms, _entries, decided, _derived = commit
    here = [one for one in decided if one[0] == record.id]
    if len(here) != 1:
        raise Refused("wrong_proposal", f"{short('pro', record.id)} was not decided there")
    if here[0][1] != record.outcome:
        raise Refused("wrong_outcome", f"the commit says {here[0][1]}, not {record.outcome}")
    if here[0][2] != record_hash:
        raise Refused("wrong_record", "its hash is not the one in the commit")
    if time_ms != record.decided_ms:
        off = abs(record.decided_ms - time_ms)
        side = "after" if record.decided_ms > time_ms else "before"
        said = f"decided {off // 1000}.{off % 1000:03} s {side} the commit that decided it"
        raise Refused("wrong_time", said)


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


def describe(community, record, keys, texts, epochs, rebuilds, signers, confirmed):
    """Return what was proved, for people and for JSON."""
    charter, voters = epochs.charter(-1), epochs.charter(record.epoch)
    yes, no, aside, counted, _ = record.count()
    voted = {vote[0] for vote in record.votes} | {record.concerned}

    def said_in(reference):
        return None if reference is None else texts.get((reference[0], reference[1]))

    parts = [{"number": number, "text": said_in(said)} for number, said in record.parts]

    def is_listed(member, device):
        return any(one.seat_of.get(device) == member for one in epochs.charters.values())

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
        "text": joined(parts) if all(one["text"] is not None for one in parts) else None,
        "parts": parts,
        "tier": record.tier,
        "action": describe_action(record, person, voters),
        "outcome": record.outcome,
        "effect": record.effect,
        "opened_at": time_text(record.opened_ms),
        "closes_at": time_text(record.close_ms),
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
        "epochs": len(epochs.known),
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
        "quorum": charter.outer.quorum,
    }


def joined(parts):
    """Return a text as people read it: a blank line between two parts, or what the later says."""
    whole = None
    for one in parts:
        text = "(this part is not in the file)" if one["text"] is None else one["text"]
        is_apart = whole is None or text.startswith("\n")
        whole = (whole or "") + ("" if is_apart else "\n\n") + text
    return whole


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


def without_vote(verdict):
    """Say of those without a vote what is so: it may have come later, or found nothing open."""
    if verdict["opened_at"] >= verdict["closes_at"]:  # both of one length, so in their order
        return "; no vote could count: it came into the record after its window had closed"
    missing = verdict["tally"]["missing"]
    ended = "withdrawn" if verdict["outcome"] == "withdrawn" else "decided"
    return f"; {missing} had not voted when it was {ended}" if missing else ""


def show(verdict):
    community, tally, title = verdict["community"], verdict["tally"], verdict["title"]
    names = ", ".join(signer_words(verdict, one) for one in verdict["signers"])
    effect, is_done = effect_words(verdict["action"]), verdict["effect"] in ("none", "done")
    head = "GENUINE" if verdict["ok"] else "NOT PROVED, BUT GENUINE IF THE REBUILD IS"
    lines = [
        f"{head}: a decision of {printable(community['name'])}",
        f"  community  {community['id']}",
        f"  proposal   {verdict['proposal']} (number {verdict['number']})",
        f"  title      {'(not in the file)' if title is None else printable(title)}",
        *([f"  effect     {effect}"] if effect else []),
        f"  outcome    {verdict['outcome'].upper()}, tier {printable(verdict['tier'])}",
        *([] if is_done else [f"  but        it changed nothing: {printable(verdict['effect'])}"]),
        f"  decided    {verdict['decided_at']}, in commit {verdict['commit']}",
        f"  tally      {tally['yes']} yes, {tally['no']} no, {tally['aside']} aside, "
        f"of {tally['electorate']}{without_vote(verdict)}",
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
    if any(one["text"] is not None for one in verdict["parts"]):
        lines.append("  text")
        lines += [f"    {printable(line)}" for line in joined(verdict["parts"]).splitlines()]
    print("\n".join(lines))


def main(arguments=None):
    """Verify, and say so; whoever stops reading ends it quietly, and a full disk is told."""
    if sys.stdout is None:  # closed by the caller
        print("error: the output cannot be written: it is closed", file=sys.stderr)
        return 1
    try:
        try:
            return run(arguments)
        finally:
            sys.stdout.flush()  # also of a help text
    except OSError as error:
        with open(os.devnull, "wb") as nowhere:  # Python would write the rest at its end
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 141
        print(f"error: the output cannot be written: {error.strerror}", file=sys.stderr)
        return 1


class Parser(argparse.ArgumentParser):
    def print_help(self, file=None):  # argparse passes over what cannot be written
        print(self.format_help(), end="", file=file)

    def parse_args(self, args=None, namespace=None):
        args = sys.argv[1:] if args is None else args
        options = args[: args.index("--")] if "--" in args else args
        self.is_for_json = "--json" in options
        return super().parse_args(args, namespace)

    def error(self, message):
        if not self.is_for_json:
            super().error(message)
        problem = {"schema": "p2pnode/failure/1", "code": "bad_usage", "detail": message}
        problem.update(title="", exit=2, next=[f"{self.prog} --help"])
        print(json.dumps(problem, sort_keys=True), file=sys.stderr)
        sys.exit(2)


def run(arguments):
    sys.stdout.reconfigure(errors="replace")  # names may hold what this terminal cannot show
    parser = Parser(description="Verify a p2pnode decision certificate.")
    parser.add_argument("file", metavar="FILE", help="the certificate; - reads standard input")
    parser.add_argument(
        "--community", metavar="COM", required=True, help="com_…, its id, known from elsewhere"
    )
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
    if not all(map(str.strip, wanted)):
        parser.error("--vote or --member is empty: a variable in a script that is not set, perhaps")
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
    """Return what each character looks like: lines of it and its target."""
    lines = zlib.decompress(base64.b64decode(packed)).decode().split("\n")
    return {line[0]: line[1:] for line in lines}


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
    "eNpcvPlzXEeSJvj7+yvYa7Ym9FRXaZdSnVuqspmenpntnln1zHRV94y17S4lsiSqcgUVKeja3bbMfHkfyDuBBJBIIO/7"
    "vk8zSiIJEMRBAhIhtqzeeykQQP1Uf8J+7pEJVq8R8O8LzwgPDw+P44HA+x9eeUX6H+/1X9WMeul/elP6n3XSv74h/Zu3"
    "pL98W/q3N6W/uiX9u99I//4d6T+8K/2vt6W/fk/6m99K/1En/ac770v/2/vSm4vS334g/effSf/ljvRf70p/96H0qyXp"
    "1x9Jf/+x9A+fSP/tU+m/fyb9n69I/xdq/z866V787b2udC/13/Za0r3stT2bdC9/Q7pXubZnku7Vr0v3Gq9J95rX9gzS"
    "vdb+ULrXvbaXlu710LC/KN0b6l59Xbo30r2KiuPXwD/X39jTS58bbqDB58Ybe0bpc/nGnix9broB05+bb+w5pM8tN25J"
    "n1vfhqHPbbeouv0WVXfcourOW1TRdZv07tukX75Nes9t0ns1mxGefu57n4z6F6lWYJFqBRepVmiR9OFFqrvyifT56iJG"
    "93lkieqtLVG99SWqt7FENaKfkmbzA+nz2N270udb7Ps2+x5n3xPse5J9T7HvafI9w75n2fcc+55n3wvse5F9L7HvZfa9"
    "wr5XZ77X2Pc6+95g35vse4t9b7PvXfa7x3732e8B+z1kv0fs9xh+Tz5F+QsE3SR9YWCJoFukL2SWCHpW+sLM0vI22nxh"
    "ZWl7G7a+sLN0vL1nlb5wsnS9Ta3cLJdvkvSw9N6E31/4WPpvUS8BlsFb9GmIZfgWWVhhuXqLeoywXONP11luvEM9Rllu"
    "vkOaGMutd6jVNsv4O4jtFwmWyXepZopl+l3qPcMyexuR+iLHMn+bPCmwRORhrcQSkUfvFZbV22S5dlv6on77PemLBonm"
    "e2S1xbL9W+qtw7Knowj1WQ50pBmyHOnI6pjlRHevI32pZ2nQYaa+NLKU30erL00sze+j1ZcWltb30epLG0v7K+9LXzre"
    "38tJXzpZuhbh+pdulsuLVMXD0ru455S+9LH0L96SvgyQCN4h4yGW4TtkfIXl6h1qE2G5dpc+XWe5cRcD/DLKcvMu1Yyx"
    "3LpLNbdZxj8kTYJl8kPSpFimP0Swv8ywzC4h2F/mWOaXyNcCy+IS1SyxLC9hhXxZYVldIr9rLOtLmIQvGyybH5MnLZbt"
    "T0l2WHYpkb/sfUY+91kOPsOkfTlkOfqM7I9ZTu5K9/Vvwaf7hrf2gtJ941vw477M0nTfLN237EBrvW+T7ttvosv7jptU"
    "zXmTKrhYut+R7i8/iEr3PSS8f9gMSPd9v5Hu+/EdeIdqBz+V7odvS/dXblNHq78lXYTlmo406/sDTPj9jY+l+9GdunR/"
    "k6byfmyRPtta3FuX7m+zjN9PSPeTH1DDFMv0rl66n7kPt3K7snS/+CEpSyzLu3AZ0UOzKsvarkO6X1+S7jc+pc+bLFuf"
    "UR9tlp2HcL97vyfdH1yn8hChGeF78oH0QK+THhh0EPKfSQ9MNyl0D8wCLAKsuvekBzYSdhKO9yGcJFwk3LSDPFhm6aEV"
    "9cDL0kfJ+cDPMkDT/iDIMoSdCbF9EJ7hCqFBerA6wwgh6q3NcJ1QLz3YmOHmDdEuNkNsxlbC7RnGb9CW8yAhIPkOxvsg"
    "xTJNe8iDDMvsb0nmWOYXMfsPCiyLkNSuNMPywyhVqQiovkeydvMz6UGdRINE8x1yu8WyfT8kPeggqt33ydceyz4OBPpw"
    "MMPhDToKHowEjLGDE04EPsQe7ZEeGljywfhQZmm6RRozSwudIg+tLG23SWNn6aBT5KGTJbYLaNwsl+nceOhh6b1DGh9L"
    "/x3SBFhidqAJsQzTGfJwheUqbQMPIyzXaOk/XGe5gZx6uPkuAvIwxnKLUvth/CfSwwS+k59RpRTLNKZGephhicMQmhxL"
    "BJ6m8GFhhgi+TFiaYXmRWlRYVhd5eh/WZlj/lGSDZV+rpaSHA7qgPByyHNHiezjWamlpx7BjlHZk2gh2TLt2ace865J2"
    "EMGutGNlaXuPPrOzdOw4pR3XHaJulsufkvSw9N2QdgK0l+yEacPYWaENYyeCvWFn7UH00aa0s05bxM4WbQ072+9IO4lP"
    "pR0cSChlaYPYyd2WdvL4Luj2mtJOSUdWyjpEcqfysbRTu0OnwE7jfVK3aI/YaS+qTau0M7yD2O6M7uCDXeNdks4ladfz"
    "qbTr/YxKfpjYDf5S2g39IbYs7W79Dl3uJpCdu8mb9FHq5q5P2k1/eFfazXyI/WQ3++FOSNrN/YbmbDevg76gQ+3qu9Ju"
    "jfzdrb8n7TbuSLvNnZ6029oZSLvtXYO02/lY2u2i294r0m4ft8/dAb6H+B7he4zvyUlEemT8ufRI/oX0yPS/S48s+La9"
    "Ij1y4NuJb+/PpEcBqrTyfenR6jVkzqPINczwo7VrOA8erV/DeB5tXMP58Sh6DafCo61PpUfbOulR/K70KPGJ9ChJQ3xU"
    "RuePmvhuE+nC6OBRXtozIx/2XDC65z6tSnvePQtM7/mQyHuhvYC0t3LqlfbW1EJO2tvaq0l72wj4Xhxd7mWItRHzvQ6S"
    "Yq+H4mM9lu9jA1blYyP8eSzDwmMTb1OPzbelx9a9hvTY9kfvoC89XnnslR6vorPHaQzjcRkuPK4+rkmP649RCY4+bj3y"
    "SI/banNZetxh2b8GGwMcQo9Hf9iYSI/H/4v0ePKetG+iW/S++Rp3tG+ha+a+FVeIfRuyiwp2zBqhg66O+y66Gu4v0+Vv"
    "33NgJ8AOzG2RsPv+z2PSfuBTaT+o9sFClKH74f22tL9Ck7+/+ibGvB+5Le2vfdGV9nFgSfsbuMHvRz+S9jf3x9J+bFHa"
    "3zrQS/vbH0j7CRSSanNd2k8tSfvpHTTJHFil/eyBTdrPHdil/TxdYvcLdAHdL7LzpZnf5ZnfFfa7Kjb8/RqcrJOTDTjZ"
    "ZCdb7GSH/euyfz341yf/RvBqsigdGD6QDoxAGd8m8ufAvCQdWODPgYMcOHCSAwccnAM3BedgmYNz4DlYkQ686PDAR6YP"
    "/GgX4ApBbhIiG2GM92D1ICIdrB0YpYN1EhsHUelg8wANtw62pYP4QUI6SB5ZpYMUifRBRjrI4sA+yJHIHxSkgyKcK+G7"
    "fFCRDqpw/6AGt+vQNN6TDprcPY/1AGfGQRffPXzWPxhIByPkxcH48VA6mFByHOrpIeLQQA8Oh8Yjv3Qo09Xu0EStD813"
    "pUPLbenQSiM/tL0nHdqPItKh42hNOnTSTfjQ9QUdLoduJB7Zwa5mkQ49SwjwofeGdOj7kXTo30WTwB3pMHjYlA5Dt6TD"
    "8GFbOlzZ2ZAOVylhDyPUGu0oUQ7XDwfS4cauWzqM7qLG5qJ0GEPQDrc+kA6335YO4zQph9gAD5MI6GHqE+kwfYTGGQTr"
    "MPuxdJg7skuH+Uf2t6TDwn0sp8MiLmWHpSNYLB+ht4rahENVeFeDd3XyDhvSYQuOdcinLvvUm/lEyXE4JHdG5M4Y7kzg"
    "zpH+A+nI8LZ0ZCR3juRPpSMT3DkyfyId2T6WjhzU/5GT+j9yof8jD/V65KVoH/ko2kcBCvRRkAJ9FLorHeG6d7RCgT5a"
    "fU86WqfwHm1weI+iIrxHmxTeoxiF92gLvWzjO04n0FGCZfIoJR2ljzLSUfYIVfJHBemoeFSSjspHFemoiqV0VCNRpzPg"
    "qMGy+ZF01MJ3+yOc0Ecdlt2jnnTUPxpIR8OPn1ieWKWj0QzHRxPpif6JQXriOOxiE0xLT5xz4iIfnrhZLj/xSE+8d16R"
    "nvhI+OnMexJgGXwSkp4gBTCIJysCVnc2yEBEANKAlOsCNp5EpSeb4GgaE7D1ZFt6Et/doI8TApJPUtKT9JOM9CT7BMU8"
    "PSA/KbAsYoaoSmmG5U+lJxV8V+nsfVJjWX/SkJ40n4C1n3SkJ90nPelJ/13pyQDfw1vSkxG+x/Q4+WRC8ikut08N8N0i"
    "PTUKkJ+apKfmwwF6fGoRYN2l4Ty1CbALcAhwopunLhLuXTcplgV4YNhLd96nPpZ+evR/GmAZxKP/0xCJMD3NPl1huYpr"
    "wlO6KzzFXYGqrQvYgF+AqIBNhBYQE7CFs/vpNok4ZRY8T8wwSYgaqRmm6acBTzMss5QvT3MsccVqka4ww+KRm6AkoEzX"
    "p6cVllV6sHpaY4nLlVN62mDZPLKSqiWg/RSh6GK5UKE3w/7TgfR0+HQkPR0/nUjH+pvSsQHfxmNZOjYdm6Vjy7FVOrYd"
    "26Vjx7FTOnbtxKVjN4nlY490zM9Vxz6W/mOI4HFIOg4fr0jHq8cR6Xjtd9LxOr7xEHUcxffmcUw63jrelo7jxwnpOHmc"
    "ko7TxxnpOHuck47zxwXpuHhcko7LxxXpuIYG9RN01YCF5klSOm6doH4bpc4J2nRPstJx7wQN+yd56XhwgtbDk6J0PDqB"
    "iTEdR8eTk4p0on9XOjGc1KQTIx1LJ/JJQzoxnTSlE/PDjnRiOWlLJ9YTMNv70on9pCedOHaq0onzZCCduKByL0knyydj"
    "6cRzMpFOvF/ppRPfO9KJ/7Z0EvhKlk6Cv5FOQovSSfgri3Sy9op0EsU39o2TxO+kkzS+y+TKCS5oJ3V2oEXddmG5T/0M"
    "QUZL0leGd6SvjLelr0y/kb4yL0pfWU9SKNl/Jn21gQ3qqyiJ5Fdr0lfZryLSV6WvwtJX5a9Wpa8quLR81dxLSF/1cIf5"
    "qg/xNRbP1wYiRhLyz6SvTUTMqPV1CJ+tfiR9HXlF+joGvr0ofV3FU+TXNR00ddzJvm7guwnyzC5+Qkk/pHzmuOJcdP+F"
    "9MzzrCc9W4VjzyK4Xz1bww3tWVyH+9azhO40KD1LntoIUrrTkPQsfWqnQkYnPSuc2p+vS8+azxoEo1M7LnnPJqw8tS5K"
    "p45Tu3TqRAqfLsP4qQfGT/0Y5mkAtk/DiOHpyp5fOl3F6jyNYAmcrhFbh5nTDYzxNIp78GkMvZ5u/UA6xRX0NAWzmV9L"
    "p9kds3San/3g9bTwF9Jp8ZlLOi39K+m0TL1WvtmWTuu606Z02iC3T1vM2xgJoHNq2wsQ6WIwgN6p/Rnq9J/lpdMx+/+N"
    "4VkJw/zG/KxEJduzCip84/zGQbD8rEJKjwDfsxop/c9qcP6b1Wc1Um4+axHEnnUIkt9sE2RODdI3WcFzp7L0TZ5E6VQm"
    "RfMbttY6NZGZzqmJSn2M5ZsBe/fNSDiGc/W5fhG+PTeAGZnJz3LSc8spPa0/t9LYpOc2jLQqPbejZJSeO09taPvcBXPP"
    "lzFPqOc9HUjPfWzzuZ/0AZ7Y58HvS8+xDJ7HMFHPs3x7f14kUX5WIVMVjBNQ/YH0vKaTntdP49LzxmlCet48TUrPW2jZ"
    "Pk1Lzzu/lp53MUnPe6fwbfRsmy/pz8enZkEm9Cj8z4YfSP9sxDdS+59NP5O+1aOjbynjvzX+81D61oq0+db3LAsfv/Wz"
    "q9+G2ftv498UpW8THLlvM98GpW+zpxYE6dvcqYU+Lj6rYSzf1r5ZIWWd5/Lb8bMG+vy9/k3p9w6d9PsCEu73JfT1+zKp"
    "G9hHf4+nhN+38N3/PyQl7kFXDuD2syyaK/HkN3F0p8Qzp2bGLAdMiee+JUnhSSJplXjlWWvGqt9UIGunNsj6szq6UeJt"
    "DCcO7NB4mPUoc+CHEu/T4JgNkL9KfMgSEw/JeYmxKfHJszxhQk95wczwjYXReCozpk5dkFmWebKXKGB0SqJEXiXKe0nI"
    "KtalkqhxnfqpG7KBvFESXTxGKYneY4wp0X8cgpyQJql/7Ic0CP+SRpaYNiVpUpJmJYVukxZiyTGYTUlWlZRbSVItgIfc"
    "Si6DiJpesD/6SvAj6RONuIJfcFEnIAqzasH5RxhHMqckszSUZA39MGkqyQaTAVVK9sGGXJ4o6YmkpMxkP2UVxlL2WYcp"
    "P55AlVQAN0YlFUSyKakwqmBSUitAtE+tKskQGUpFlGSYyZqSXGGyriQ3mGwoyW0mUSUZZ7KpJAtMYkqywiSlpJL4Aksv"
    "QmSwKpRU7jWIOkbGzjR4iHA91ZwNlgstjq8HbPRLSUnPZiBtUdJmJY1gp3mgGaeSsXI54yKWWQHbUNLsWCaqpNmxTExJ"
    "sz+ZLSWNFjLY9hUjzzL5n0CUfgpRVdJVScnyVGdlJY0qWYuSNStZ9JK1Ksk8T3GMI5y1vSznEM6sXck1RCyzDkHRbdZz"
    "VUtMRdZLBmlSs0FiOaRjNqQkWwCENcl1qR4CGQNsKcktQFJJYk1kM7AGKCDsgLKSLAEaSrZOQ8wicD1AW0mWudwFAXC4"
    "siIvcgbhYs4o/MvNMiRnY59yTk7FnBtuACJKllMgt6ZkOQVy61cucnFzNv85imQugyDmKJy5+tWoJSU/m8A8xzVPSyhv"
    "UfJmJY+o5t3ECmYwDzOq4mUGd/I+UU9UCMwLVCc4L1C1/BGpsACzAB5ufqQkR5JSMCgpJHnBqKSwFRXEsArkbCHLtQuU"
    "kQX4irAWCmSmUFZSiFoB1pAMxZnzRRnDKlqUolkpwu3i1psQ3FPJppSsSikM5iRGH5dcrENGljaUImdkKaoUOVQl6r2U"
    "RajKRtptyw6lbFfKDbCgUvYLtqGUsQWVq0oZwyt3lXIbMOZSxaaUsZQqDqViEQqnUrEK5mIdDFTc5HRlRRSox0pGKWNv"
    "q2TRGyCvlNcABbRTKohQpQiFYCWlvAwoK2UEvQIXsKVX6vwxYlhpKuWyUkHCV1pKhax3UF8pI38r8LMD6CvlLNeo6kXw"
    "qkY4UBULqhpQqn6lBleqQWbI/2pYqXOeVbeUavWrIUhcqXLYqimlmmFNSakWWVNWqi2lBk+rHTBW9UhVReBrRnwimEmp"
    "yYLZlJpFqWGCajDvFLptpeoSjIJTn81ynRytC0frZqWKANQtShUrom5VqlTBq1QxMXU/XAdcjaV+NZb6ilLFvNc3lOoG"
    "IKpUo4BNpboJiClVLIh6QqnC63paqaYBWaWKRKxXlCoCXa8iAoCaUsVGXa8r1TqgoVQR6fpEqWIJN/QApYFeGwaOQ0PG"
    "UAFWpWERehszjLjhYIZ5azgFExU2lBq8a2wrdZdSRxQaaeRzI6PUMoCsUoNDjYpSg0PNWWiaFJqmCE3TpjStSgvDbNo5"
    "nZqcw6xwKc2s0oJXTS8lYxOp1AwoTb/SRDfNIDGuF+aUaUauqouUb8buQmxRXwmljCg1U8g3QE1pIi5NZF8T0OYV0USm"
    "xZQyYtKcMLT0AoxssiULsMARgBXLBGAjt1jBK4jcavEKYsYriBxsLSspzEBrjR10K0040Yotwgv41tpWmpjPFuVOKw8d"
    "aoAVlGaa68LTVnHeELFs0fHSKivN1tXHFfExWFtp9q566M3j0cLYEqLC4Krq8KqrkdKsCzZWmg1mbZqhtpihtlvpyEpn"
    "FcyvtH1KBxtNO8AsAtYCA7SVNq517Z7Sxt2no1faOGk6JqWNRdxZQ01u1tlghuO4ExVMqDe5gHTu5JROVlTIK22cLZ2C"
    "0kbmdCqsxxWrKytdpGDXqXTRsutRusiKblDpmgAhAStKFy51t5UupqabVrrwpdvYcyhdLICeQenp8QVmFgo3bZ09L0bc"
    "tyld7H19t9JF3/01pYuNrb+udDG0flTpYvn1N5UupqsfU7rwt09W+zDS7yrdLqCndHFsDmxKD3YGdqWHjB44lB56GDiV"
    "Hm6NA+5uQN0NNpR+QekjioMoM1xYh3pllFVGQ2WEFBoaldGWMmoqYxAk41B+WR4izkOXMoTJ4bIydOMLbF0ZruELbFMZ"
    "RvEFFmMdsc5eSlJGMGJUxpiYkVsZuQTzKyOfYCvKKCzYhjJaFyynjPTKGGtslFdGiMyooYxqygjjHrWYYR2N2sq4rowR"
    "11GHGNRc6CrjhmA9YnP1QBn18QU24tFiWx4b5p+OA8rYz12Po8p4Q7C4Mt4WLKOM04IVlXFBMBj3souTZR44QjAJnbmx"
    "DUzCZ263pOr1SHhVXwQz0rJR9aa3IbyLQhddhIip+pAoJkRlVd+7apVW9SlVXwbLqfpNVT8EywuGE5or96GqoQBoY5ZV"
    "fZdWkGrQw7jBqRoc+AJbQ8eGbVW/rurHYCnVYACkuXNSVIQbooDeZcHGqmHEzGhgp4htqkaZejJuaU09YFtrwpYxrjWN"
    "gITWRPfGpNY0AVJa0wxIa00LIKM14acxqzVtgJzWtAPyWpOMFbSmE1DUmi5ASWsifsayhg1YNVa0pgdQ1ZpeQE1r+gB1"
    "rekHNLRmANDUmkFAS2uGAG2tGQZ0tOYKoKs1VwE9rRkB9LXmGmCgNdcBQ625ARhpzShgrGFfVI0TrRmTVFmvNbcABq25"
    "DTBqzThA1poJgElrJgFmrZkCWLVmBuDWmiXAiphfeZXnXM58CtF4CPvyUJXRmzzB3JgMqkmPLzCTapLxBWZTTVZ8gTlU"
    "kx1fYG7V5MIXWEA1GUWLIDOE2xRiRm3DzKjtCtujequqySzqRZhhLkxrzBA60zozRN20oZosom2UGek22ReyEmNGVraY"
    "UW/bzMi/uGCiamJeoDrJeYEMp+YFapOeF2hYGS4QyzLDjJtyzDDbpjwzTLipwIxcK4owiULpqvMyM/KzcuVDlRmNu8YM"
    "aWiqXznVEEw0bwr3hIctZmS/feVohxm512WGnDT1mJGjfWbk6OAqwiPVNMQX2EQ1jfElqWbMu5M7NBuZwUuzzAy+mU3M"
    "4JvZzAy+mGlCVDO1sLIOXpltzOCV2c4MXpkdzOCL2ckMvphF9lALj2pexheYTzV78QXmR0MehznADD6bkUc+4cEKM2qL"
    "PPKLT9c4a8nndc438m+DGfkSZUb1NjkHEXdzXDVvf9fNgiVVc0KwtGpOCZZVzRnB8qo5h6pgBcGEuoiCYBXVXEY7sKpg"
    "Ql1DQbDGVEaozU2AULQEtGEMVsA6zLCfmrvwReh6zLBuzX3YFLoBM6o3BBNmR/BUfDpmRp9O2FO4ZNELxh1aDFwQ47IY"
    "uYB2FpkZ2llM6BDdgpkFE1UtV2orM2pkAxOf2nnUCJDFIZhQO0Uw2EmLiwuznt1coP4w8XXR1MOMPPYKJqr6uIA9zOIX"
    "TKgDXCALQTChC6EnoQuDiW5XRMiFepUZdRZhRuNZY0bjWb+qtwEmmkdJZ8HOa4kBhHtbzKjeNpjoOk46rocZ2xZtkzx9"
    "VC/F00K9pTnQxDKCieZZXnaW3HzjteSZIYUtBd43LMV5JltK80y2lDndLRXOZkuV1zY1rjHDmrXUmWHFWBrMyGCTGdaY"
    "pcUMa9HSnu8Llo5o2BWtevO91NIXMJhvQ5Yhrz/LSDg15nVumfCSterZvtXAxq3CW6vMQ4KnVpMYHDtrNc+PDqtlfmBY"
    "rfMFbLURow3GamcdmXXMDxGrc76UrS4xeNHIPT9brMvMyKRHMOGKd37kWH0iVMKcf14gIwEROlEIzgvUOjQvYPzWsIir"
    "qLZCBfZWHG8UCz7ezDjerWtXHa0zo/6vjjdr9KrnTcFEIUYFNrnFakTZus2MXInPz0SrON7IZHJ+LFlTVy6nr/zNXAU+"
    "Oz+JrLn5SWTNz88fa0F0WpwfCdaSYKJQnu/21gozGii2PmSCtTY/HKz1+eFgbcw3bmtzvnFbW7xx0yS1mVH3HWbIP2uX"
    "GbXoieD1uW+qPmBGHw2ZUURGzMiLMTMa82R+E7HpfwWR2MGNx67fT0NuneCW5wie1CTV6X1TUpe3/i3E9n+BiP8dRPLN"
    "VyBTtyGyWq0FyP03iPy/hij8NUTxryDKv4Sois9r+7jqLTf+HqLznyAG/wFiRI3G9Ish6vLkfkFSPfp/D2F8F0L+7xDW"
    "I9ziPM77yGqP61dUz7P8OoTnLQg/3PEEYdET+q8QkV9DrBHb/I8Qsb+EiP8tRPpvIDI3IQrclaf8I4jq57gneur061+q"
    "p0HdNv8NRJfVPdWDoXv64tMBfTqkT0eqBwa8+jcg5H185nXd66he3KG9bsC9DsjyvQ5/4tkPctlLNXCh9voArPGTBtPp"
    "DQBYEyQNptUbArBmhTS4XHtXAayJkAaJ4V0DsCbDsoCOVS/i5C3uBwUpwa5gZbQWrILweGs71G3jFxCdex2C7s8h+vc6"
    "9Ong12xweK/D1UY7wrkxdVwHmQBI49NzW5/hF1wy0udNEBnAGgwTZn3mn3PJQp/3QKwA1jiQPT4Xks63TInmo+H7MMc+"
    "jJq0q7/iahgxf7x2YuPyOlVDDvs2AKyJzhtuAlgTIw3Wtm8LwJpt0uDJwhcHsCZBGjxk+JIA1mR+RR5lT2wEOdgizKM+"
    "YQlJ5Ksgf3x1pJ2v8dYe1pavSUaQsr4WgI2073WoZucDLnXpc5xtvh6ANYgyGRnc5NKQPseK840ArEGcyf7kLSr5EWPu"
    "yG8AsMaMjuCP3/K3JK03SdreIunGkvNTVvmxrfgDAG5AYfUjY/whAGvCpMEm5F8BsGb1XocaR/6aS2v0OfYL/zqANRuk"
    "QYT9UQBrNkmDCPtjANakaG3781h1/iJ9iNPbXwLwhxg7f1zZD3C5SjWwx/hrANbUSYP7i78BYA3F1o9j398CsAaxJfMd"
    "HZcotn7E3t8DsGZyXVIDGLUawHYacABIHXCSBkEMuACscZMGSRVYBrAGyxIXngANNABHA1EAf0ADDSBxAjEAa7ZIg8QJ"
    "bANYEycNHlQDCQBrkqTBM2sgBWBNmjR4bg1kAKzJkgaPsIEcgDVt0uAiGyBgDY0xUAHpAVjTJw0yJjAAsIZyKICNKjAC"
    "sIbWagBrNTABkCaoJw1WZ9AAYA2t1wC2saAMYI1LDTqxYINuIK+V4DIYkjHoIQ3Nf5A2pCCRVQC3og0piEQIrgFYQws0"
    "iKMluAFgDS3QIKIa3ASwhhZoEPtjcAvAGlqgQeo0DmANLdAg4hxMAliDCGDfD1Zf51KNPkd+BOsA1jRIgztqsAlgTYs0"
    "eZA2gDUd0iBrgl0Aa3qkQdSDfQBrBqTBqg0OAaQJ6VUv7IYMn0BgSaghLJ+QB8Cf0ohDmNvQBoA1NLchZHMoB2BNh36X"
    "RQ0NceKFRmRmrIa8qq8INgHDnhHWswb9hg1g2CXCRtZgtsMyGKYibCKkHSFsps/8uJiErTgCw8tqGAscZ0XYwwwrPuxl"
    "BlfDPjCs8LCfNVjb4QAzTGU4yAxTGK5QD81/B9HSTMifcOcPsYGkrpi0GnJwxYyDfWUTd4CVPIkKHcsrVZzjKx0ci6tG"
    "Nrcq8/6zauJ1tGrlpF+NqyF4uppQQzjfVpNqCI6ulu8ja1cr+4jsapN5i3ik9A8QZcQoUuHxY7YiVXYShiM1NRzm4UXq"
    "zDC8SAMMw4s0WYPhRVrM4E+kzQzDi3TUMM9FpKuGOWEiPTXMeRLpq2FOj8hADXNWRIZquMhkpIY5K9bqWBxrHfi2btBB"
    "GNW1EcCFrXc9hMvFehiRWF/dR0aub6treLRZZ0vrxZ9BlL4HUaVr1UZT3UCeb7ReldRNj7qJSGwm1M04oKN0sUY3u0oX"
    "C3Ozp3TbgL7ShZWYhX5iF3PSz4jVWIALQaWLaYmFlB5CHIsoPZyKsTWlhz0ltrUoqVsyet6yQ2yH1C2YjIfV7Q0ArZM4"
    "4h2nDSeOLuO0BuJdSU3QtpDA7pmg8zqAa2ECM2ikcSRspMEsJuwA1jhIg0tNwglgDV2EArg2JNwA1vBqoVYeIpj9BF2F"
    "QsjghI8IhpOgQyuEuU0EiGBqE+tqAv4mNtRETPXieTERBaAAtgVzbBnJtMkE6cRnSCKlhjjkiawa5gtUIq+GeUNOlI62"
    "GKvqCu9/ibq6yptuxqum0UHGp6YRkbxezcH9vFdATs1n8QVWUPN5wZrPEd98Zw+8EFELGFEhvocgFDJqAc+9heyeiYpF"
    "i1o0q0WMomhTi1bBHGrRLphLLToFW1aLbsH8atEn2EAt9gUbqcUhs5JeLY4FM6jFiWCyWjIKhrZuQAAmAKtqEe6VNtQS"
    "VkApppY28SWp1aFaHeBLUmsTtTbGl6TW9bt4cKgbDpEG9N+Pal1+G4J/v1ytmwVY6FeG1bqVfn9Wrdv+EMEc1e1qHVlY"
    "96oyOqn7VBk91/2qjK2/HlBlrP56UJWxyddDqoyMr4dVGdt5ffbT1br46Wo9osrkwJoqI4vr66pMHW7wz1nrUVWOAjZV"
    "Gd7XY6qMBKhvqTI2nvq2KuPErsdVGUunnlBlXDjqSVVOAlKqjKmop1UZC65OP7+tZ1UZIannVBlbTD2vyjgV6gVVxuZS"
    "L6oyOVRSZRwD9bIqYw+uV1QZq6teVWXysqbKSI96XZWxL9b5h8H1pipT0FqqTFFpqzKWa72jysiqeleVsZzqPVXGnbfe"
    "V+U+YKTK2DLqY1WmwNMPkRvePayxhp8yphF4BXtJI7QHlxqre/ChEdmDQ421PexoDfpdYrUR3cMwG5t7GGWjtIdwNul/"
    "JJq2HYSr6fwCfTbdu8iEpgfWm94dhL/pIxp8QP9b0dxYgtj6CGL7Y4j4ZxDJ+4hMM30HIrOL7bSZPcAO0Myp9FP3ZuEQ"
    "+dIs3oAo3bgFWUYqNKs4npo1KtYfIBbNxjsQTTyyNVt4Hmy234Po/Baii72y2bvzPmSfxJC8GP0EYvwBxAS9tvQfQhjg"
    "WcsIp1oy+mqZdpBVLTNRi0r/MdGyot+WDf227Oi35aB+W076FVq15aLxt9xwouVBry0vddjy0W+Nqi0/umwFKBStoEr/"
    "r9AKqfT/Cq0wPGitUOer1HlEpf9DaK2RD+sIUWtDpf8caEXpabC1iSxqxfgUb23tINCt7QPsYq04xttK0DCSZCRFDdPc"
    "gvKulaU+clw/z/ULS+R9+Td7yJ1W5c77jFUB9TsMjZ0xY/MuQ+tDhvZnDN1dGuqA/rZKbQ0FjD5gGC8xTHYdhG0Z4Wi7"
    "4ETbu4MF217fwdJsbyBf2tEdLMj2pvira7Udo/C1t34Dsb0D19txaprYwejbSe6iTY/57TSJjFBkdxGsdo7+nktt59U2"
    "9st2YZcaF/lvutR2iX6W0C7vYMW0K+9zveoOhtCuLbKFOkWl3bjLnzR3cUi0W/T8327v4jBod3axvbS7CGq7R6JPudke"
    "IGPbw8+4zWgXW057TIuxPeGn+k5WLWAb6ZS1DlZ0V39jD0PoGgQY+eLUlQWY3qKl1DULsLy1h/XdtQqwvb2X3sPzfNc+"
    "J46b3MgpwHWTG7kFLN/kRh4B3ps0+K5PgP8mLeFuQEDwFg4HrK1uaE7CRKiDlTlZvcVVIwLWbu0hiN11ARu34A5OnG50"
    "TjZ/ww7FBGy9QxtJd1tA/F1WJgQk32VnUwLS7+7h5O1mBGTfZWdzAvLv0ubTLQgo3uauSwLK4s+s1G5lTqq/ZagJqP+W"
    "zTcENH/LIWkJaOtY2RHQBbCbvTnp67jaQMBQxwEYCRjfeZ/tTwT29ECMqmeYoREIqz15hiahNguwCKVVgO196qBnF+B4"
    "nzroOQW46O8wqQP3nCwTQZB6njnxLorJ6/nmxL8oJq8XmJPgBwwhAeEP2I0VAat3GCIC1u6wU+sCNu6IYPSic7J5h92M"
    "Cdi6y422BcTvcqOEgOTdPQOrU3OSvsu/PKP2MnOSRVUmuTnJf8hQEFD8kE2VBJQ/5E4rAqofcohqAupLdAj1GgKaS5Qe"
    "vZaA9hJX6QjoLs1C2ZuT/hLCRKEczMnwoz2s/95IwPgj7n7C0Nd/TEHuGwQYPyYTfVmA6WNq3jcLsHxMg+hbBdg+5uZ2"
    "AY5PWOkU4PqEG7gFLH/KSo8A72d0KPd9AvyfcfOAgOBnFIp+SED4XYaVD9nK6sd0Le9HPmVYu4HTvL/OE9WPYmvtb969"
    "C7l1gw1tC4jf2MNe108ISN7YM/KwUnOSJkLDzsxJlghVzs1JngjC1i/MSRHG2fnSnJRvIAHIYGVOqkTIYG1O6kTIYGNO"
    "mkTIYGtO2mQQG0+/MyfdWzyQnoD+LW44EDC8xY1GAsa3ZoOazMhAf0sMamCYE+MtMaiBPCemW2JQA/OcWG6JQQ2sc2K7"
    "zVXtAhy3yZWBUwBWNIFbAFYzVfEIwEoWjvjmxL84cyQwJ/TyFK4cmpPw4syRlTlZXZw5EpmTtcW9dTa4PicbRMhgdE42"
    "iZDB2JzQ6xHY4PacxImQ44k5SS4xpASkl7hhRkB2adZZbk7yS7POCnNSXJp1VpqT8tKss8qc0DsW2HxtTuqfcuOGgOan"
    "rGwJaH/KZjoCup+yiZ6AvjrA9XEwVAe4+Q7GuIwMJhBDnMy4tw1xMuNaNjSiRIaHMspMTKTBAIZm0hCxkAYmh1bSELEJ"
    "G3ZhwzG34ZzbcM1tuOc2luc2PHMb9IdYbIX+Fovt+FnDBgKsYxoUWjISElqiq/PWkXnrtZet11+23njZOvqyNb09gFtv"
    "E6HWcdZwkwTrmCaFlpqkhJZoWmhpEBmhJZqd28zNbeZf2iy8tFl8abP00mb5pc3KS5vV22yxdpvt1W/PrDVuz2w1b88s"
    "tW7P7LRvz6x0bs9sdIWNnrDRn9sYzG0M5zZGcxvjuY3JzMZIv0g2RoZFsjEyLgobI3lR2BiZFoWNkXlR2BjZRAu7aOGY"
    "t3DOW7jmLdzzFt4lbuFb4hb+pVmLwNKsRXBp1iK0NGsRXhJ+jlaWZn5GROP1eZvovGpsXmPrwM7dbAOpapzKXDdBGmZJ"
    "1lGzFOuIpVlHFjKsI5ad2crNbOWvbBWubBWvbJWubJWvbFWubFVvcPXaDa5Rp1SlckP8Mbs6alJSkKYl/qxdHbVvc7lz"
    "m0vdRS71FrnUX+LSYIlLQ/RCxRH/Sbo6ph0AjxNj2gIIxR5ATGwCxMQuQExsA8TEPkBMbATEbDNb9pktx5Ut55Ut15Ut"
    "95Wt5StbnitbXl4DxHy8BIj5Z2uIeGC2iIgHZ6uIeGi2jIiHZ+uI+MpsIRFfvbIdubK99ie21//E9saf2I7+ie3NP7Ed"
    "+xPbnFNEOKmIzLKK6CytiM7yiugssYjOMovoLLWIZuc2c3Ob+Zc2Cy9tFl/aLL20WX5ps/LSJt07ADV6I5c6xp2DLTRu"
    "kMR9g1u26d1i6hh3DG7SFU16okmfk3Q84CQdD7nh6BqtgfGY+IT5RE/v01AnBnqnBBEj5y4qTGQwQhMnMTELMapkZUIq"
    "2yz5J/ZZ8k8cs+SfOGfJP3HNDLmviRU3Wb4mltnEc02srQm/GEid+OgdXOrEf5tf6KNOArOnp0n4NlejP65nsirqR0T9"
    "NV5dk3VeXZPoNbGcJ5vXxBqexK6JhTvZWuJm20vcLL406yaxNOsm+QHHhN+zpE7SS9woszTrNCta50TrPC/bSYGX7aQo"
    "mpSuzUyWr81MVnC9ndRpUVMIGgd2giYtbiJtEDLdISSF2BomYmuY9MVmMBmIzWAyFM1H17g0xrAkTe/9PoSPhJ9EgESQ"
    "fmlI04cEhHU6yJVrew3A6isQERJrfwGxTmzjFZJRljGW8XsdyOQPIFI/IJn+AUOG9dWXf7er6Wv/4g93NX2d2jfYSvMV"
    "hhaJNtOO0PR+DtH/BcTwz/4MckwvC9QMhlchZAzAYCJm/eUvIW2/RA2D/c+IL/8rCP/sz2s1Q+CfIFZeYZuGtZ9BRLXW"
    "CmBTaxkB1Tcharchmq9DtH4I0f4RROfHEN2fQPR+CtH/HsSA+h2+ATFagBj/OcTkfQk9wYrRgBAajdch5NcgTLBnNMOe"
    "0QJ7RivsGW2wZ7TDntEBe0Yn7BldsGd0w55xGfaM3hsQvlsQ/kWIwCcQwQdRyNC7EOHfQqxQT6t3qOcIibUPINbvQmx8"
    "CLH9l5pcACbvJSBTeJDvArN3qELu7/dagMLNvRaeuDRj8Q+bfkDpb1hd/jvRsq0jO6MTJI9seFY7tetOEXx5/fm6pJn0"
    "N159G2C48SoMmozE5XtVAvPbr8Jnk+XtV5cAVvqJomayHZYg7feqvwE43oFwYiAmFwk3iWUSHnoVhmbyYiZMPhJ+jNEU"
    "IBHCEE3h98lyBAM1rf0OYv0OxAaJKImtuxQN0/aHt6hF/EMuJT+DwH4MmbmPwZqypMjtTCDziKOpQG9b1EzFtyBKNIAy"
    "4m6qkKiSqJHLdc28DGiwySZ50fraC9n+2gfZ+RrhM3W/ppH2yO/Bb25gykzDA2SfafQpxJgEvU9EM+vv5yANfwhkAcY/"
    "BNoA+Y/hIX1mvglhIWFF32YbjJnt70F4da8id8w+3atIHLNf96oO2WYO6F5FlpmD1xlCuleRaebwdYaV1xhWX2eI6F5F"
    "AprXfsiwrnsVSWjeeI0h+kOGzR8zxHRYU+Yt6nn7Nsn4bYbE7Y8gkyRSH5Ei/RHrMx+Jz7O3MWRzjkT+E1IUPmF9EZNh"
    "psCayzSuCoXQXKVPavx5XTRvsPkmiRabbwvznZn5Lpvvkeiz+YEwPyTzIzI/JvMTMm+Rd5C0FhNL+5sUHItPXfcAQuo6"
    "wm5Z0yxeWhCWdc3iZ1LWLEEmLc1SB/T/GDNhyi1jdX0NMFHXMd9W0x9jCUIXEDNvdWtWtmNd1qzc3OrRrGzQpqf/5tVs"
    "8n1YsZnuL7PSsg+XbHbNZuOiS7M5mXj2tyB9lBk22p5twe/tWQEhzIUt/I8QK9jSbKv3qpAR2lxtm4tIQ1sCw7cldWwk"
    "Rfu3La0TpSxCacud2CDzv4Io7MqQxV2ZsUTIrKLZyvgCqwomCm1sk7bu99mLIfZPu+GfyKzdpNllJlbNbmZi1+w8Grv3"
    "Dapt9wHwJKvZV96glWWPvIFneM2+9gaORc2++cZjbC72rTe4SVyzbzNJgADyP8eOby/8Alu+vaTZ3fxZ+ecMlV8wVDV7"
    "kklNs6eYNDV7nUlLszeYdDV7m0lPs9PLuDSHXrP3mRg0+4CJkX4rQ3PI9MtOmsOEEqvNKDOxaQ4LE7vmsDIJ/dHrQPI4"
    "wvTDcc0R2V2FjIpC8u8gUn8IkMmi5ohzg5LmyDIpa44ck4rmKBBx6jVbBmDAJDmNNElOGZPkNKnrGwD6z17NaVPXNwHh"
    "n3NphX5BTHOu/pxC5Iz8gmLk3NLsQ7a3rdlHTOKaw8ckoTk4EZ15zcHhcRY0B4fHCQebTOBgi0mZz0Nn5V6H/oE1ed92"
    "Tv5K0lzw1QxIaa4kIKdFi4C8FsWW7jZM9bg6uCP7wT2sGvca/Geyca/KGNMcOC7c23+3hzG645rNyiShOS1MkqhHmHqG"
    "1Hdn/4kLOdWLmLoLVLsJUuQYuxtY7+4mdn93i/ZzN+611EWHrpRE8FRM0MMtiLCPQ9Q9od8r0Jbpl6sBMQFxASkBeQH8"
    "W/Oax6C5MYceo+bGuvXImtsJsGhuDNaTxfnONwrPUPMMACMsOM9YWx1Lms/xj1imvi1ofNs4/31x7Dq+BM5/XxIbsC+F"
    "fdeXxh7uy2CX9WWxjftytIn78rRsfQUdNSrqqFVJR83KOmpX0VHDqo5a1nTUtK6jto3r1La5oMN9wddauE7QXniNoLPw"
    "OkF34YcEvYUfEfQXfkwwWPgJwXDhpwSjBd2bhOMFHduZLOjIkF+/oCNLfsOCjkz5jQs6suWXF3RkzG9a0JE1v3lBR+b8"
    "lgUd2fNbF66TPb9Nh0ug336dpOM1ks7XSbp+SNL9I5LLPybp+QlJ709J+nRvEvh13Dqg4+ZBHbcP6dhAWMcWVnRsYlXH"
    "NiI6NrKmYyvr19nKxsIN8iS68BbB5sLbBLGFmwRbC7cIthd+QxBfeIcgsfAuQXLhNkFq4T2C9MJvCTIcZn924c77hLkF"
    "hvzCIkFh4QOC4sLvCEoLdwjKC3cJKgsfElQXlghqCx8R1Bc+JmgsfELQXPiUoLXwGUEbSevv4C7i7+JM8/dwpvn7uAr4"
    "B7iG+Ie4OflHuCr58Wym+Se4GQT0uMQE6NoZMNLZF5BJmHA2BMxYKgELLkoBK65HARtuagE77nQBB25mASe2noDrYwg3"
    "DtXAMi4oAQ/uRgG6fAZ8cCHghwuBAFwIBOFCIAQXAmG4EFiBC4FVuBCIkAtr5MI6ubDBLkRJbJILMXJhi1zYJhfi5EKC"
    "XEiSCylyIU0uZMiFLLmQIxfyyO2gnp9KggYBshbEKRL0aEEXIKEFsU+G8g+gC9VwSIYa/yBpYZtmw6oNe7UwKoWDj7BL"
    "hFe0cBgQ1cLYrsNbokZN86QADTqOwx3si4CuFsZVLNwXMMJmj35XDNg9AVbemFccApx0Dq8say4s/JUtzYXr30qadKt2"
    "OhRW4QBOs9XUH71p7OCr1X2SXW0Zm1tkWbPjIhJZ+WMsh40mEgVi643E2XIk98eoeRXf8C6Sn3N840heK9I7DLRoFo8J"
    "0RySJVrGSRCt4ByI1knXIF3z/4Zo/b+SthnC08VmGJeJzZXPsaXHjHw6xWz/yAdfzI6DDoGLOUm4sXfFIjjDYlne3mM5"
    "3t4Tkz9uDHAzSRYwP8kiRCqBixBfiVIpzSprVkxAqgydYBXo+NN0hB+t0lXNjUlIt2AHvqfHHLKMiU+NjFlzo07Gqrmw"
    "mWbCf/Q6sbdmIloaBjLNn+FqBmzBtUz7VXrwy3Tha6YHRVZPcc4axImcNWoOxDAraw43wKQ5MMdZs+bAEZa1aA5MctYl"
    "Ljx05clG+WDNbtERmt1mf7Px79FlJZv4Hl1Wssnv7VHF1PfoIpNNf28Pzmcz38OjHTD3/T0ynP8+f1hBVLJV+n8wLTvS"
    "XBHAWMvGABPNhqtFLv9P9Fmu/IYmw0qu+bOf4WEv13qDZPsNgnzqF5jJfF5dwcTkC+oKxl1YwfzwTBU2tEKUTunC4NVX"
    "EYDCiGQ5/IaaR2ZWipoFg6mUNAv6rOAai/mqVDQLErCq16rosmrQqnjyqRq1KhpUZa2KdK+atCrO1qpZq+JsrVq0KrK+"
    "atWqSJWqTauiv6pdq/YADq3aBzi1Kqap6tKqmLuqW6viYK0ua1VMaNWjVfFAVfVqNcxg1afVDAC/VkO4qgGthlhWg1oN"
    "U1gNaTVcJqphrYbbYHVFqyE21VWthqVRjWg1JEt1TathKqrrWg1nb3VDq2ExV6NaDXNb3dRqmNtqTKthEVW3tBoiXN3W"
    "ariMV+NaDYGrJrQapqea1GqY92pKqyGG1bRWwy5QzWg1JEo1q9WQPtWcVsN0VfNaDRlQLWg1XFWqRa2GhVgtaTU8b1fL"
    "Wg3RrVa0GqJbQ38Iay1OL9/Vagn6PRGtlqSX6mo1mCaAzTwAxrCMaiXspbUy/wYHHgd24GytugMna3WthkmotbQawl4b"
    "YhetjbAb1sYPEcfaZAdhrOu1OsJYN+7CybrM0oRdtG4mYdHqiFzdxve0ul2A4wABrztZutiDulvA8i4GVfew9NIvjGh1"
    "nwA/tvF6gETwC0x6PcQyvIug11dYru4i8vUIy7UdjLy+znJjl/qMsqTdvh4jQS961erbLOPY/usJEkkcJfUUiTT9EpxW"
    "zwigPb+eI5HfoX4LLIsHNLYSy/IBUqNeYVmle1+9xrLOzyb1hoAmX5LrLQFtfpqodwR0tTrSuN7HVlinn97Uhzhy6iMS"
    "Y62OeDf0B0jphoGlUWsgXRumh5j+hpmlBeutYSVh0xrou+HADazhJOHiCm6Wyxhow0PCu4tsafhY+nF/awRIBLUGUrER"
    "1hrIwcaq1sCMNta0BuLQ2KBfhdIaUQGbWoOAfjFKa2yzjGsN7DaN5AG1zdIPZRo5bRXPEI2C1sAMN0paA4dEo641kFiN"
    "Ht1GmzW+ODfpb0+0ZvfXED1c6Jt9eiZtGd6kTaVlm9/5W3Z6/Gx5cI63fH8GEcQp3Ar9Zwh+1GlFccS2tujIbOEUwMNt"
    "q6K1EOBOVu3A3U6edtBO6TGWQaesFjCsTuUxqnXaj+F6p/MYjw/dte/TFb+7yZtiN/ZPtId207zRdTP8LNbNLuA06+b+"
    "HMdZN6/ZMIIuHgWQcd2iZoOj3fIzdNet0oHbpd/R17r1Z0jUbusZ+uz2OIbdER9A3ck9LLCeHrts3/hdD5/35e96WO59"
    "83d9bGd9+5kN1frOaRD7WH/5zIy87XvOqnCr7z2rxgH+sw5C2g+c9bAN9oNnI2w2/fDZBNtZf2WaIOXqCzsc6EdeBOFt"
    "f/3FCsLS33xRos9iLypYOf2tF1Vqt/2C9tt+/AXtqf3EuQFz10+e2/BQ3E9/16VS9tyBs7dfOB9hp+iXzpPkZ+W8gSTu"
    "185HWG79uvisd6En5/sX9FDSH1/YqcqEYaAXYLiIYLIHxottRH8gX6RRc2C6SCHtB+aLDDaYge2ijDNjYL9oIosHzosR"
    "NquB62KMwA3cAjyXq/SZ99KPTBr4VJOX/uxV/HWoNvBfhpBJg8BliKwGL1eQAYOwaLJ6GYWng8hljKyuXW5j9IP1ywQ5"
    "tXGZwOY6iF4mMGGD2GWC3Ni6TCH2g/hlDrEYJC+LWJSD1GWNIHvZJyu5ywFiPyi8CGMxDoqXI2TNoPSihFwblC9H5ETl"
    "vICtblC9HGORDerf9WnYjcsxOhqKi+XQwA98QyMWylDG4h6avuuh8hCJgUEOLd/1Mbah9bs+vBravutjvob2MxOsDx1n"
    "dEEbOs/MmLah68yCWRi6zyw4YobLZxZSes6s1M57ZsWAh74zGxwY+s/oaXgYOHNiaobBMxeyfhg6cyEfh+EzF4I4XDlz"
    "Y06Gq2du+D+MnLmxJodrZ8vUw/rZMiZjuHHmwRIaRs88CNRwU0DsbIPGtiVg+yxJDeJnSSzJYeIsSR0lz5LYL4apsxTS"
    "eZg+KyFsw8xZmTzLnlWo99xZFefqMM+JPyyc0TVgWDyrYWcZls5quEUMy2cdGkPlrEMhqJ51SFk762D5DOtnPdwwhg1e"
    "KcPmWY+C1TobYO0O22cDqtI5G+JUH3bPhsjjYe+M5m7YPxthwQwHZyPybHg2wQ48HL2w0TDHL2w06MkLO9qN9C+CmOWR"
    "4UUQNkfGF2HsIiP5RRi74sj0IowcH5lfhBHdkeXFCiZgZH2xAj9Hthfr2C1G9hcbsDlyvNjA1I+cL4pUxfWihNGO3C9K"
    "1G75RRlOjDwvKtSf90UF+93I96KCQY/8Lyg8o8CLKimDL+gGNQqdGzDho/C5DQf/aOWc3B2tntuwakcR/lNi8aOF0dq5"
    "nbxdP7cjzUYb53YyGT13IM9Hm+fLSOlR7HwZKT3aOg9g9kfb5wGk+yh+HsT2O0qcBzG1o+R5kIylzoM0oPR5mNzMnIex"
    "ykbZ8wh1njuP4G42yp+vYd5GhfM1TMOoeL5OpdJ5jLotn8dozJXzGA22ep7EhI1q52nM96h+nsZMjRrnORpe87xAPbTO"
    "CxSd9jndW0ad8wbV7J4Pqb/eOW2Jo/75GNk2GpyPqffhhR6JPBpd6LGMRuMLPTk4udCj+Vh/YYBLY8OFEaMdGy+syOCx"
    "fGFFAMemCytVMV9YsUjHlgsbmo+tFzZ4PbZd2BCCsf3CjqGMHRd2ZNvYeWGHL2PXRQTb7Nh9EcFsjJcvtpHWY8/FNjX3"
    "XmxTD76LFAY29l+kMaJx4CIDl8bBiyzVDF3QzXccvqB76Xjlgm6N49WLGpmOXNSxlY3XLlrIr/H6RQuRH29ctMnP6EWf"
    "+tu8GGDs49jFmPzcuhhTle2LMRb/OH5pRHjGiUszjTZ5aaUeUpdW8ix9aaXPMv9yRx1nL8PkVO5yFXkwzl+uIczjwuUa"
    "pmBcvKQfYY9Ll1FqWb6MYg8dVy6jmM9x9TKK/WJcu4zRCOuXMRwk48YlTfK4ebmFCRm3LuPUvH2ZIE87vPeOu5dp7F3j"
    "3mUaqTnuX6aRk+PBZZ5qDi8LSL/x6LJANceXRayn8eSyiHU40V8WMQUTA+/SE+NlCTvZRL5soMrEdNnD6CfmS9oFJpbL"
    "Pimtl3TqTmyXAyzxif1ygDmbOC4HGMrEeTnA+CauywHyZ+K+HOKMmCxf0kYx8VwOsVQn3sshNfddjhDtif+STsFJ4HJM"
    "VoKXYwRrErocb0lTvfFRA1J+5RVI65sQNnqwnert9GA71fs1YxcQXIAI/TnEmoYDaqpf12IZQHHPDlnaS0E2XoVoi/pd"
    "2p2n+t6Z2wTon7nN0tTgmhqcU2MEbHlqcAvm4d4MXoBQ+KcGn2DBqSEgWHhqCAm2OjWsCLY2NUQE25ga1gXbnBqigm1N"
    "DTHB4lPDtmCpqSEpWGZqSAuWmxqyglWnhopgNTDc0KaGxtRQF6omGKvaU0NLqDpgrOpNDV2h6oOxajg1DIRqBEYqIwZj"
    "YZVxjcvr10Rp4xoXN6dG4bkRbtumRtJtvQGRpNvX1JilU2RqLNC5ODUWAaJ2eWosCVadGoX/RvhcE6w5NTYEa0+Nwm8j"
    "fO0I1p8ae4INp0bhr3E8NY4Em9BZOJX1AFbIxqlsEMw8lU2CWaeyGJVso3N4KtsBQuGka8FUXkZSyB46/6eyFyA+9IHR"
    "uOXAVPYLVRCMVeGpPOtxBYxVmHUklRyZR1pem0Va3pjKIhJyFIxVJTrnpzLGLuZY7kxlERm5O5WrgvWmsoiR3J/KYpLl"
    "AW7IU3k8lUUE5Amix6Mypek2M6VXAekB9dmbFqb0HiB+q8WUXgJkBLRmG9OUXv/Dr9aY0ut/ZEB39ramKb37B6uBXvxj"
    "FmYGs1eCTOmtP/xKkCm9AsgsTI9nrwSZ0suA+JUgU7N+9kqQKb0WCA3N/AqnKb0QyCqYafZ6jKlZmDHP31ox5bcBAWzs"
    "KL0HyCWYg17XMDXzGyOmZhf3SS8Cog6XRW8eekHLlF4DxG+RmdI7gRBss3/2spSpOUCvYZmag7NXxEzNIXo/zNQcnr0c"
    "ZmpeoRe6TM2rs/f2TM2Rl+/tmZrXZu/tmZrX6e06U/MGvaVlao7O3uIzNW++fIvP1BybXRqm5i3VXAfw612m5vjsZT7T"
    "uV+p2Qsnpub07E0mU3Nm9iaTqTk7e5PJFJ5cvatkas7P3lAyNRdevnBkai7O3iQyNZdm7w+ZwiXxrpCpuTJ7V8jUXJ29"
    "HmRqrs1eBTI112fvjZqaG7OXYk3NzZevwpqaWy9fhTU1t2fvuJqaO7M3W03N3dnrQqbm3sv3WU3N/SsLg9n7rKbm4ZWh"
    "0ezdIVPzePZeqim9hQjVLfrZ60Km9P4h6C3G2UtCphZ59pKQqcU0ezXI1GKevdNpSq8dwshn7xxCFvA7h+aJQK8dKgnm"
    "mL0kaErvHJq/JGhK7xyqC+aml/NMLcuzF/ZMLX6eREuAtxBL8LsuORM6W8feZwl/18Uqt6x810V20EuDyKnIeRCTb1mj"
    "B5MpvSuIYOO7Ls4gS/QsiXyzbJ5tVAExej6ZWr3cg9XH/VkD2KSswX+ECNOj79S6Ro82U+s6H07WGD0IT61bbN2mX0CY"
    "cRLaDCBGIkYQmYgMYiZiArEQMYNYiVhA7ESsIE4iNhAXETvIMhEHiIeIE8RLxAXiI+IG8RNZpt6xWoh7FjhtmXvJhxn3"
    "LXBaMvcvcBIyD5AzMx4kf2Y8tMDzzDxMXs34Cjk246vk24xHyL0ZXyMPZ3ydnJzxDWGnTDwq7OdYk5oFbfNK6Z9V21rA"
    "pBDZXsDEE4kvYOqJJBYw+USS+ChIJLVwZi4RSaMOBz8DTYFIduG7XpRIbgG3ECL5BTzOECks4BmESHEBzyRESvgoS6S8"
    "gBsmkcoCHg2JVBfwSESktvBiK0+kjsrsT2PhPDkm0lw487qJtBbO7T0i7YWLOkegs3CeYje6C2cO7qu38N0gQaS/cObj"
    "kQ4WzkppIsOF83X+aLTw3ZB9Hi9cNDhzJhgFDdmuh0East2AOuSq3biARwEiMkiDiOkshM3bbj7rIb3tFnrsm9qt52VS"
    "ej/48BbAd10H6b9+HTJw/TXI4PXXIUPXfwgZvv4jyJXrP4Zcvf4TyMj1n0KuvYa7oX39NWq78Rq1jb5GbTdfo7ax16jt"
    "Fu8/9m3efOxx3nnsCT7t7Ek+p+wp3oTsad5f7BneUuxZ3o/sOT5/7Hk+f+wF3u3sRT5/7CXecuxlkfxgFZH6YFWR+GA1"
    "kfZgdZH0YA2R8mBNkfBgLZHuYG2R7GAdkepgXZHoYD2R5mB9keRgA5HiYEPRQrw3is80+0jkPMzPjx/7mPvCCebgn6ZM"
    "HQbe1BxG3tQcMm9qDhOyGmA+oyPPYUFGA6x8a3LYkM0AO9+oHQ56MJ86nPQsPXW46Ml66nDTY/rUsUzPSFOHh360MXV4"
    "6YF+6vAhdwF+ZC4ggLwFBJG1gBByFhBGxgJWkK+AVWQrIHKeWQWsnQdxK3Ks089Cpo6NSwPG6Yiemcjm5pkbW6oj9qJB"
    "vW9dbmGiHdvITUD8zILN0pF4UcLJ4Ejypu1I8abtSPOm7cicdfAk4cieech07syFi64jf1ZeARSwLgB4FqfmJawJQBkr"
    "AlDBegBUz5K4mzlqryFhHfXXkLCOxmtIWEfzNSSso/U6EtbRfh0J6+i8joR1dF9Hwjp6ryNhHf3XkbCOwevUdvg6tR29"
    "Tm3Hr1PbyQ/R1qnXcaydhusCja8JlF8XaPqhQPOPBFp+LND6E4G2nwq0694UxKGbWXTqZiZd774D6b51h2D51keQHt2H"
    "NwHeqTEO8PH134k7MsLhDPBTgDM4NSL8zhA/DDjDeAQA4LGoAljF5R+ARyME1bmGaz8AV2RMohM3c0y3Ew8aZBOPHCNA"
    "jO/5zi3c7gG4PuGBzYnrE1arM8HXX2dyKmP2nCnOXGd6KhNkpjJSyJnF0enMcaY687jCAwq4tgOKfGl3lnAvB5SnMs54"
    "Z2UqIzed1amMZ09nbSoj8Zz1qUxjbUzlJKA5lWmsramMrHK2pzIyzok7PA0ZF3jqCLd3nMvOPt/0nQPc7wFDXO4BI9zs"
    "AbjG40bgnHw3SJ754a9Lj4DyUweWIQ/LhacZjLPAjxtww2XkcoMfLTj6Lpk1Q+7UhTU6QASoxuxJy0U/Gqcyhc5l4QeO"
    "HMooWDFT/HhVEd2J+jbSooynN9oLXHZMJNvDtLgcXBhyZFxO1GHjGLXLxQ1gWRaOu1HG0PGhMLMsHgdZRZ17RJk9Q9Bd"
    "XvGQOH9odPlEmQdD7f1UllNX9gLicwxbPPwJLbJOPFq5QoKJMLBj5HJ4ppW3Z0PmqK3MtZUr91f/fw0jf1rmhjSINY5d"
    "QTyZIhSia4ygwuaGnH6uDXrWRYEjGKXHXZpQZKtrkwvD2VOhC4/VLQooG0V5ix6IeequYr5NT8Zy/k8nOE7dzyc4IQpi"
    "EMmr0Ii+U+JJmBeaKy1mXPSUuRpSFp5hubhyr17FIo+U5HnGqnMV5vn5px0Vr5RcpySeoblcFB2U+cmZUtXYu4p7Zaac"
    "Dbc6K5IbNfHMLT6oi/S/Si8x7gZrE1dLpSmeyVGFf3qQEW1bpJVnGd/mh/MKhWW+YjqzpYRtxtVlzimHPcLFPzShqaIx"
    "iZ+bXC2Ewaw4nP+kwjUUD/7kDm1WrhHPqlh8wsGx+DkApSyXJ1Qmv9x6risqsjW3gT8TPrqN8wLVlbFeRJJwtrlNszLX"
    "NKNAMaKtzm3hQoH3XLeVCw1On4ywZMM+N09VKtupTIvZ7RDsT6aR7OHCsD1fn27XVWGeOm73v1xW7mXslX+ys7g9oiw+"
    "xMNNWuxlKPg4peWrln4uY091B3gC/BxqFINcHM5nmuqGOMewNtxhZiKGNbG3QLvyJ8vavfrmOU2fO6ITuHZd4PprAjde"
    "Fxj9ocDNHwmM/Vjg1k8Ebv9UYFw3M5jQzSwmdTOTKd3MZlo3M5rRzaxmdTOzOd3Mbl43M1zQzSwXr88sl67PLJevzyxX"
    "rs8sV6/PLNfe/eAGoH6TZOPGEmTzrRt3AK1FnNfu/4+qN/9xJbvOBH+e/CtqMI3W67ZbAkqyFk8vY3vsaUzbVo8XeRnP"
    "DEpVKkmuh1elVyXJUmMG3MlM7vsaESSDEdzJZHDfAfdAdpUKJQsD9cus/uXly4wgk0CB/BPmfOdGpqqBjO87sd37nXPP"
    "vRGMjGXy3puE07eePyOaEdGpRnhOTCcb4cX3sf3SnA+tAJ3NhldWrsuHo/DarNX53Ci8sXIRy6AjcnhLp2rmKnq3KvBZ"
    "WsSBmiPOZ0DXJyuQ+znPed4Bet/5NqHv+TOQ/7vAwJtv0AlP5PwdwRfvvU0YfAYMfbIChT9Z0clGJPL8GSj6DjD2vZ8S"
    "xt9hSjx/xpz8LlPqA6b0JysUmHn+DJR9C5h7B5h/G65HCs+Yip+smEvPxbz0JpP8DpOCpRSgSPlNwRVB1XcEq1hPgYvU"
    "3hSsCdLfEVx//uxL7xM3wNihySFqvcPUfv6MufNdpu7zN+hMKtIj4p36bGCvy/cwP3gGND5ZgYbPeW70HrVpZPwMOPlk"
    "BZo+57nZO8C5mFm892PC5TPg6pMVaP2c5zbvALc8E3W88ws66Y46nz9jdr3xxefPvkiG+9s/IPS8SZkT9b5JIqO+N7+E"
    "loj633wXGwTeosaMnn/3J4QX3yNnosHvvUcY+j5FMRp+5x3CCIc0Gn3nA8LYU56JPwUmnr6LspJP/44wxekRTT9/9n1q"
    "rSg14Lvg7HvfI8y9ZyvKv/ceF1B4jzI7WnwfWHqfXI1KP8bu8o++xOuVNwSXn/Kvi2jldcHVLwtWvyK49luCta8K1r8m"
    "uP51wY1vCG7SuTEbrad2ie2ndpGdp3aZ3ad2ob2ndqn9p3axl0/tcgdP7YKNp3bJw9ftkkev2yWPX7dLnrxulzx93S55"
    "9rpd8vx1u+TF63bJy9ftklev2yWvv2yXvPmyXfL2u+ht+vA2tz67ixRvM4Gzu1j5trM8uyukT/Vq7+xuxj//7mZp/onY"
    "JKsoLsiKxZO/Idh+6exuETkVPdWzu+WFWIef1KbDdbceE61MR+3M9CZOme3wzAwr9q9cMxZ42Nh3ZqYVM508M4tZHMPM"
    "Stus0BZqGz8KTXVrVttnZsdhtvpn5swwZ7RuHrvtLM4sz+zULm3PrMAM/0i2Yue3TeeZlVfvHLQw37TyhTOrOLltE5X0"
    "u7j7zFK2ltQ7s+rN2556ZjXqli6dWeu8tQic7QLbX/9Hd1eJ7sqps914shunz/Yu3SqFzvZu+ikbI4pZpSjR5LYzPtt7"
    "nFYpSVS3Srmzvde5p+jsfTSnnu1T230ifLbPO/e56dm+Id8VJmf75nrf6J3te9F9z3e2H6j7QelsP/Htx9uz/XSxp99L"
    "+0Vxv8ie7Vf1/XJ7du+W792Rs/tI7z7SPbtPT/+bfyjeF2b3henZ/dx9P3ed3S8T+Ifb/dZ955ifHRKpQzBMVDq4HUTy"
    "wXlBVD/Ec0SNg8cg6hycMaLLQ9RFtDhEtkSbw8WAaHs4z58dko5DpE3kOkTGRLHfJYj/R4LEWwTJ/5kg9WcEmf+FIPsf"
    "CPL/K0Hh9wiKP/MRlv6aQPoDAhnvSzwklT8iKP8xQeUPCap/SqD+CYH2oZdQ/xZB/d8TtP6CoP2XBJ2/Iuje5MtEvd8h"
    "6OMpnEPy8vcJBj+LEBpPCYbfJBj9OcH4VwHC6U22QjT7IsH8NwkWX4S5/CLs9W8TbP4VFmz/zdkhFyEr7zjknUSuQ95N"
    "5PlZg9DL6Ps+gR8QOOTPiS7whrdDPvQLzIQZI4d8lCj28/NvY8O4zYlDPkmUOuTTRJlDPkuUO+QpvvnCIV8kKh3yEpF8"
    "yCtE5UOedOerh7xKVDvkNSL9kK8TNQ75JlHrkKd2yXcO+S5R/5UbC1cfU8Tzm5/7zw4Fx6FAnhRchwJ5UvAcChTcgu9Q"
    "wLrAoUByCxeHAnlQCB0KlCiFyKFA4guxQyFOlDgUSHMhhfc6HwppQZlDgaQXcu++S5hnLBwKpL9QwsvvDgXpZ6il8k+U"
    "Y4XLmwKlYWGAt1ofiuGPyKNiBE1cLH5CDVlUqKGL7X9H0H+d4PJjysHi4GMP4ehQHNLf2aGU+jl5Wcr8vEVYPVC/OpRq"
    "hxKFo6QfShSOUuODf6TAlZqCWocStu8cShSVUu9QoiwpDd4nMN54g3DIOHqDlJfGjBM6RzqUpoyzN35EOGdcMC4ZV2/8"
    "hHDNuMFX1w+S4yBRdCXXQaLoSp6DRH5JvoNE0ZUCB4miK13gRsyDFBQUOkgUZCmCoElRxthBokhLiYNEkZZSB4myQ8oc"
    "JAqxlDtIlB1S4SBRdKXSQSLvJPkgUXZI5R9/rBNVBFUPEkVFqh0kioqkHySKitQ4SJQPUgtBkdqMnYNEMZF6B4liIl0K"
    "mn7wNuHsnxMsDhI1l7Q8SCui9c0Yc5uDRN7KjoNM3squg0zeyp6DTN7KvoNM3srn1I3k4BcIQoDwhyRDxjunD3LsIJOD"
    "Ml4WQpTmBpMzB5kclHNUsZwHFE6x2IK4aHPpowKhxChTs8gKoHyQKYHk6kEmb+XaQUY1+kFGkY2DTN7KLU5Suf1hibDz"
    "XYLuhx3CHvVB+fIjmXDwESQbH1FA5OEvYI/+M4VUHjNO0InlKePsIFMA5MVBXhKtDvKaaHOQKRyK46BQOBTXQaFwKBQO"
    "qlbx4hVtB8V3M6HhSPEfFBqAlPODQqOuEvywRhg6KJQCSvSgYIvYQaHgKImDQsFRUgeFWl/JHBQKjpI7KNT6SuETqlsp"
    "MpY+wfNtBwXJrBhvEgwpeMroBwTjgzIhmuLgfFBmeNz2oMzf/c7ZoXyJr3setDL/O5cGB63CFnmuVdkiXzWVrRBZNfu/"
    "vAdNe/jPImZ0+z+LB63+8O0DzDTs/wQftKb9n+CD1nr41yNm2r/+vMFB69j/Iz5o/H9Irq9nf9vgoPXtLxocNP4/JJc/"
    "sP83edCMh38z0uFKE/+KxE4j+6sEB2388FkbVDvhfwlSjmpTtrDBTPzjWMzwpXIuiy+V8zK+VM6VrW7wT15qAD2B+98P"
    "unqgU4VD3Xeo0y716HX17NBMHhqUA83MoUH52DEo1p0xNUhnTT27s3kXbdXZfoiHRw9d5z9IvKDrgkGN0/U/JwgAwh+R"
    "p90IpXg3AUgiK7tpxgINON0Sd5uudOhQl+rKuEf90EWX6JZ/SRq71Q9TVHlX/SFV3G1+RBnWvaTDcndAh9SuQcfm7vAm"
    "Qhq7o29S/+yOqTN0JzcRGjq605sIip7xCN2d00G2u6Cja3dJh/Duio6t3fUNnXYcuhsapbvbmwgNGT0Hb91zfkJp23Pd"
    "ROiQ3nPTkbrnuYmQtJ73BmcKPd9NhHKy56eDfS9wEyHve+c3EepSvYubCHXzXpAO8b3QTYRSthemqnsR3NV86EV/RiN4"
    "L0bnE734TZRi3Et8jyBJpxG91E2UDg+99E2UGreXuYlS7vWyv6SjSS93E6UO18vfRKkJe4WbKPW7XvFn1GC90p9zwdJN"
    "lILTk79CoNDBqle+iWJ15SZKHbFXpXj11Jso3KrBH41OTHr6TTRDVL+JUr/sNW6idGTrNenI1WthdfsmSuNzr3MTpTGn"
    "172JUp70enRa0+vTGVDv8iYKbYObKI1dPYPOm3rDGzrPPfRGN1Hql73xTZTGsd6ETpx6Uzqj6s1uojSK9OY3URrReoub"
    "KB34eksRmdVNlIaz3vomSm3S23yVYHsT7Z99Jl+KT/GQNRDf4cF57Geywf/hrpA1FJZYPOIZjayx+JAOWRNx8is2mIoP"
    "6YiZGc80yZrzN3FQ3IItlLAUlth0xTPYdC2+iSNmNmJGbLPlGapScQiLFytO8ekcMePimS5ZbrYMsjwP6hQvfzOHZNBY"
    "y9/REYuDfFLsJSvEVoSssD1UfaZEhIXx4TMl+mjF7DHwMyUuLAxBnykJe0D8TEmyhbJSbMXISv96aPxMyTzMJGgmKz4G"
    "g8HpMyX38AkYrMk/jIQQU3iYidMMf5/Mi7pK4vYMsYNkf7bsM0V8w8VFliIsMSO+4eIjS/xTzy/8EJ9xQXHqY33iMy5e"
    "UZ/4kgv20+1x+jOl/uu7OD5TGvZdHJ8pTftLZZ8pLfuzYp8p7YePiUFa52HURSS6DzMohL9S5sXivn0Hx2fKpf1lsc+U"
    "gT2Wf6YY9q1BnymUog6hZiQsUQWlaEjUPGELm055IMemYlS3vZjb9wZ9pohRHeFYshU7O9Yc+0GAyGkVR0Qu3Nh5rLn3"
    "Qyz0WPTD6Vjz3s0MIp9JnfJY8+PGw2MtIOjc1LDJBf5peawFzYyfKGRq2D1s+SdEkR2dmR9r0d3GSxTb57ZE8b28IErs"
    "1RlR8t4VJUpZDRdR2hoViTI7d54ou4vKRLl9bE2Uv/e2iAr39QFR8W6BHUpmeEwkWR0PkbwLYHdln+sSle9n2L1ijuFt"
    "1dq2idR9NkxU29NZwLGmWcFzIn3vzxHV92WFqGFyJJpWKUvUssaotr0Lrog6+PF5rHXvNj6inumbEvXNICq6tJIQMbDa"
    "SSJjF0C1w12xTjTCTcLH2nifw36TfR4RnO6nfaLZfQlBnt93Mbe4nyI8y101RLTaaYjZejcpE232Ucjd3oeoIs2BG06P"
    "mnPfzhC5TJXEa25zhXWe3YB20Lx754bItzuvEvl3KjmmBfZDCp12fl8k8dqFqZLvWtAcYJOQ1SDxWtiaFogi1ooaR4vu"
    "RqRMi+1m2CF+T7/yjlrCDCaIknsX5lKmnzzS0qafVGuZXQNz2d0Etef2UWoxLX+fp6bSCvueg6hoBVF0idtdk/ZtbCnf"
    "zeZEitmnmGlly4EaKrsIZZZW3aUviVQzRK2i1Xbqkki72yAEurmhPNNo5KS21RrWECKaVpoSTGvtRnCsbUbdRB2zQk2l"
    "dXclag6tt49TPLX+vkVNrF1aPYq8NsA9zUfNsAzKZG1oBaFstA9SD9DGVgRhnezSmJveLXpEM9OL2uemH4UtrCqKXu6G"
    "8GG1P0fo1vs2XNnc++H01gxSJHSHGSffdSf+NX/UXeayQ+S2stRXdI+1pWp1765GynTffYYSWvffNzEXuF9QCPTz+yWl"
    "on6B/yIf9aBVpMzSQ1aX2kgP79fktB4x59S19ajlo1TUY1aAIq/HrQS1rZ6wVipRcucl1XpqlwCld3XKED2zm2K/7N5J"
    "4vXcfqUT5fdJ8lYv3DuwX/E+jC1LZgBaJPMCC2UzQT1VV3ZuCp1e3qvwr8LR1avmEjWo5ha+16wwtZ+uWT2Uqe8u4W19"
    "h86sN+6W1Df1plmkZNBbnAx625xQ4+gdy0GZpXd3dJZ11Hu7OEVe7+828Ohy70QIBvcBiDfuizQE6cN7CVpG92XKcn18"
    "t6Fs1Sc7HdVO733Yki8ZHfW55a4QLe4WKGVpulHmyuxjy7VJp71HfWNlaFzSt5y0dcfOTw1Qd+7ymHPtkzRA1N33TpAH"
    "t2of616rQLXXffc5KqXuNy8oBPWAJZHv9XNLoXavX1hjypd60FqQY/XQLoZNwrs0VVSP7Co0ZtWp/1H71WP3yN16HDeZ"
    "HOsJK4Ayk/d5yvJ6ynRgy7Q5wn4Za0ohr2f3K1DOhNP1vOWlkaFesMrUYvUi96p66b5A3tYlM0CBrMtmjPKzrpgDSu96"
    "2crRWFCvWBLcrFrVBpFqDbGutothP22XpTyr67s1NVW9vlexe2OvUiDrTdz4f6y37ovYpG2GKIL1jrWgZqx3zZhE1Nv5"
    "4Vh/l6DGqV/us1g3uC9QLtWN+wF0Du8XNKzVR5aMubE1hSuTvR9apnhi41if7TrUKevznUF9rL7YBSnL68udC5FY7bso"
    "en23xMLNPkQ5Ud+aAaqo4TADFIKG01xQejdcVpC8bbh3QxpNGx6zR92w4bVGFPKGzypQojT8+xU1XCOAZy2OjfP7PDVx"
    "4wIPWRwbQXOJ3UN4ru7YCJtZUMysUBI1ElYeu9PgiMIyuxC1SiO7K1IHauR2NcqXRn6nYV1hp1F0G8WdToFslO4laJF2"
    "BvWOhozHTY6N8j5Hbjaq+za1e0O7d4D0ezfWte5V6rCN9r2KMjv3NYpSo3s/Qe09PnI1+pzsjcu7DWVPY2C6qXM1DNML"
    "V4YmjoaNkRmk/tcYm2E6sDcmZoaaqjE1ceRqzMw8ypybFfi3MJETjaU5wA4rPD51bKwtV4poY3mxbmv5qNqmw/JTh206"
    "rTQ51nRZSJum2ypQDU2PVaVYN73WmJQ1fdaMYtb0WytsEth5qczmOZ4bPDYvdjEsDO6q2C+E/7Idm+GdRqqbkR3OPJrR"
    "nUYp1YztNApdM45boo7NxE4n/5rJnQ4tqV2TxDfTuxZ1vGZm18dcloe8Zm43Q2H53RzrCrs1VBf3Dggs7f3U8ZoSnjc8"
    "NmVByj5Oidks72uotrLXUW1138Hu6r6DTWr7IaVGU9uPIFDHg4bHZp0brtm4L1KyN5v3CvWOZuu+TAnWbFtOGgebnVMt"
    "COe7+wDlcPPybkZ52hyYPqykJqPwNod3G6gfmV4oHJs+zE3MICV2c2oGKc2bM27A5txMp4kWJoaw5tLkFlhxgjbXZpWG"
    "oubG1GiEaG5NjRqw5TCbtEnLaXaoohYdnijtWm5zSbu3POaaxouW19xQRFo+y00CW37LS+FtBSwP+dk654ZvXVhe6pyt"
    "ILd/K2RhbG6FLfrVemxFrBiNea2oFUfRMStNsWvFubO0Enz21UpaJTq6tVIWekIrjSfXjq0MH6hbWR45WzlriU3y1pL6"
    "YavAedMq7hzUn1olTp+WtJMpzVt0ekihaym7C+olrTL3w1ZlF6ezk1Z1l6L8bqm7FLVAq7bLUcxa2i5Hg09L567aqu+K"
    "qKixw/lyq7mTsLC1kyjkrfZOpTGh1dm1UFiXc6rV2w1QWH83xn6XnGGtwW5FWdsyOKdaw30Yvo/2UUga7yX4N9lrcGy6"
    "1yFpxjnVmu9blCKtBff71nKPoa+14kRrrfn0qbXZt9EcW067tmPfI4FtJ6dd27Vf0X5tOjxRO7Q99z5qxrb3/pxyse27"
    "z9N40fZzLrYDPOq0z+8VUt2+4MxsB+/LVF87xAnaDt93SHU7wj8E2tFTtYKaYsTUrO34SY1SqrUTtz0KYjt556DsaKfw"
    "P5hjO33SzqmHtTMnbUg9pp091TFwtnP3azo/a+fvN5Q1HcfbbxM63/4+oevtp4Tut3nG8zbPed//gNDHmPzV6FfkRSdF"
    "TINnJ01Mg0Un86sNL8/SPIWlI33hY3Kvo3zhC/+FxplO+QXlSafygkR0qi9IQkd9QWnfqb0gtzvaC/Kso78gBzr1F9QB"
    "Oo0XlC2d5m8QtF40P6YO1mnb3HnR/C8rtrqPVu9FjKvpE1PgO5fEFOTO4EWc2XiRYB6+SDKPXqSYx0+ZJi8yzLMfMc2/"
    "wLR4UWBevigyr16UmDcvZHDX8aLM7HyXyf1CZfa8qDH7XujM/hd15sCLBvM5VBNfvGgxB5/ChW6IpFLbd8NUGzhCxYCj"
    "L2KITjd2TbnejTMmrikvuknGFGOaMXN9/l8pnt2szTmb8zYXPqWO0i0ylhglRvmKot1VGMuMFcbqNRSojDVGjVG/Pr+i"
    "nOvWbW7Y3LS59WmF62vb3LG5a3PvUxpbu33GS8YBo/EpZXR3yDhiHDNOPqVs7U4ZZ4xzxsWn1GW7S8YV45px8ykiugX2"
    "HIxORtendGDquRk9n9IQ0vMy+q760NXz2xy46sOP3rnNF1cDXh60OXQ14OVhmyPXpKYXZYwxxhkTn9I400syphjTjJlP"
    "6QDQyzLmGPOMhU+pdXtFxhKjxChfUyfuKYxlEeNexeaqzarNtXevqWP1NEH6uwR1QAPQBLQAbUAH0AX0uOw+4+X1Oe87"
    "ENxPXrvhdT9lc9rmjM3Z68DH1KP7OZvzxNQK/YLNxevANf3G65dslrDdNY3Offk6wCUoNpf/K43S/QpjlbaiM/2+anMN"
    "Gd7XGHXGOmMDmvtNxhYU04jVbz8YHRjkYL/7YPRgXNMg3e8/WpfCYvWDz9mGbcOL4efskbDZm/Hn7AnbUDV9tGaP1pwt"
    "6Fw8WstHa8W4ZtwwboGXDmxxRT9WL51s0eB66eK9KEqX7of9Lz2Plveqwdv7iLG1n5iOy5eBqwbvc37FMbu8sDl41eLt"
    "Q8TYPkyM7SNXLd4+SoztYjbHMZrwHglYvE2SLaxNPVrpqw6Xl7nq8DbZqy7vlbvq8nz+qsfzBWJsV7zq8fLS1ZCXS8RY"
    "LhNDj3I15PXlqzEvr1yNeb56NeHtVWIsrxFje+1qwuv1qykvr19Neb5xNWNuXs15v9bVnOfbVwue71wteL577eT5HjH2"
    "7xOj3MtrJ68fEMNPw+bhtYu3G127eP2YGMsnNk+v3ZSSl7NrNxc7J8bmC2IUu7x2X9Ngd7kixu5rYuy2sXl77cF+Awcx"
    "7TdwEtN+A9e1B9sPaG9sN/DY7L328vY+YmzvJ8b2gWsvb39OjO0ubA5e+3j7EDG2DxNj+8i1j7ePEmO7mM3xd3nzxLu8"
    "NvkuL0wJStNghJV0QOKy6IDEZdEBibemAxJvV7C5eHWJDjQoXQ2YJVoOll+7Dl3Tr4+B8tp1mI3yax872ai8RoMIjOpr"
    "1zE21Neu47xXjTsKDZwDjS06BxvoD11mUGeLuvGg8dBlBs1Hq0WdBXu2ibFfR3SaQZcY+/REpxn0bb6kzoLtB8TY3hCd"
    "ZjAkxvYj0WkGY5sn3Hmwx5Qt7DN76EaDOVvYb/HQjQbLR2slEm2wtnkjEmuwFWw4OMEMp0gkwyUSyXCLBDI8NntFwhg+"
    "kSiG32ZKDOx+LvLDuKD2J50G8oJUGiGRBwblBRQaEZEHhp0XRky0mUHDA+9HgwPvlxRtblB8eb+0aHMjY3P2YYAzcg8D"
    "nJFnizLGKDy0m1G0R3CjJMY3QxLjmyGL8c1QRFMZ5Ssc64yKGNaMqhjWDFUMa0ZNtJChXeFAaOgPwTfqYrwyGmK8Mppi"
    "vDJaYrwy2mK8MjpinDK6YpwyemKcMvpinDIuxThlDMQ4ZRjEWD4U45UxEuOVMRbjlTER45UxFeOVMRPjlTEX45SxEOOU"
    "sRTjlLES45SxFuOUsRHjlLEV49TQIcapoVOMU0OXGJeGbjEuDT1iABp6xQA09IkBaOgXeTMMiLwZnosBZ3ghBpxhUAw4"
    "w5DIn2H42kMBHEbEODOMinFmGBPjzDAu8miYEOPKMCnGlWFKjCvDtMinYebah2KyPJwMczycDPPvIpeGBTGODItiHBmW"
    "xDgylERODenECPsqD0kyLNtJMqyIZBhWORmGqmj0YY0bfag9NPqQmx+L6qLVho2rIWabV0N7ixYsLGrb8enY8enacejZ"
    "jvSFI5e2toHQZlw7xIg1HJLFQ9ZwdO0QY9ZwTMck6gTDic1TamPwzOY5tTF4YfOSVIJXNq9ZJqzNo7WlfCUeOWym7GB2"
    "2Uytzeyx2Ut5CfbZ7Kc8BAdsPkfJaIbRBVvUEKMgW9QUo9BDoEZhXkZdfxShngCOUuaDY5Th4LjwcpSwOSm8HKVsTgsv"
    "Rxmbs8LLUc7m/IOPo8KjVbS9LNks2V7KNiu2l2WbK7aXVZtV28uazdqjt/qjt/VHbxuP3jYfvW3Z3rZtbzu2t93HknqP"
    "JfUfS7p8LGnAGTcy7DwbDcV5ymgkxpfRWIwvo4kYX0bTx3Jnj+XOH8td2HsvxegxWj39OEi0FrR5QrD9F2fHcQzDI7YY"
    "xzFAorxx4tFKXtmj3jiFYZOtNPoQr82wRfWOs2xRveMcSuNl+UergDIQ1XHx0cLZnagD53c84o5xhsetNeZzPF5WfrQq"
    "bGGPKizWoj5aNYyyvJ32aOkYaXmtaDnhSeNztmg9UWdLtAR70f6c3RE2b9/9nN3DuM179jFy87LLR2uA+LMK49HiFuW1"
    "I7aw7xijOi+bYFxna/pozdjCdhgBxLIFW1i2fLRWGOt57frRwmmBqBcnBrzvhE8a2XKyRftOXI+WGyM9IjzxPFpejPa8"
    "h+/RwpkClzwJPFrnYN7jAhZvF2QLJYfQcrxdGBavxQGDj6QTHDJEyQnejqI+oRNJbuwJnUoK7WkcONjKsIVyszio8LLc"
    "o5VnC2sLGJHZKj5apWv7xGYiPVp85sBrFe4NsMqPVoUzH1b10eLjCFu1R0tD/Wzp8JWt+uOyBnotW03kJ1stOxNhtx+y"
    "adJB7NniIwtbPRz42OrjUMgWH2DYGsAPtgxuaVjDxxiNHvJgMn5s/clDXk2mOIqxNUPceLs5tweWLVgL9ljydrBWj8vW"
    "j3tsHj3eIgtgTR3c0rD4DIQtF87V2HI/lDf1PPSAqfehv059D9Ga+h9ac3pJa/kMdTq4dtmW8ZQMnH5Mh0/p9IXP2acj"
    "kYBXfbLH2EmcME1pOKbhIoCD9xRdzMNH5unsOkCL+Rg+nT/WsRDWa6KC1+zNX/vctkvS5XkN8FRIWD18xuQ4i/0mQfwW"
    "tx/MEj8fEiZ/myD1PxKk/3uCzL8jyN46MkS5W0eWKI+P2xxnl4x4PpPI+FcEw/+LYAQY07A9m9CwPZv+J4LZ/00wx7IF"
    "li1vHTGi1a2DTilm61vHBdHm1kED/myLl3Ic5w68n+o4d946QkSuW0eYyH3riBB5bh1RIv//ThD4PwjO8T2c4/xCUFBQ"
    "SFCY5MwjgCgA/s6Fv/ME6Z/D03mafJ7D03mWfJ7n2Kd5ngTPCyR4XiQn5iVyYi5hmYxlyv9AUP7nBJV/SVD9DQKVojCv"
    "/WsC7d8S6P+GoPE3BM1/RtCyv8RznLf/J4LL13CEmw/oLAts0E9HohH9cCSa4KNFx/kUJ2PEM3x+6jif44yMeEE/IYmW"
    "OC0jXr2Gc7P5mmbBG7x06jjf0sbEC8dVhdD59GM3kUuQ+ymulC08gryUa2Cfzf6n12migKBzcVltcWFz0OaQzWH6EbaI"
    "AKJXDcIYY5wxwZi8ahKmGNO4ULvIMGYZc4z2Jd9FweaizSWbJYyxC5lRYSwzVtCtF1VGlbHGqGFwXuiMdUb+0bVoorct"
    "WoztKzpnX3QYu+iRix5jH78DF5eM1BMJDcYh44hxjCGReGLz1OaZzdRBCReMS8YV4/pqQrhh3AKXDkbn1ZTQxehm9DB6"
    "r2aEPkY/Y4Dx/GpOeMEYZAwxhq8WhBHGKGOMMX5NebRMMCYZU4zpaxdhhjHLmGPM44LwssBYZCwxShg2ljKjwlhmrGCo"
    "WVYZVcYao4bf0Eudsc7I1yWWuLK7xG+bJa7sLnFld9nFxc1lj5Ev7S4vGQeMBiOfWC9HjDTwcTovJw/G9Fqk9HL2YMxh"
    "UBovFw/GkgyiFdPKSR1+5frCFwjd1KNXHuqpK+9DT135qIOv/FgboJ6/Oqeev7qg/r4KUn9fhWg0WYWp068iNJasol8i"
    "iH2TII6iE68TJL9MkPoKQfq3CDJfJch+jSD3dYL8NwgKNPqsijQOrUo0dKwkGjVWMo0fK4VGpFWZxopV5Q2C6rcJ1DcJ"
    "am8RaN8h0N8mqH+XoPE9gub3CVp/S9B+h6ADGd3nzwh7gD5FeXX5HsHgBwTGc4Lh+wSjDwjGPySY/Ihg+mOC2d8RzH9C"
    "sPgpwZKG29WKBrPVmsbc1eb/JNjSkLp2UHTWThK4dpHAtZsErj0kcO0lgWsfCVz7SeA6QALX5yRwfUEC10ESuA6RwHUY"
    "AtcRQJQErmMkcB0ngesECVwnSeA6RQLXaRK4zpDAdZYErnMkcJ0ngesCCVxjkF6XUKBEI/Va/n8IlFc6JeG6/Ar/K11X"
    "cIBbV/mYslb5mLKu8bFgrf09dba1jtdKHNd1vDHiuG7culSi5q1LI2rduupE7VsXDWPrzq0b6/BiBaLeLW6UWONpaaJL"
    "PnysB3jLxHFt4B0fx/UQ7/g4rkd4x8dxPcY7Po7rCd+dtZ7iHR/HNR6wJ5rjHR/H9QKP8x/XS7zj47jG0/JEazxDf1xv"
    "8I6P43qLh++PG7zEj8iJ9xgcNy48dX/cuPGOj+PGg6e3jxsv3ppw3PDLfI8bP97xcdwE8JKF4+acsnZzgQffj5sgnt8/"
    "bkJ4x8dxE8Y7Po6bCN7xcdxE8bqJ4yaGd3wcN3E8OX7cJPCOj+MmiXd8HDcpvOPjuEnjHR/HTQbv+Dhusnge/bjJ4QH5"
    "44afPT9uCnjHx3GDF10QlfCOj+NGwnPnx42Mh96PGwVHr00FN8seN1X7BuLjRrXf33bc1HBj73Gj2U/3HTe6/Va+I14k"
    "Si2xadj3Mx83eOCCqGU/r3HctO1nMY6bjv0sxnHTtZ+4OG569lv5jpu+fSPwcXNp33p73AzEjobYa2jfUHvc2G96I2ss"
    "aGK/le+4wYMVRDMh9OHO2+NmgRt8j5slboE+blaizrWocMO1bflFSMet277D/Lj14H1sx63Xvkf8uPXh3vLj1m/f233c"
    "XuCO8eM2aN8uftzyQ6nHbdh+K99xG/n1W/mO26h9J/lxm8Bt5MdtEu80Om5T9lv5jtv0r9/Kd9xm7Ac/j9ss7jU/bguc"
    "8Nui/Vqk47YkqPzmx5Q/28rfQ27176nBtyqflW1rf08JstX+6mPK7a3+F0wNfNrkuG2+wu2I2xY+VHbctvH1i+O288pH"
    "5z3bLj5bctz2/v7y7BTzOKnPnmK+yB9TohBn/pKKIc5+S3Du6cdj+vtTMZcXczDLv0oRXbh+F+j9hGd8vw/0/wHw4ikw"
    "/KEXFPtLYOKbwBQ+TkKc/o/AzJ8Cs38GLP4GsPw7wAqXW/09oCpK17jcNhfS/UUOdPlHwAHvbfwVcPiJDhpxheNPGqDJ"
    "J03Q7NXYQRyM/ntghU5eiGp0nCRqXCEKQeMKvgXHf00YckJCyAUJoXN4E4qjulCC6w6lUWsoi4pCha8DlX8JLPOmVSyP"
    "xk+xiAtGkowkGTEHTRAVc+L5NGLXRwWQm6Y2DPptQeilqQvDR1MPhp8mKI4FaELLxc5pGsC4oMmAEaRpCCNE0whGmCa4"
    "FIvQNIERpQm+xmI0zWCQyNgcRoKfhSMgtbEljBRNKxjpN4EZmjYwsh9yEblTLI6QxvJkOGEUPpRBxY8UUIkWe2BIZCAR"
    "YjIZPhgKGX4Y5feBFZo9h1ElA4kYUz9Eo8dqNB+Cod2MImCdFrBRJyMKo2lHsiUi2eEArlnwlnXGXawq7mZV8QBqjAe5"
    "/HhYFJso0wRhicuPUF1icIol8zAMMlBuYvgJQpIY0TzyNzEmQ4IxIQPlJ6ZkoIbEjIwyjDkZFRgLMqowlmSoMFZk1GCs"
    "ydBgbMhA8ia2ZNTJSFKyJJEsSSdNyOGkC84l3Xgal9hDUwcGpUsS6ZKkdEkiXZKULkmkS5LSJYl0SVK6JJEuSUqXJNIl"
    "SemSRLokKV2SSJckpUsS6ZKM/BBIuZJEAJOUK0nkSjL+C3SXJGVKEpmSpExJIizJHIctWeQgJVsss23LnHBhc941lfxj"
    "YAa9OJX7D8ASelhK+haQ+3hK/0NgHV0ofXmKZbIwqEUy6HhpapEMmiY9JANNk6Y2yRRhUJtk0DhpapMMGidNbZJB46Sp"
    "TTJonDS1SQaNk6Y2yaBx0tQUGbRJmpoigzZJU1Nk0CZpaooM2iRDTZFBm2SoKTJok4yLJriXoa6bacGg5sigD2eoOTJo"
    "lww1RwbtkqHmyKBdMtQcGbRLhpojg3bJUHNk0C4ZaoUMmiNDrZBBc2So02bQHBlqiAx6b4YaIoMWyVCnzaBFMtQUGfTe"
    "DPXVDIKfSdOETpulKrKJj9HLstSNsgU2ZedvA10/j4Pcb3wH5PkIAZW93/4YnUL2v/VTUODQhe/y+Vsf8cYXb/0jYioH"
    "3/oYEZBDb4nNwzcTXh/5EO0jR7m3ybG3n32M+MjxDxFTOfEhOoCc/K7YKfURWkxOf48PJ3LmI7SbnP0QQZZzH2HYkPNP"
    "0VXlwlOWU/wQMZVLJ2nFa6WDjK4ry0+FLIVWYJCRyx/x8grNo0vLVTwHSay+ezPiENR4WJC1HwD1D5HJcp22RoLKjefC"
    "u+aHGOrk1kcY4eT2Bx+mwZ0PWFL30GWhvQ8+coP7H/G+l68GaErZ+Alw+BHSSx59xI6PP+LoTHB4kKdPmWb/gKODPKe6"
    "MejJCzIQvMbiYyRkM/ZFYJamDCaaMSgRh1BkUCIOMeYalIhDFGNQIg6hxqBEHCJEBiXiECExKBGHiIVBiThEDAxKxCE0"
    "G5QlQwy9BiXiECoMGheGQRiUkUN0a4MychiGQRk5RHANysghRl+DMnIYg0EZOUQaGJSRwwQMGhyGGJkNSs0hGt2g1Bwi"
    "jAa5M2R3yLchurdBx5IhAmTQsWSIbDQKZKB7G0UykCwGHU+GSBODjidDtLlBx5MhAmbQ8WSI7m3QQD5E9zbokDJE/A06"
    "pAzRAoZKBsJqUG8YIicNjQz0c4OOKkPkukFHlSFa1miQgTwwmmQgj40WGejnRpsM9HOjQwZy0uiSgX5u9MhAPzf6ZKCf"
    "GzR+DdHPDRq/hkgOg8avIcbf4QIKYKzQimSMKZhjbDymYI6x8ZiCOcbGYwrmGKPDmII5xugwpmCO0XfGFMwxRocxBXOM"
    "zB5TMMdI+TEFc4zRYUzBHCPPxxTMMYaJMQVzjGFiTMEcr2FQMMfI+TEFc7yFQcGcINnGFMwJkm1MwZywVArmBMk2pmBO"
    "kGxjCuYEybbEnQJE/k+x6zLGX+88xV0FmvI0LTBToqn4MNOmSXuYWeLLdKe4p0fTgKY6Zvo0GfaM3y+28F+gk8T9wZc1"
    "7OgvHtQVuHRQl2D51TkleDyEC3ineDhIk59mN5gJiZkwpV484qbJdYpHzzHjpclDE4qIRGii/aIuzMRpitmbRb1Yaq+J"
    "+sVMZIaZgL0Gm9GZVDw2OsXjtCCWwIL85xbksKD2uQVwJ9b63IImFnQ/t6CDBf3PLaBki8fJm3gQE80kEi91FJxIvdQL"
    "4MxLvQTOvdRlcP6lroCLL/UKWHqpo3kS8ku9BlZe6hq4/FLXwZWXOqKeqL7UG2D1pd4C11/qqDzReKn3wc2XOtQlWi91"
    "+JFov9TRSonuS30K7r3UEZ/E5UsdTZAYvNS34PnLuh+8JCZCUyZWZNubrV/W0UiJDRYJc/uxD4eyeNL5UneDXS/rYbCb"
    "EyLpeamvwd4fi81i7wLjL+vwI5l4WYcfyczLOvRmFjTNaIITmSVNc3smmyMD7ZvNPxiUwhnUmKXUzXhgUB5nEL6sRAb1"
    "z3ieWiXvxEQzJcfzZyDfj4AXPwZGGKPAahnLq5X3gdU/AKrfB9Z+CqQuoXph6F8D1mkW/lQb8KfapFnkWLX1ZSD1IRXt"
    "X+18A0hJoyIm1R6fHcerlDRqFMYlGTEY1LnUOAzqWCqSszokgzem7FJTMMZfBU64yClXO/shkGKk5mFQ9FSkWZUipxZh"
    "rH4CXNOsBGNDBvKuuiUDiac64LTqhNOqC06rbjiteuC06oOvagB1qRfwTA2hdjUi/FDTUKRmeFmWt8pBkVpCtWr5m0CV"
    "o67WrtF/VO2vgfpfAJu/B+z8JbDPSwwsqVEC1MY0IWPbOk0U+zaSoF23Z3hNw55BB2k3H2YeNm19bgFv3qGp/bC2a8+0"
    "MdN7mHlYSxFvDx9mxvYMFzKxZ5Bc7enDzMOms88twObdshgNu/rHNAjHB5SNAycmmqEjT9xA353mfxtYeArkkE0rZCcc"
    "dJIcodZMBuf8tdFTxlOhScaEmao908SMas8omKlh6cOMZq8pY0Z/KOBhbf2hkIcFjc9tgV3GtGBcx4QZ2oyONfZM62HG"
    "XjB30IR95k6aKjBcNFVhuGlSYXhoqsHw0qTB8NGkw/DTxOUEaGrAOKcJ7s0vaGrBCNLUhhGiqQMjTFMXRoSmHowoTX0Y"
    "MZouYcRpGsBI0GTASNI0hJGiaQQjTdMYRoamCYwsTVMYOZpmMPI0zWEUaFrAKNK0hFGiaQVDomkNgyI438BQaKLBNbMo"
    "04SNF9SOC2y8oDZcYOMFxXGBjRfUdgvemNpt6YCh/4KJorx0waAGWbphUGMsPTCoIZZeGG0yfDA6ZPhhdMkIwOiRcQ6j"
    "T8YFjEsygjAGZIRgGGSEYQzJiMAYkRGFMSYjBmPyM65pSvMJGDMyaCjILJ0scxnn9Sv/J1i4CnwLePFnwMwfAgu4fJRZ"
    "lQ75HFg/JBHrVeMpsPsz1LEa/wlw8afA5ZeB6w+51O2/JVw7fgfo+nOg+6+A8S8AE8CtgU+fnErDzBvA7LeBuTeB+beA"
    "he8Ai28DS98FSt8Dyt8HKn8LLL8DRC8sDasYvkpDlbH2LlB7D6j/AFh/Dmy8D2x+AGz9ENj+EbDzY2D374C9nwD7PwVe"
    "fhM44AqM14HDLwNHXwGOfws4+Spw+jXg7OvA+TeAy5NSpGwsLfv4DuJJ8qT+E6FXpinL3xcmUB4/NkxQ/m++NkxQ+dyC"
    "PhZUP7fgEgvUzy0YYEHtcwsMLOjSjyHJt6RpbtfjW9G0eJhZP6yxK/VtHtY+LNh+bguo8Ds+twUWBFz/3wbk+zIw+E85"
    "UPhbwOjfABNfAyb/AJjirzqTkeaMkgKZPwFm8ZY44gLen0JcfOX1gEv4ZDJxBRknBaq/LINafwhs2yVcHpQlePKvgdN/"
    "C5y9uoiC568ueMfFl4BLlrO9KVJ/ks69v6IeJ8UcbwCd3wa63gS63wJ6vgP0vg30fRfo/x4w8H3g+d8CL94BBp8CQ0hA"
    "KRZmjLwLjL4HjP0AGH8OTLwPTH4ATP0QmP4RMPNjYPbvgLmfAPM/BRZYXJHFlVicxOJkFqewuDKLq7C4KotTWVyNxWks"
    "Thfi6owNFtdkcS0W12ZxHRbXZXE9FtdncZcsbsDiDBY3ZHEjFjdmcRMWN2VxMxY3Z3ELFrdkcSsWt2ZxGxa3hbg4n+9J"
    "cScjLtZJcTfExT0QF/dCXNwHcXE/xMUDEBc/h7g4zg+leBDi4iGIi4chLh6BuHgU4uIxiIvHIS6egLh4EuLiKYiLZyAr"
    "noWseA6y4nmWVRCyiowlliWxLJllKSyrzLIqLKvKslSWVWNZGsvSWVadZTVYVpNltVhWm2V1WFaXZfVYVh8xi1+yuAGL"
    "M1jckMWNhLgx44TFTVncjMXNWdyCxS1Z3IrFrVnchsVtIS7hgLiEE+ISLohLuCEu4YG4hBfiEj6IS/ghLhGAuMQ5xCUu"
    "IC4RhLhECOISYYhLRFhcIsqIHxJSIg5xiQTEJZIQl0hBXCINcYkMxCWyEJfIQVwiz+IKLK7I4kosTmZZCsuqshSNq9e5"
    "+ibX2OIa21xjh2vscV19ruuS6xpwXQbXNeS6RlzXmOuacF1TDsSMa5xzjUsOwZqd37DzW9SedKD2pBPOJ13sfNLN6IWI"
    "pA8ikn64ncSFdCl5DinJC0hJBiElGYKUZBhSkhFISUYhJRmDlGQcUpIJSEkmISWZQpsk0xCUzCAQySxkJXOQlcyzrALL"
    "KrKskpAlMcqIUFJhcWUWV2FxVRansrgai9NYnM7i6iyuweKaLK7F4tosrsPiuiyux+L6LO6SxQ1YnMHihixuxOLGLG4i"
    "xE0ZZyxuzuIWLG7J4lYsbs3iNixuC3EpB8SlnBCXckFcyg1xKQ/EpbwQl/JDVioAWalzyEpdQFYqDCmpCKSkopCSirGU"
    "VJwxASmpJKSkUpCSykBEKgsRKfyGklJ5FlFgEUUWUWIRMlevcPVlxCZVYRFVFqGyiBqL0BCblI7YpOosqMGCmiyoJQS1"
    "GTssqMuCeiyoj9ikLlnWgGUZLGvIskYsa8yyJixryrGZsbg5i1uyrBXLWrOsDWSlHRCUdkJQ2gVBaTcEpT0sKO2DlPQF"
    "Kk4HUXE6hIrTYVScxg92KR1FxekYKk4nUGU6iSrTKcQjnUbF6QwqTmdRcTrHFecRj3SBqy9y9SWuXuLqZVG9wlhmERXE"
    "I11FPNIq4pGusSyNZeksq86yGiyrybJaLKuNeKQ7LK7L4nosrs/iLlncgMUZLG7I4kYsbsziJixuyuJmQtycccHilixu"
    "xeLWLG7D4rYQl3FAXMYJcRkXxGXcEJfxQFzGC3EZH8Rl/BCXCUBc5hziMhcQlwlCXCYEcZkwxGUiEJeJQlwmBnGZOMRl"
    "Eiwuk2RMQVwmDXGZDMRlshCXyUFcJs/iCiyuyOJKLE5icTKLU1hcmcVVWFyVxaksrsbiNBans7g6i2uwuCaLa7G4Novr"
    "CHFdxh6L67O4SxY3YHEGixuyuBGLG7O4CYubsrgZi5uzuAWLW7K4FYtbs7gNi9tCXNYBcVknxGVdEJd1Q1zWA3FZL8Rl"
    "fSwu62fEZRYpew5x2QuIywYhLhuCuGwY4rL4V6CUjUJcNgZx2TjEZRMQl01CXDYFcdk0xGUzEJfNQlw2B3HZPIsrsLgi"
    "iyuxOInFySxOYXFlIa7CWGVxKoursTiNxeksrs7iGiyuyeJaLK7N4josrsvieiyuz+IuWdyAxRksbsjiRixuzOImLG7K"
    "4mYsbs7iFkLcknHF4tYsbsPithCXc0BczglxORfE5dwQl/NAXM4LcTkfxOX8EJcLQFzuHOJyFxCXC0JcLgRxuTDE5SIQ"
    "l4tCXC4Gcbk4xOUSEJdLQlwuxeJyacYMxOWyEJfLQVwuz+IKLK7I4kosTmJxMotTWFyZxVVYXJXFqSyuxuI0FqezuDqL"
    "a7C4Jotrsbg2i+uwuC6L6wlxfcZLFjdgcQaLG7K4EYsbs7gJi5uyuBmLm7O4BYtbsrgVi1uzuA2L20Jc3gFxeSfE5V0Q"
    "l3dDXN4DcXkvxOV9EJf3Q1w+wOLy54wXEJcPQlw+BHH5MMTlIxCXj0JcPgZx+TjE5RMQl09CXD4Fcfk0xOVxKUDK41KA"
    "lMelACmfZ3EFFldkcSUWJ7E4mcUpLK7M4iosrirEqYw1FqexOJ3F1Vlcg8U1WVyLxbVZXIfFdVlcj8X1WdwlixuwOIPF"
    "DVnciMWNWdyExU1Z3IzFzVncgsUtWdxKiFszbljcFuIKDogrOCGu4IK4ghviCh6IK3ghruCDuIIf4goBiCucQ1zhAuIK"
    "QYgrhCCuEIa4QgTiClGIK8QgrhCHuEIC4gpJiCukIK6QhrhChsUVsow5iCvkWVyBxRVZXInFSSxOZnEKiyuzuAqLq7I4"
    "lcXVuDLtH6cg/v1TaP5nBcRH4EL7ZsFzHb5YLRW6n+BnfaHH/wmXCn1xSaDAv4QKg/93BjJwy4RUGH6CawmFEdc//gSX"
    "IQr8Y6gwxWUuqTBj9XO7CD4gF5Y3oyKYfxEV1h9ygZtf+EFb3G8hFR2/OAc5XwWwtMi/i4puFl3kI3PRK0QXfUJ00c+i"
    "iwEhunguaizyL6RikEUXQyy6GGbRxQhEF6Msusg/kopxFl1MQHQxyYv4MF1MC8lF/p1UzLLkYo4lF/NCckFILr4K4GJT"
    "sWTrkmwhspCgiF3LXENFVMcDVlEV3tXYO832TrdLqQvvGrZ3TbtQHrqKbVF0R3jXFd712Lu+8I5Hr+JAVGdw3UO7iBGv"
    "Gtv+8RBWnAqRM+HfXPi3EP4t7Sbhgay4FqI3LHorRJccQnTJyaJLLiG65BY1lnhIK3lZdMnHokt+Fl0KQHTpnEWXeFQr"
    "BVl0KQTRpTAv4ms7paiQXOKBrRRnyaUESy4lWXIpxZJLadEkpYytK2sLyQkJebFrgWsoiur4t25JYu9KfLZVUmzvynYp"
    "FeFd1fZOtQvlzlbSRNG68K4uvGuwd03hHf9GLrVFdR2uu2sXwSdfpb7tH/9cLg2ESEP4NxT+jYR/Y9EkJf7RXJoK0XwW"
    "Vprbohe26KUQvbJFr+0a+ad0acuiJQeLlpwsWnJBtORm0RJu85MkL4uWfBAt+XkRn5JJ50KyxD+rpSBLlkIsWQqzZCnC"
    "kqWoaBIpJnRJcSFESggJSbFrimtIi+r44CRl2TuJL9FJeeGdVLBLKbJ3Ukl4J9ldT+LDlKSIosvCu4rwrsreqcI7PlJJ"
    "mqhO57rrdhF8xU5q2v7x4UpqC5Ed4V9X+NcT/vVFk0h80JIGQjRfupOGtuiRLXosRE9s0VO7Rj58SXMheiFEL4XoFYte"
    "C9F8BJO2LFp2QLTsxCKZr+PJbiFZ5oOY7GXJso8ly36WLAdYsnwumkS+ELrkoBAih1iCHBa7RriGqKiOL43IcfZO5jNr"
    "OSm8k1N2KWn2Ts4I72S768l8kUTOi6IL7J1cZO/kEryTJfZO5usksiKq40FTrthF8Im2rNr+8cUSWRMideFfXfjXEP41"
    "RZPIfMlEbgvRfMYtd23RPVt0X4i+tEUP7Br54ok8FKJHQvRYiJ6w6KkQzddP5LkQvWDRS17Ep9/y2pbMl1DkLUtWHCxZ"
    "cbJkxcWSFbdoEnw2AboUrxCi+FiC4he7BlCDcs7VKRe/kEBBQZFvAvm6ihJ7HRjH/wiUxFeAyd8Cpr4KTONfBErm68Ds"
    "N4A53pevxCoF3rfI+5Z4X4n3lXlfhfct874V3rfK+6q8b4331Xhfnfet874N3rfJ+7Z43zbv2+F9+RRc6fG+fd73kvcd"
    "8L4G7zvkfUe875j3nfC+fCVAmfG+c953wfsued8V77vmfTe875b2lR3oqrJj8FWggTsLZQdO8WXH6J9GoPF3gJN/moCm"
    "H5ZAM74PV3ZwN5Udi39agpYfhUFobdmxRrvIjs17wC2dGspOByeA7HT+BOhCK8pOXHWQnZ5f+kDeX/pBONuUnf6feb8P"
    "DvwSxTrPf4kqnRf4Lg1x8B8kUIg3wdU02RnBhxOIo1x+7CkwDu+cCXjnTLJ3zhS8c6bZOycuAsnOLHvnzLF3zrzwzllg"
    "75xF9s6JC/GyU2K3nDI7pHBFZeFIhR2pCkdU4UiNHdHw4Rti3Xao/vwLoAbPNN8Htn6ILic7229+rIM7/FkgMro/YZ+K"
    "zd8A9m7a1E9kFb+FZDXwKlAGn1+roODXgSHuO7IaJuZdaw6aqjCcNGHLmoumGgw3TRoMD02ouOalqQ7DR1MDhp8maKsF"
    "aGrBOKepDeOCpg6MIE1dGCGaejDCNPVhRGi6hBGlaQAjRpMBI07TEEaCJrRGLUkTa07RhCappWmawsjQhDjXsjTNYeRo"
    "WsDI04QmqhVoWsEo0rSGUaJpA0OiaQtDPskamrCmkOGEUSYDIatVyHCTMXMgvDPnFfyfua7g4syNJxDkmRdPIMgzvG6H"
    "yH8Fr2cBPI8gz/CuHKKLay4keO0Bha69oDDuspNnkSs4PItewYNZ7BoCZnE8xyDPEtdQMUteIUqzFD9USQaeHiUS7w0k"
    "I3uFAM9yV4jqLH+FMM0KV4jNrHiFgMxKQogkSP60AlIEVYRXVeEVDv3yrC7caIrtW0J/W+jvCP1dob8n9PeF/kuhfyD0"
    "G0L/6EH4WAifPAifCuFzoXjJUuciunMRyLmI4FyEbi5iNhcxm4uYzUWw5iJY84cozUVU5iIccxGHuQjAXHg+F57Phedz"
    "9nwuPJ/zAyXyXARgLgIwF57Phedz4flceD4Xns+F53Ph+fzB87nwfP7g+Vx4PheezxfcVnM7ACtR54Y1LjjzFiLzFiI2"
    "C5F5C5yDyguRfwuRfwsRtoXIv4WI3kJEbyESbyGCuBBBXIggLkTiLUQsFyKWC5F4i4eQLkTiLR4SbyFCvBCJtxCRXojE"
    "W4iAL0SIFyLEC1UI14RkXUgWEV+IiC9ExBci1xYi4gsR8YWI+EJEfCEivhARX4iIL4ZC8kPgFyLwi4fAL0TgFzMhWcR/"
    "IeK/4PgrHsc3vwhyfvM3Qa6nTO7XmTxfZvJ+hcn3W0z+rzIFvsZ0/nWmi28wRf/ZK3cZRuzJG/8CHH/ybebEkzeZk0/e"
    "Yk49+Q5z+snbzJkn32XOPvkec+7J95nzT/6WufDkHebik6fMpSfPn7EhPREsP3mXWXnyHnP5yQ+YK0+eM1efvM+sPvmA"
    "ufbkh8zakx8x609+zFx/8nfMjSc/YW4++Slzy96//Saw8xzYffMtUO/HPwXhPELx4DqV4jF4qyGvxnUqxYPrVIoH16kU"
    "D65TKR6c6CseXKdSPLhOpXhwnUrx8HUqxbNmxFm+4sF1KsWL61SKF9epFC+uUyleXKdSvDjFV7y4TqV4ceageHGdSvHi"
    "OpXixXUqxXvxPV4dxMdOiUPvQ5o3/D4XE3nvPV4a/TFke1vPnzG3nz/jrTrPn3Gd3duo57975ZZg935PNLQv9hYcCDhu"
    "nctbZxCmE5/pdg1huvAgK3HMOudVcbObBSfMaAicFJ/YhpnCY6rEabNWAGf2dRWcNXHwVQK5u0UNnLdyqDdQ2Hkq4CJe"
    "wE9cMs/DYMnccDmy6eN5xcJzK0qgbAYgPFDZ4Z4gJVDdpRSwuje4/Jqp8naaiafLlIBurVLgunWRBjesMHMTzz0St+5m"
    "5+D2vfMC3DGnOrh7N+uCe2aUQ9C3Qn7w5X7M5Q+s8yTY2OlO8HDXRDcMjH79vU+aG1sLB3hilbiWqVUKgGe7FJc6N88N"
    "8MLEgzZKYHnvhbfnjidWqYM8PXc+IYFsuZ5QaNlyPzF7Ypnnyc41Z8v7hASx5XuyK2bZ8j8xgxJbgSdWWiyLmRs03Xnc"
    "jNKgpoQSr3JrcO5VbgPO2/PDUwl37inhCBlYEo4+GAkysG04ScYWxpQMeB+tkkFnMEosfCoNsSTuJgPlpFInpY8lJcf/"
    "9vsgJ98Yp5RcuE9OKXnEbU1Kyf87fwIKfOtmikQpXbzKoWFLKf7tpJQatGEDxuJVHS0vhX4PKJ7vVKT0qwvkk1R6n/uE"
    "JL86j4IbfwZs/9HvgjrfYhq8ukAO9nGTmtLHTWpKHzepKX3cpKb0cZOa0sdNakofN6kpfdykpvRxk5rSx01q5fzI9JOs"
    "SmpoqnQgqGT8nPeVQp0mklnZNvBSlFM15TU3tEIdOyw8rlBT17sInbFqngJNlPlaO7XHrwo9I9FEe+oj30m/pKxoLb2n"
    "WpmC1C4tTDyE0y5tTmqYfO96K3iT/6lfdtzN1mDn3WwGdt3NnWD3qeypwvDcrctgL74OQOy72yzBfny+ljhgOhfgcxPd"
    "uF++wOcDiIOmOwoO3SZkcPhUzvGGEXxYgDhqelPgmOmtgeOmdwpOnMqpEozkbWIOTpleLjHNHbpfzpzK6SCMrOnLgnOm"
    "j0vI3+EmzX65YPo64CJei09cOjX9CgyJQ94vy2bADVZuk7ychgb2qWKe+8BV7lz9smqes6TabSoN1vASfWIdH0UgruOr"
    "CMQNvFWfuGmGvOCWGeJy2vgwDXHHDPP2XTvoPTNcAPfN8BB8aYa5EQZmeAs2bB7aPDqVG+zReOe8BE/M6AV4akbZgdmp"
    "3FVhzM1oG7wwowPw0oyxkpUpWmFtxriZN2Y8AN6accqYfsVhJtDaFaeJG/v6FZeZioHd+O4wscdMo/yK18RjBP2Kz2Y/"
    "Ph1AHDDxJGG/cm7ioYJ+5cLMusBBs5QBh/CpCOKwWUJEKhEzj0hUomZ+BI7huxvEcVNFllUSphIBJ02F16fMMtq+kjZl"
    "NH0lY5bRQpWsWYaflZxZRYAq+VMFT6n2KwVT5Q2K3Lv6lZJZYwES97J+RTZr7LBiasxl0ev6lcqpUmzBqJp1LlI1G0Vw"
    "zWwgDSuaWc+BdbOpg+u3RZbcuC2uwE2zg9BWWmZnA27b3DlV6ryia/aRfZWe2eeC+viaDfGl2efYDU6VDq8wzD6avzI0"
    "L1n7yFxzY4zNS9Y8uZXRVytTc4AuWpnhYxvEc+7s/crCNDhoy1NlykFZmWOueU0LWPvGHPMeW3OM5qs6TDxi1a86zWkF"
    "7DKnqKnqvi33wR5zikStes0ZglX1mTx6VP0mbkLvVwO3Fd7+/FT1oabqxW2FCwyaCyRuNWQu4GM1bC6QZ9UIvqtFHD21"
    "IgkYMXOJaFXjp2oILVtNPBjJfQDeVlPmiutI25y5xVMm/Wr2pF4gt6u5k+5HG1fz5pq3KJhr9q54qyKJqyUeUPtVydwi"
    "PlXZ3CIpq4q5xYBTLVsurqlyi1/X/Wr1toYBqariKybEtVO1yIZmublq3fKiZat1y4sBqNrAVy+Im/Z8y/JyQW18/4K4"
    "Y/mQnNWuxQNXtWf5OLx9y49eWr3ElzGIB/hkGrFhBdAbq0MrgFSsjqxzCTy2Ljg0EyvIeqZWmLebnaodrnhuhbh9FlaQ"
    "m2FphbndVlaEm2dtRVnA5lTtc0lbK4aQqQ4ripFMdVoRNKzqum0gUVS3Fed5jxVHM6leKwElqs+Ko5up/tsmOo0awEdd"
    "iM+tNM9fnFQHGloNWlm0gRqycId2Xw1beQyNauS2g4FEjeL7L8SxW+5Favy2DYVqwvQhP9Sk6cNQrKasEnJcTVsFtI2a"
    "2bu64OxdlMvJWTzQqHl8LIS4YJWQ0WrRkhBitWRJ6EuqdFKjCIUq33ZZiGIpaCu1bMkcgYpV4Yqr+CINsXpS41xTzaqi"
    "MVXNKmMMVnWrhkZQ6/jEBXHDwjWVvtq0dPa4ZdUxrqhtq4U2UDsntcArulabJfZuL9Ht1b7VYamXJ7WKgUEdWF0u2bgd"
    "cI1Dq4v0UEdWj2se49snxBOrh8OYOj2pLSS2OjtVRhgu1flJbfMmC0sUsTypBjJCXVkGxhh1bQ15l4014Dq31ggDd81h"
    "jdDQNSe+xEPswgdWiN3WGIlQ81h4cLNf8/LJSb/mO6kjBLjmt0YYuWsBa4bcrp1bePSkX7u4HWEEqAXxbRbikIXHMPq1"
    "8EldouVrEWuKXliLWmveIXZS11xi/KRuIL6WsLYYD2vJnYO3TOHDLsTpnQOBrGVuJ6w9u8OZeb+W2znRC2r5nZN9KOw4"
    "V2pFOtPQYJR2XhYvnWrnaJKavPMhq2rKqRbB0FEr7wJotFoFn4shru7O0dNq6qmWQ57WarsL5GNN2+HXQr+mn2ol3rIu"
    "TsH6tcYujCaoNXcRdrx1u0DXqLX5dK5f69wuOJJdm3u7OAemv4uzlkt8lIZ4sEuwWGOXZO+Gtyv2erRLoafUxqcaTv76"
    "tckuxU03PdUMpHBths/lEc9pdEbi1Ba7HHuxPNU2SLnaigyufH3SnDjA1za3W+RJbXvngJ+aA1+6IXaeNDfaUXORgWzU"
    "3OJ0tK95yOBV3l0J7aL5diVUp/ltDuAzOcTnd9x+2sWOD+pa8M6JdtVCdy60nxY+aTF0JS2yq6DhtSg+gEgcw5d1iON3"
    "bjSXljhpORzPtCQ+8UScOmkFDPFa+qQVES0tg89nEWd3dTSolrvzIC21PD78RFzYNVlTcdfk7UonTYPjmnTSWugRmvxg"
    "KLs2ElMr3+E6c1+rnLQel1nd9Vm/uutjKNFqdwHeQTtpBlei7/CgeV+r3+HnQ19r7PDIdl9r7obsR2s34u3aJ23DJXV2"
    "Y17RvQuh12m93RQ5ofV3M676cjdn7wZ3IW4V46RznmrDk37OW47uwtwo45MeZGOyWyMNtelJx6PFfW222yBjtfluyysW"
    "+AoR8fKkJzmGq5OeYhXrvZNlb8TvjL623fPpqO4Qvyr6uvMuirJ0196FnNDdew8GV91zF0ML6969B3XqPrOFzqH7T7qM"
    "EOkBMnjJ+UnFi2f6Oh0xIsh7PSiO+3poH0BG6uH9BlmlR+7iiLoe3V9g3NBj+wuuI76/QNLoCfMCWagn93yQ1FN7MZ/e"
    "X2A00DP7IHJGz570Dlpaz+F7jsT5fYgLKOzDcFsv7iMYLvTSPsTz0j7CBcj7KGvnz30Rl/dhVl7Z88m5Xt3jGkdfV/dR"
    "dqQmfpX1de2k8+mWrp/0IcerfpfiBY19krU290nW2tqnkM96+1QXZXb2aXRyvXvSVxg99N5dmsX279LowfrlSd9wEYNT"
    "3Y1k0427NJc93OfR2fURPjRKPN7nWf5kj7ee9PXpvsA82xfQ0/X5voROpy/2RZwS6Et8iIp4tS+h8fX1XuJyN3sZufr/"
    "l3S1S2lDQfTVVVCDqCAqQcASRDmblDaFFKglrQ/j7czdf/sIzVl+LTP3I2fPnt2bZCbs8iOkpAEncUYkOI0Z44azkHId"
    "WnFO9aAd56QR5wYHgIu48IWXkR/elkjCiFJAJy4oSFx9DnisoWt4YeLh2vDG0OEmjCkn3IYJxY5eLPwSfTa9auwd2101"
    "dhDXpBn3hg2x4yFuiB2PsXKMQ3+CLpFGP+UwMtQsD3iyLKPqMI57qguTuKNYMI17Sh/Plh1Rf4kHlnnM2FSrsZlJSv4x"
    "b344mhf120cstMUI4VXbFC7eTKbu11LbjgKa+BaiXScm1y5vDFBox6/9VXvO6Er77tY3k9KZ+q5DB1mGpQ/80KG7szY5"
    "+rUJcOIqnTAv8fPfjnmKrU49JjvL/STE3vKEyY9fIXds7yGndvFbZ07xwfK+c1uHwrf4Y/mAWsVftgVr7MfRyolm1JWc"
    "Ws5XVaWc6YKCklZYUeTS1lefcK78cL+UCwWLm1wqGF1JQkkhSsfyFTmXK7Yaa2xX1yyXcq0VE1JuQuUTbwP/3KKUnm59"
    "w74VLR+4CxWJlYEVbbop91YkPvJghVcReVS+hiplGLb0RlI9kGsZqT+XyJPWvnKsNc8JmWjt86Za+7pnK0YNqPV73ZTq"
    "//B2Q7A="
)

SHAPE = (
    "eNpVWElzG0eaPU/+Cl86aMd0e0zR7p6ey5znMD+CoiSzTUBUSxQt6jCBnSD2hcRehY0LdhA7SGKJoGRagGgQoMQOM3yY"
    "rsIsEbhQP2Hel1WkOGHrvZdfZX758ssEKsHfrf7TN+ybVfZvGvbvWna6t3HeYKfl91vstD7HTtu/Z6dH8+y0My/rTd+y"
    "0y7xA3baW+DtNw7NuY69cWrO9eyNS3NuYG/cmnMre+N5hDRvxDc99jajOTeytznNuYm9LWjOLextSXOeYW8PNeeb7G1V"
    "8wP7yfaTnf3Uf8LO9HMP2ZkJ/zaX5tjZFiU5s809Ymf2Mwc7cw/C7MwziLIz75PzfXbm/x6dtgdpdhbQsLOghnqHVhCL"
    "DcrsTHhKfXbnnrGz/efs7OABOyvMrbGz0hpmP6sO7eysNrfBzloL7KzzHfvZ9Oj1uYP9bFbIopCbDP9cWiBsnfXZO6vm"
    "3M3e2Wip72IL7F3iTGTvTt512LvuWYS9662dt9lA/69sYDzTsYHpJTwNHAMnG+7M4m42rAz22bAmpevsfej9Jnsf/vte"
    "hb2PnB6y99G/sPex/2Dvhbk59j6BVb1PSukae5+S0g32fve9nv1ihvNfDuVKk/3SHLfZL8d/YSPTHBtZH6P+o61lQhvt"
    "xci1Qeh7yEb+UY2Ntkd1Ntp5zEaB12wUXGaj0CqMjcIaNoqssFF06GCjmJaNhKdslB4a2Wh3jY32Ntho/8LCRgev2ChH"
    "2zrKbxBWX7xgozZluDBcGNmFB+0LL2/7NtiFn+a+2KauF5GLKLuIUqfYE3aRecAuCn9kF9UldlHn/Vs4IRdHaB5r2dg4"
    "qmHk2KJh402abmyfRNnYsUJB57iNkzZ2T+Js7H2IszTG4sa0uHFwgY1DKMc4jD4WNsaKxrSiMVY0FpbZOLXGxrtYyDgz"
    "QdLcxMbG+YeYpIAMJc0qG5cnbjZJTJJs0pkkLy2Xm+zSRvPhAF16RrU5dumDtQa7DC1QKLJynmWX4gpFUsukC2uE1VeE"
    "x5cn7LJz2WWXvcsuNuyDeejAqA+by4RbHJ1awhDO84fIIIylfhAXCBML7EMKM5vYh10QIu2HVImPuo969tF2tsM+Or5n"
    "H+kz8DHyEVC5SrKPtas0+9i82mcfTyRbiX3sXZXYle7qkF0ZrqrsyiRZLezKfNVgV9arNruySY40u3JIW0l25X7Brrx/"
    "07Mr398M7MqPIl1t/83Eft3Ct8I37Fcb0Tfs+mCdXWdQ0uscfVv81lpnv7XR/E/dKvt7IQGo7a8yyZCYiZtMsupeMmlL"
    "h1zSVgITSnYPHroSjwDJ5wDsh+TaXZ0DZugwS67sBiC3CMj/ACg8BhwqjyrYYslV+xHQ0gJOlgFd6t+jEyS5dd8DjK8B"
    "m9hByW1HcSS34yV/6MN87m0Mdu+8AITXARFSogYQXwKkngH2VwB5JeHhC+pQo7T1h4A2QqBjyV0FnQxSwM4wzCSPER8r"
    "yeM6bXF2j+qnLXBhVJc8CYgyZvNUUCfJc3zaosbJOu/ROW3xaHfooLbXgYJ5XVQqb/C0RY3QS/4gfNri0chVm7cPXqJo"
    "3sxVm6gI497maQvkszxDxOdE8Xyh0xZR+Aca4duj8vlyWK2vBJ/UKI9q/BGGIrzTQUF3+tKOB3kCm6hXwCsFdpAiUH8C"
    "aMhmF5OCpoEHaMYWBUVsZDBHUKaCBw+xLcEWKhUqDW3A8sUWsM51g3S4+ApQkwIBZI200IjuoN7RAAZGQxdW4CGdlnRx"
    "kiRnVd0Yla4axj2gcaIHmiYGoJmjBR9gqbo5SQODkjEICknGEOhAMh6AapIR66z2JWOfSfXim33gEeaqd99hTL0npQNM"
    "apgHXqANn0Gpwc9Mw4M+DS/eRVIjgjeI1BBG8NEQqWqNOO1xI0E+G/s8fsDjmQv4a2R5vI1SNsU3OC3NOGVs7g4ywL1B"
    "Frg/yAEPpMYJKDsoAguDCrA8QJ5mZYCz16wNscJmW6rHQEd4R0nNYym9DTqRwpii2RliH5q9oQ/YH+FstPFOxYRtvFSt"
    "+KKU2j0t0ZFOi9erdGTQnmPNx5HFc2zEcfQJBU/wEkPrBK8KPDvpSSeoUyf0+NwPCj8+x3SdCFr4wpU6UbS5iFEEmTsC"
    "RUhklvmI7DIfkVtWR+SX1RGFZXVEcVkdUaKIEaJMERJtDc9xpOE5jjVqjhONmqOjUXN0NWqOnkbN0dcoObrhDRrcjW4o"
    "Y7rChtK1G99QevR0ixiDrejpFxEhYaCIjksjxRRpoqieSzNFFWmhqJHLTYoq0nqbc+s2p+1zTvvnnI7POZ2fc7o+53R/"
    "zul5ep5Vs3pJKnl9SlRJ51fiSmNbeaKk3FGeKI2A8kRJG1SeKI3QsjpDeFnNH1m+yx5dvssdW77LLCzf5RWX77LGl+9y"
    "Ji621KRJKCVriseUXGkeVfQujyvZ9nhc0fs8ruQ74HFFZ+5yZ+9y5+7lzt/LXbiXu3gvd+le7vK93NVFdWBtkVN9UR3Q"
    "WlR7dJQHXXy99vqAvu4/AAYqKB/ZN5IkYSLBR/c3SfLxfVzNcCT7W3RDk/q2Zd6yL/OWY5l3cc7xoGuOB91zdGL7Ibp4"
    "Sv0wXZulfkTDu0Q1vIugDBCVAXFlQGaDD8hu8AG5Dd4lv8G7VLFkxW0NirgOVry2oBSrHfUZrbXfm2Oy7pDfAmRdRbkG"
    "yLoefhfIeh9dAmT94SrgaCaUQSey1cdkgw5xg34eYFcC2/h6lQ0hLSC5JBvz4OyPeMvKhsJM9IOKK7xVWlMednH5kE2b"
    "+PKUTdaJE+jRALwEiRdIY0qtER7g7SKbaiR7+BqWzTrcWmWzh36e/AnCS+LPED4S87Bl9pNagNh+oIodinwHEXigiuCC"
    "KkLfqiJMff4IEflOFVGK/DNEbEEVwneqEP+kijj1ASfg25zUEKY0nNKadeDeOun9dR46WFceZTSvgLlXpPOveKiMBVq2"
    "vlH8WnV4B8tW488C0PSzgF8astWC15JsdV/ogF6qgTV7RfHcSybbAnShkW2CQrjTy3YDPbUb8dTef8xkZ3hUP6+Ck2u4"
    "ZsrOAu/qzlDFvAlZRFpvUhb1oJQsGkBpWcQs3l1ZxAK9e7JoBu3LogV0IOP+J3szsohc3qws4rR4c/M4D978/ANgYR7r"
    "8BbnvwWW5lFfb3keNfUezmPTvJV51M5bnce+eWsPyEH3S83qV0z2bX75gLNXs/o1KPqAU/s0y2S/ATXym2VTELR5WgLi"
    "l5Tsj1E49yluwiHaqaGygRqVKnQ46jE5HkYtMgf/CE+V1AAHr5KWGl3Q7oDwgC71ciW7wqmIi4JcKeFdLVcNDwEmOnFV"
    "XvmqTa7aQXb8xJGrrmWADxtX3V4BBEYnQDr81chTAH4vytV9zFzN4bogVwtwVT2cheGw2iRb1Q5+oMg1HX0IarTlNQcB"
    "fQRqMdSplqEn9QrfpDrdIeV6G+epfoStrB/TwWjoV+lcNLboLDS28RFt7PwVIGCuRgKWp7rNVTY1RKeGMCg2NUTY1Nif"
    "GmpTo5VNLb7/auvY1Cp8KZnskjkrmRySeU+y5L9i0y3vg3lgZOEbYHSBdEcyuSRzUrK0JJMO3RHq8iElPhyz2XQ8oa3x"
    "LUbZmt9ilK3/HbR9S7P6PzFMafdODbsg/9SQAe1MDXlQfGrog9LclX1varSDMlOjC5SdGt2gwhSXvqn9eGossqlDNzWk"
    "EMd6psYOH+Uw8BAWFqKoIYWQCXMhF0UNZV4Ch5mH0EuPxiZMTA1H9JBnUbpYKYq2IQ9E206KRuXQcPAwPBmVWZ28XcRD"
    "pbOLdw7zUA1t920bU4poe6aGIrV5FG2v2iaXNN5/28bzPhcU3aYoX/iOopT1cCMJRANq1JhUF4Kv16kjeBst39kN3x/I"
    "O5LJCK8AZjzh1naVqaI8WuQZnWiL/NigEeXHyIFNa1BnPhbtNI03KifLsXtnHwVGe18pr9Lz4G5mFNrGt9kBQ647mzm+"
    "t/BhQiP/eaPvTVC4t/3Uq8jbfEJjQZmmNDX6lLNAm3xblfJtVLV9eNsmP9WpERVO3u2wskk1Hk3fHbUmP2RlWiKFKEvr"
    "9tx10WirDdpUH9pH1EZ9udHj24c1pTInt20sr6XM1+EhpXj4XDi6Ss1vjy5Z6PEQPyfUdurULvw5z+KEf/F2f7CfTpPa"
    "Jr9OMzVoifhsOVGZ+O1mowpOG7WNuXsVpSF2Ol7quXU67hq3e+l0/v/j58R27t77XDm9PKXx7rmfm/cpa0c7wDdO8V9R"
    "PjOIBu8dX2do9X+pZs6URhWFB6poPdIC24+0D0BHj7QLbOoyaheBFu1DoEv7PdCnXX4NCmg1wPATDHFFnhJGRx2imJZQ"
    "WCIUVwjjWsroSixxSnJMrXBKa/ksu0uc9jjur3A60MrWnRcQGS6od177jNyUni8+Up+VVUlPa1qKtLTrwCOOXe2PwD6h"
    "W6/FD+up27D4tfZrsGUJw1awHreLPLo9GsJtWqd7R/sXrM0d0K4ShZ4pI8LPnlEXcR0DScQXVZHF13JwD6L2QBXdBS5m"
    "fs9DgPcZwP8IsL0GCHwPCK4Awj8AIkuA6GAbGHsNEJ4ARPoTwswf1wISTwFJDSD1ApB+DtjDi2zm318HHCwDcj8C8q8A"
    "hQ1AaRFQxt1n5j98DKjgPTfz11YB9ZeABq40s7DpAcAyC2+CHPROnYU9ExsmCmeGITaLbM8iO6DIJ48tA45NbEBhgpkj"
    "yTESRCr096ZZ1EVmolFcqGbROCzFMmsLbCbo6J46EyKYRUjMhCQoR/HSnwG4BB+DjjmJ9pmIFGJsJsKnKM78u6DcYB+Y"
    "xxCxMMBosTTIASszP1yJVdROxCVlJtZRY7HxArURm3wVcfPQAHTRn4/xT6EAdYhHyGo8NnTgjT+LV+jvxLN4++0B8Ogn"
    "P5sVRVxtZsX4rOgDHUp1M6gyxMqKVakeBdVXz4nakgs1KR5JrizoWKpTlxOpjhIVO1IdJS32BnBR0vEalfTYtZIRu1Ta"
    "HMJiyT6MAZ2Sqwty0e1kVnJLrj7IM0gBfZKbhvtxJEpByY2EpSjd/2el2EveW5TcOCKl+BksllJksbQruXGMSnuSGxUq"
    "ZbEVpRxWXSoN48AyDloJq8DWlppvsf5SS3Jj5aUTZfqe5C6xm0L2D+eb7Ka0+9vO9TZ4T+XD33ycKwqXc9db13UNRP5W"
    "FEisQhRvRYnEtRWqfKcOFXXuh67c01VVW6Br93Rd0deH0I17usn1CVTrTrXv1BFXW1DHd+rkVh3qSP1agNJzVYQy8Kdm"
    "KONdP9Otqth/zfyK4lQSX1y7rr0QyS+u3Vzs8gwVqD2uqlD7t7kqB1xhHZXMXa7sraoGb31UQ7c+qmGuMFc1cpulGlUL"
    "WvMpNmrx20e1xO2j6rVOsVarQXFvrarm2oT/vNf43XnT9k11BlBYbgRBh/8CqMjbFKrKOmxBuy47sPPthuyOgZqyWwC1"
    "ZLcIasvuOOhIdidAx7I7CepPddjSI91Uh9Ucbb0ntHG0c3RwDP0BIEx1ODVH4lS3A8r9DnD4xbUdVIFd4iZKC2rROsBt"
    "FBh0RIsB97649oH6aIKP9b8eXMPysUFlo+a6DjIpZMYZIbaovEVFAttUtqvsUPikcW1S8pw071TrWkl20lZFxwzTHSe9"
    "Zm86nm8A3nlAFke/U9QCTr4EdL8C9Hhduk5EuzFe4i4WjqJ2k3wPulW6v99063R/v+k26f5+09PRPeWmZ6K39E3PQvf3"
    "m94WXexueja6Y9z0nHR/v+lF6S5y04vTFfKml5JMelBasuRA+OWBA9XblyzUJSOZTKCcZMFnppeXLDiovYJkwSntFSVL"
    "DVSSLFhdryxZGqBDyUQ5a5KJTNQlE/a515RMNtCRhF+GN32jZE6BzJIZa+hvSuZ9EH66YCl9p2SGiT5+4WBFfbdkhpf+"
    "tmQug3YkM0z0A5IZJvoRyYzZ+1H6yXPTj0lmzN5PnFLmNB2b/t7pHnBfNmRBGVS5n5MtONX9ohygOUpy0M4+eSyup+c2"
    "4sArfIuBg+sKhzTnDfz/Qmkl8DMQ7zH8GAWa8aMOZHlMuPmE0IkXA8jzitC3SrjzjDDwgjC4RphYJEzyHKklwrSSaY/n"
    "yPNhxYsw0aGWsMLHVTcIa/gFC6rzKRoXVqIm7iSfPHb3MmHjNdChp/QOA6V3eCmJw8czOnYolyNIwx0pQo9+ECUy4F+O"
    "hHfmbxIH8a9PAq9ur4FEVEMYH/iI9vDy/uTx1T55/DTeV39O2PlAFfIb8eoHmd70iJwT6uH3SNF9Yt+fgNv+p4QBWu12"
    "aIUwRm63hXVCXovtfZpw+4Bsivr3HiLjG8ohmgd+os1hmmhruEdkG+4S2QcBIscgSOQZZon8gwTRDt7SoPCQlipGhnki"
    "cVAiSr2hFYnpAS1fzAy6RPlhhqgw5NOWhnx4degmav6sI2r9rAfVjvGPbNQ6+Id6eVPJT960nkTqCWFaQ7i7Qbj/mDAj"
    "WzeJs68Jc+huI1HiD8vfElb5oMYqYRMdAiRaUjRGfPIdYQdb6k0baI50gjqm9yhfev9HwuwSYeEVYZlHqhRpUc/AcU5D"
    "2MRpCXQ2RzUi6zqhbY0wQI87ETqfgU5sFg4TF+nABDqN54THLwi7dPADXd0ioeEloRHrjNVEDWFKS4j3xyfBavjQJ7LT"
    "8RGsznVC/xPCwHPCIC6coAhdJ8BJmkywpiZJIrIrbJmvaKzHSg2PQ0vYIe3VkfYecl0n7Q+Rpr9JfRK2PYQ7OorsmLiu"
    "c90mHciQDhRIB2OkgwnSIQ/p0DbpsIl02Mp1m+sO6Uj2IWGO6idE8lQtIVJ4TFh8TVhaJiwrS4pwf5HKCmGVCidEajxN"
    "/SnhkdrteGgkOlkj7GwQdunDL0R62EwhasRdFLSldI/6L6h7VFCbabIU3eWWonvcUpQOnRA9IEvRDFmKZtXevK7RPFmK"
    "FrilaJEsRUtkKVpTu9W5pWiDLEWbZCna4paibW6pyy3FjEr3mJNbigXVpkCWYiK3FItzS7EEWYolyVIsRZZiabX3LlmK"
    "7ZGl2D63FDsgS7EMWYoV1W4lbilWJkuxQ7IUq3BLsSpZirUUS12lu7DJLQletRkkS0KIWxLC3JIQIUtClCwJMbIkqDUV"
    "6DALQpwsCQluSUiSJSFFloQDtVuGWxKyZEnIkSUhzy0J9CkUhAq3JLSU7qKeWxLtatNLlkQftyT6uSVxmyyJO2RJDJAl"
    "Ua2pyM+3GCZLYoRbEqNkSYyRJTGpdktxS2KaLIn0DSSIe9ySuE+WxDy3JFbU7ifcUtysNOM2+njGXfTxjYc4pjgWODaB"
    "ou5wfEhUGVeIquMqUW1cI2qMG0StcYuoTZ98UXc0PiY6GXeIOuMeUXfcJ+pNdET9Cb49Rb1uYiDST4xEhomJyDgxE1km"
    "VqLNiZ3I/iFM5JgEiJyTEJHrQ5bIfVkm8nxwE3m5Xb2P29X7uV39NrerD3C7+hC3qw9zu/oIt6uPcZ96gfvUi4rBuOIs"
    "oThLKs52FWd7+L0L2lcMHlx6iTKKwexkhyg3iRPlL/NEhVmY9ylewlrcpFv9mki/+nui0Jear4hjX2o509dP3GzXrhPl"
    "tEtEee0jooL2OVFxaekfZKNAsrQkG/ESjFuz9KdhcP2/PfAYj+n++phIz7/f4zEDHbp4bHOREsSs61Jrl8Q2Pw1xwUGz"
    "CJk1wrz2IVFhnah8uPp/FVB5mg=="
)


if __name__ == "__main__":
    sys.exit(main())
