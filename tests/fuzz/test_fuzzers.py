"""All that the fuzzers ever found worth keeping, again on every run; and that they notice.

Needs no atheris: this is plain Python. Fuzzing itself is `python3 dev.py fuzz`.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fuzz.fuzzers import NAMES, frames, load, values
from fuzz.smallest import HERE, kept_files

from p2pnode_protocols.agreement.blocklace import Blocklace
from p2pnode_protocols.core import Core
from p2pnode_protocols.messages import frames as messages
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.wire import codec
from p2pnode_protocols.wire.ids import MonoMs

CORPUS_BYTES = 200_000  # in all: what a clone should have to carry
FINDINGS = sorted((HERE / "findings").glob("*/*"))


@pytest.mark.parametrize("name", NAMES)
def test_seeds_made_by_the_code_pass(name: str) -> None:
    fuzzer = load(name)
    for seed in fuzzer.seeds():
        fuzzer.check(seed)


@pytest.mark.parametrize("name", NAMES)
def test_committed_corpus_passes(name: str) -> None:
    fuzzer = load(name)
    for path in kept_files(name):
        try:
            fuzzer.check(path.read_bytes())
        except Exception as error:
            error.add_note(str(path.relative_to(HERE)))
            raise


@pytest.mark.parametrize("path", FINDINGS, ids=[one.name for one in FINDINGS])
def test_what_was_found_once_stays_mended(path: Path) -> None:
    load(path.parent.name).check(path.read_bytes())


def test_corpus_is_small() -> None:
    assert sum(path.stat().st_size for name in NAMES for path in kept_files(name)) < CORPUS_BYTES


@pytest.mark.parametrize("name", ["frames", "objects", "proofs"])
def test_changed_fields_make_other_bytes_that_often_decode(name: str) -> None:
    """Else the fuzzer would only ever test the outermost decoder."""
    fuzzer, source = load(name), random.Random(1)
    seeds = [one for one in fuzzer.seeds() if fuzzer.PARTS[one[0]].is_value]
    changed = [fuzzer.mutate(source.choice(seeds), source) for _ in range(400)]
    decoded = [one for one in changed if values.unpack(one[1:]) != one[1:]]
    assert len(set(changed)) > 300
    assert len(decoded) > 300


# --- what breaks is noticed ---------------------------------------------------------------------


def test_reader_that_takes_a_longer_spelling_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = codec.decode

    def lenient(data: bytes, limit: int) -> codec.Value:
        return honest(b"\x01" if data == b"\xcc\x01" else data, limit)

    monkeypatch.setattr(codec, "decode", lenient)
    with pytest.raises(AssertionError, match="another spelling"):
        frames.check(b"\x00\xcc\x01")


def test_frame_reader_that_checks_no_signature_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    place = next(at for at, one in enumerate(frames.PARTS) if one.name == "signed frame")
    source, seeds = random.Random(2), [one for one in frames.seeds() if one[0] == place]
    changed = [frames.mutate(source.choice(seeds), source) for _ in range(300)]
    for data in changed:
        frames.check(data)
    monkeypatch.setattr(Opener, "_check", lambda *_: True)
    assert _failing("frames", changed) > 0


def test_undocumented_exception_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def read(self, _value: object, _opener: object) -> object:
            raise KeyError("no such thing")

    monkeypatch.setattr(messages, "_MESSAGES", Broken())
    assert _failing("frames", list(frames.seeds())) > 0


def test_node_that_takes_blocks_without_a_quorum_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Blocklace, "_check_parents", lambda *_: None)
    assert _failing("core", _runs()) > 0


def test_node_that_asks_to_be_woken_in_the_past_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Core, "_wake_at", lambda self: MonoMs(self._now.mono_ms))
    assert _failing("core", _runs()[:3]) == 3


def test_node_that_forgets_a_write_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Core.handle

    def forgetful(self: Core, event: object, now: object) -> Step:
        step = honest(self, event, now)  # type: ignore[arg-type]
        return Step(step.writes[1:], step.sends, step.notices, step.accepted, step.wake_at)

    monkeypatch.setattr(Core, "handle", forgetful)
    assert _failing("core", _runs()) > 0


def _runs() -> list[bytes]:
    return [*load("core").seeds(), *(path.read_bytes() for path in kept_files("core"))]


def _failing(name: str, inputs: list[bytes]) -> int:
    """Return how many inputs are findings."""
    found = 0
    for data in inputs:
        try:
            load(name).check(data)
        except Exception:
            found += 1
    return found
