"""Files that a command writes for people. None is ever replaced without having been told to."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from ..exits import Exit
from ..failures import Failure

Force = Annotated[bool, typer.Option("--force", help="Replace a file of this name.")]


def read_path(text: str | Path) -> Path:
    """Return the path that was typed; nothing typed is no path, least of all this directory."""
    text = os.fspath(text)  # a default is a path already
    if not text.strip():
        raise typer.BadParameter("the path is empty; a variable that is not set, perhaps?")
    if "\0" in text:
        raise typer.BadParameter("a path holds no NUL")
    return Path(text)


def refuse_existing(file: Path, *, force: bool) -> None:
    """Refuse to replace a file, before anything is done. Raises `Failure` `file_exists`."""
    if not force and str(file) != "-" and os.path.isfile(file):
        raise Failure(
            Exit.CONFLICT,
            "file_exists",
            f"{file} exists already, and is left as it is",
            tries=("another name after --output", "the same with --force, to replace it"),
        )


def write_file(file: Path, data: bytes, *, force: bool, why: str = "") -> None:
    """Write a file whole: a crash leaves the old one, or the new one, or none.

    Args:
        file: where to; a device or a pipe will do.
        data: all of it.
        force: replace a file that is there.
        why: what has happened all the same when it cannot be written.

    Raises:
        Failure: `file_exists`, `cannot_write`.
    """
    refuse_existing(file, force=force)
    # Under a name of its own: nothing else in the directory is replaced, and any length will do.
    draft = file.parent / f".p2pnode-{secrets.token_hex(8)}.new"
    try:
        if file.exists() and not file.is_file():
            file.write_bytes(data)
            return
        with draft.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise Failure(
            Exit.FAILED,
            "cannot_write",
            f"{file} cannot be written: {error.strerror}",
            why=why,
            tries=("the same again with another --output",),
        ) from None
