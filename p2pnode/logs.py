"""Structured logs on stderr: one event a line, as text for people, JSON or logfmt.

Fields come through `extra=`; a message is a fixed phrase or a short sentence. INFO tells
outcomes: decisions, peers, epochs. No vote's direction, no text of a proposal, no secret.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from typing import Literal

from p2pnode_protocols.wire.plain import make_plain

from .hints import with_place

MESSAGE_CHARS = 2_000  # of a line, without its fields

Format = Literal["console", "json", "logfmt"]
LEVELS = ("debug", "info", "warning", "error")

# What the standard library puts on a record; the rest came through `extra=`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def set_up_logs(format_: Format, level: str, home: str | None = None) -> None:
    """Send this process's logs to stderr; libraries speak from warning on.

    Args:
        format_: of each line.
        level: of our own loggers, one of `LEVELS`.
        home: what --home named, for the commands that messages suggest.
    """
    handler = logging.StreamHandler(sys.stderr)
    if home is not None:
        handler.addFilter(_Homed(home))
    handler.setFormatter(_FORMATTERS[format_]())
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).handlers.clear()  # a library's own would not write our format
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    set_level(level)


def catch_strays() -> None:
    """Let the log have what Python itself would print on stderr, in the log's format.

    Warnings, and errors that nobody is left to catch; for a process of ours alone.
    """
    logging.captureWarnings(True)
    log = logging.getLogger("p2pnode.python")

    def on_unraisable(stray: sys.UnraisableHookArgs) -> None:
        log.error("an error in clean-up: %s", stray.err_msg or "ignored", exc_info=stray.exc_value)

    def on_thread(stray: threading.ExceptHookArgs) -> None:
        log.error("an error ended a thread", exc_info=stray.exc_value)

    sys.unraisablehook = on_unraisable
    threading.excepthook = on_thread


def set_level(level: str) -> None:
    """Set the level of our own loggers; one of `LEVELS`."""
    logging.getLogger("p2pnode").setLevel(level.upper())


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


class _Homed(logging.Filter):
    """Write commands in messages as they have to be typed for this home."""

    def __init__(self, home: str) -> None:
        super().__init__()
        self._home = home

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("p2pnode"):
            record.msg, record.args = with_place(record.getMessage(), self._home), ()
        return True


class _Console(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        fields = " ".join(f"{key}={_plain(value)}" for key, value in _fields(record).items())
        message = _one_line(record)
        line = f"{at} {record.levelname.lower():<7} {message}"
        if fields:
            line += f"  {fields}"
        return line + _trace(self, record)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "topic": record.name,
            "message": _one_line(record),
            **_fields(record),
        }
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        text = json.dumps(entry, sort_keys=True, default=str, ensure_ascii=False)
        if text.isprintable():
            return text
        return json.dumps(entry, sort_keys=True, default=str)


class _Logfmt(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        pairs: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "topic": record.name,
            "message": _one_line(record),
            **_fields(record),
        }
        if record.exc_info:
            pairs["trace"] = self.formatException(record.exc_info)
        return " ".join(f"{key}={_plain(value)}" for key, value in pairs.items())


_FORMATTERS: dict[Format, type[logging.Formatter]] = {
    "console": _Console,
    "json": _Json,
    "logfmt": _Logfmt,
}


def _one_line(record: logging.LogRecord) -> str:
    """Return the message without anything that acts on a terminal: others' words may be in it."""
    return make_plain(record.getMessage(), MESSAGE_CHARS)


def _plain(value: object) -> str:
    """Return the value on one line, quoted when a reader of key=value needs it."""
    text = str(value)
    if text and all(char.isprintable() and char not in ' ="' for char in text):
        return text
    # What is not printable may act on a terminal; JSON can write it without.
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return "\n" + formatter.formatException(record.exc_info) if record.exc_info else ""
