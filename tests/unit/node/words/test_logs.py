"""One event a line, whatever is in it."""

from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest

from p2pnode.logs import Format, catch_strays, set_level, set_up_logs

log = logging.getLogger("p2pnode.test")


@pytest.fixture(autouse=True)
def untouched_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    logging.captureWarnings(False)
    sys.unraisablehook, threading.excepthook = sys.__unraisablehook__, threading.__excepthook__
    root.setLevel(level)
    logging.getLogger("p2pnode").setLevel(logging.NOTSET)


def test_json_line_has_message_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json", "info")
    log.info("decided", extra={"proposal": "pro_x", "line": "a\nb"})
    entry = json.loads(capsys.readouterr().err)
    assert entry["message"] == "decided"
    assert entry["line"] == "a\nb"
    assert entry["level"] == "info"
    assert entry["time"].endswith("Z")


@pytest.mark.parametrize("format_", ["console", "logfmt", "json"])
def test_field_cannot_forge_a_line(format_: Format, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(format_, "info")
    forged = 'x\n00:00:00 critical "all is lost"'
    log.info("refused: %s", forged, extra={"detail": forged})
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_libraries_speak_from_warning_on(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("console", "debug")
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("trouble")
    log.debug("detail")
    assert [line[9:24].split()[0] for line in capsys.readouterr().err.splitlines()] == [
        "warning",
        "debug",
    ]


def test_level_can_change(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("console", "info")
    set_level("error")
    log.info("quiet")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("format_", ["console", "logfmt", "json"])
def test_trace_is_told(format_: Format, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(format_, "info")
    try:
        raise ValueError("broken")
    except ValueError:
        log.exception("failed")
    assert "ValueError: broken" in capsys.readouterr().err


class _Unclean:
    def __del__(self) -> None:
        raise ValueError("in clean-up")


def test_what_python_and_libraries_say_by_themselves_is_in_the_format_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    library = logging.getLogger("some.server")
    library.addHandler(logging.StreamHandler(sys.stderr))  # as hypercorn and libp2p do
    set_up_logs("json", "info")
    catch_strays()
    library.error("three\nlines\nof it", exc_info=ValueError("broken"))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    unclean = _Unclean()
    del unclean
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    entries = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [one["topic"] for one in entries] == [
        "some.server", "py.warnings", "p2pnode.python", "p2pnode.python"
    ]  # fmt: skip
