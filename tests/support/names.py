"""Names, and what is none, for tests and vectors (docs/protocol.md R2.20)."""

from __future__ import annotations

from p2pnode_protocols.record.seats.names import JOINERS, WORDS
from p2pnode_protocols.wire.ids import KINDS
from p2pnode_protocols.wire.limits import NAME_CHARS

ZWNJ, ZWJ = JOINERS[0], JOINERS[1]
SAME = [
    ("Äsa", "äsa"),
    ("Äsa", "A\u0308sa"),
    ("Ana", "АNA"),  # a Cyrillic capital A
    ("sopa", "ѕора"),  # all Cyrillic
    ("Mia", "Mi\u0307a"),  # a dot that i has anyway
    ("mıa", "mia"),  # without its dot
    ("Amo", "Arno"),
    ("Bob", "B0b"),
    ("Al", "AI"),
    ("Straße", "STRASSE"),
    ("ana", "Ａｎａ"),
    ("ana", "𝒶𝓃𝒶"),
    ("ﬁn", "fin"),
    ("한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"),
    ("نیک‌نام", "نیکنام"),
    ("🦊", "🦊\ufe0f"),
    ("Ana Li", "Аnа Li"),  # with two Cyrillic letters
    ("e\u0323\u0301va", "e\u0301\u0323va"),
    ("ΑΝΑ", "ANA"),
]
DIFFERENT = [("Al", "Ai"), ("Jose", "José"), ("Asa", "Äsa"), ("Ana", "Ana 2"), ("Ana 2", "Ana 22")]
NAMES = [
    "Zoë",
    "李小龍",
    "O'Neil-Smith 3",
    "عائشة",
    "🦊",
    "❤️",
    "👩‍🌾",
    "نیک‌نام",
    "क्‍ष",
    "Nguyễn Thị Ánh",
    "Łukasz",
    "ᏣᎳᎩ",
    "opal",
    "Dr. No",
    "रामः",  # a visarga, which looks like a colon
    "9:30",
    "Memo",
    "x" * NAME_CHARS,
]
DECEIVING = [
    "",
    " a",
    "a ",
    "a\tb",
    "a  b",
    "a\nb",
    "a\u200bb",
    "\xad",
    "a\u3164",
    "\u2800",
    "a\u00a0b",
    "a\u3000b",
    "a\ufffdb",
    "\ud800",
    "\ue000",
    "\U000e0041",
    "a\u0378",  # not in Unicode
    ZWNJ + "a",
    "a" + ZWJ,
    f"a{ZWNJ} b",
    f"a {ZWJ}b",
    f"a{ZWNJ}{ZWJ}b",
    ZWNJ,
    "\u0301a",
    "e" + "\u0301" * 5,
    "x" * (NAME_CHARS + 1),
    *(f"a{mark}b" for mark in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2069"),
]
REFERENCES = [
    *WORDS,
    *(word.upper() for word in WORDS),
    "mе",  # a Cyrillic е
    "#1",
    "#x",
    "12",
    "--yes",
    *(f"{kind}_k3v7abcd" for kind in KINDS),
    "MEM_k3v7abcd",
    "ｍｅｍ_k3v7",
    "１２",
    "Ana (you)",
    "Ana, Bo",
    "Ana（you）",  # wide brackets
    "Ana، Bo",
    "Ana、Bo",
    "Ana，Bo",
    "Ana [away]",
    "Ana ［away］",
    "Ana {gone}",
    "Ana〔gone〕",
    "Ana; Bo",
    "Ana；Bo",
    "Ana\u037eBo",  # a Greek question mark
    "Ana؛ Bo",
    "Anaꓹ Bo",  # a tone of Lisu
    "Ana: no",
    "Ana： no",
    "Anaः no",
    "⑴",
]
