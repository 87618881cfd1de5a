"""Text of peers that people get to see is short, and nothing in it acts unseen (R7.25)."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from unit.protocols.gossip.test_messages import MESSAGES, opener

from p2pnode_protocols.messages.frames import Message, read_frame
from p2pnode_protocols.messages.greeting import Hello, Refused
from p2pnode_protocols.messages.standing import Contacts
from p2pnode_protocols.wire.codec import encode
from p2pnode_protocols.wire.ids import DeviceKey
from p2pnode_protocols.wire.limits import DETAIL_CHARS, NAME_CHARS
from p2pnode_protocols.wire.plain import make_plain

ESCAPES = "a\x1b[2Jb\rc\x9bd\u202ee\u2028f\x00\x7f\ng"


def read(kind: int, *fields: object) -> Message:
    (message,) = read_frame(encode([[kind, *fields]]), opener())  # type: ignore[list-item]
    return message


def test_any_character_becomes_one_that_is_seen() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert make_plain(every, len(every)).isprintable()
    assert len(make_plain(every, len(every))) == len(every)


def test_what_is_plain_stays_as_it_is() -> None:
    assert make_plain("größer als 3 · 4", 20) == "größer als 3 · 4"
    assert make_plain("two\nlines", 20) == "two lines"
    assert make_plain("x" * 21, 20) == "x" * 19 + "…"


def test_words_of_a_refusal_are_plain_and_short() -> None:
    message = read(Refused.KIND, "invite_over", ESCAPES)
    assert isinstance(message, Refused)
    assert message.detail == make_plain(ESCAPES, DETAIL_CHARS)
    own = Refused("bad_field", ESCAPES * 99).to_wire()[2]
    assert isinstance(own, str)
    assert len(own) == DETAIL_CHARS
    assert own.isprintable()


@pytest.mark.parametrize("address", [ESCAPES, "/ip4/10.0.0.7/tcp/1\n", "/dns/\u202e/tcp/1"])
def test_an_address_that_nobody_could_read_is_none(address: str) -> None:
    good = "/ip4/127.0.0.1/tcp/1"
    hello = MESSAGES[0]
    assert isinstance(hello, Hello)
    fields = replace(hello, agent=ESCAPES, addresses=(address, good)).to_wire()
    message = read(*fields)
    assert isinstance(message, Hello)
    assert message.addresses == (good,)
    assert message.agent == make_plain(ESCAPES, NAME_CHARS)
    key = DeviceKey(b"k" * 32)
    contacts = read(Contacts.KIND, [[key, [address, good]]])
    assert contacts == Contacts(((key, (good,)),)), "whoever passes it on is not to blame"
