"""Titles, texts, reasons: what is refused before it is signed, and with which limit."""

from __future__ import annotations

import pytest

from p2pnode.community.verbs.prose import check_text, check_title, shorten
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.limits import TEXT_BYTES, TITLE_BYTES, TITLE_CHARS

BLANK = ["", " ", "\u00a0 ", "\u3000", "\u200b", "\u2800", "\u3164", "\ufe0f", "\u200d\u200c"]
STEERING = [
    "a\x00b",
    "a\x07b",
    "a\x1b[2Jb",
    "a\x85b",
    "a\u2028b",
    "a\u202eb",
    "a\u2066b",
    "a\udc80",
]
LINES = ["a\nb", "a\rb", "a\tb", "\na"]
FINE = ["x", "Prix\u202f: 10\u00a0€", "نیک‌نام", "שלום \u200e(a)", "👩‍🌾 Tea?", "山田　太郎"]


def refusal(check: object, *arguments: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        check(*arguments)  # type: ignore[operator]
    return caught.value


@pytest.mark.parametrize(
    "title", [*BLANK, *STEERING, *LINES, "x" * (TITLE_CHARS + 1), "x" * 65_536]
)
def test_title_that_nobody_could_read_is_refused_with_the_limit(title: str) -> None:
    refused = refusal(check_title, title)
    assert refused.code == "bad_field"
    assert f"1 to {TITLE_CHARS} characters" in refused.detail
    assert refused.detail.startswith("title: ")
    assert len(refused.detail) < 200, "what is refused is not echoed"


@pytest.mark.parametrize("title", [*FINE, "x" * TITLE_CHARS, "𝒳" * TITLE_CHARS])
def test_title_of_one_line_is_fine_whatever_it_is_written_in(title: str) -> None:
    check_title(title)
    assert len(title.encode()) <= TITLE_BYTES


@pytest.mark.parametrize("field", ["text", "reason"])
@pytest.mark.parametrize("text", [*BLANK, "\n\n", "\t", *STEERING])
def test_text_that_nobody_could_read_is_refused_by_its_name(field: str, text: str) -> None:
    refused = refusal(check_text, field, text)
    assert refused.code == "bad_field"
    assert refused.detail.startswith(f"{field}: ")


@pytest.mark.parametrize("text", [*FINE, "a\nb", "a\tb", "é" * (TEXT_BYTES // 2)])
def test_text_of_lines_is_fine(text: str) -> None:
    assert check_text("text", text) == text


def test_line_breaks_of_other_systems_become_ours() -> None:
    assert check_text("text", "a\r\nb\rc") == "a\nb\nc"


def test_text_that_is_too_long_is_refused_with_the_limit() -> None:
    refused = refusal(check_text, "reason", "é" * (TEXT_BYTES // 2) + "x")
    assert refused.code == "limit_size"
    assert str(TEXT_BYTES) in refused.detail


def test_what_is_long_is_shortened() -> None:
    assert shorten("x" * 5, 5) == "x" * 5
    assert shorten("x" * 6, 5) == "xxxx…"
    assert shorten("xxx  yyy", 5) == "xxx…"
