"""doctor, verify-log: is everything in order, and is the record what it claims to be."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from p2pnode import __version__
from p2pnode.hints import joined_steps, steps_with_place
from p2pnode.home.errors import LocalError
from p2pnode.home.paths import Paths

from ...exits import Exit
from ...failures import Failure
from ...invocation import Invocation, everywhere, of_node
from ...shown.document import Document
from ...shown.terminal import unbroken
from ...views import called_in

if TYPE_CHECKING:
    from ...shown.terminal import Row

_DISK_WARNING_BYTES = 500 * 1024 * 1024
_DISK_CRITICAL_BYTES = 50 * 1024 * 1024  # a store that cannot grow stops the node
_SEEN_HERE = ("disk_space", "key_permissions", "configuration")  # without the daemon, too
_UNFIT = ("store", "store_behind")
_ORDER = ("ok", "info", "warning", "critical")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; the same shape as the API's."""

    name: str
    severity: str
    detail: str
    next: tuple[str, ...] = ()


@of_node
def doctor(invocation: Invocation) -> None:
    """Look for what is wrong here, and say what to do about it.

    Works with and without a running daemon. Exits 1 when something is critical.

    \b
    [bold]Examples[/]
      p2pnode doctor
      p2pnode doctor --json | jq '.checks[] | select(.severity != "ok")'
    """
    found_here = list(_look_around(invocation))
    try:
        asked = list(_ask_daemon(invocation))
    except LocalError:
        asked = []  # without a home, which was said, there is nobody to ask
    except Failure as failure:
        if failure.code == "no_daemon":
            found_here = [
                _check_holder(invocation.paths) if one.name == "lock" else one for one in found_here
            ]
        is_held = any(one.name == "lock" and one.severity == "critical" for one in found_here)
        is_unfit = any(one.name in _UNFIT and one.severity == "critical" for one in found_here)
        severity = "critical" if is_held or failure.code != "no_daemon" else "warning"
        # What to do is said beside the lock, the key that is missing, or a store that is unfit.
        is_said = is_held or is_unfit
        is_said |= any(one.name in {"home", "key", "lock"} and one.next for one in found_here)
        following = () if is_said else failure.tries[:1]
        found_here.append(Check("daemon", severity, failure.what, following))
        asked = []
    checks = [
        Document(
            {
                **one.raw,
                "detail": invocation.terminal.here(one.text("detail")),
                "next": invocation.terminal.steps_here(one.texts("next")),
            }
        )
        for one in [*map(_document, found_here), *asked]
    ]
    worst = max((one.text("severity") for one in checks), key=_ORDER.index)
    found = Document(
        {
            "schema": "p2pnode/doctor/1",
            "status": worst,
            "checks": [one.raw for one in checks],
        }
    )
    invocation.print(found, lambda: _show_checks(invocation, checks))
    if worst == "critical":
        raise Failure(Exit.FAILED, "unwell", "something critical is wrong, see above")


def _show_checks(invocation: Invocation, checks: list[Document]) -> None:
    from rich.text import Text  # noqa: PLC0415 (only when people read)

    terminal = invocation.terminal
    table = terminal.table("check", "state", "what was found")
    table.columns[2].no_wrap = False
    table.columns[2].overflow = "fold"
    for one in checks:
        detail = Text(one.text("detail"))
        steps = joined_steps(one.texts("next")) if one.text("severity") != "ok" else ()
        for step in steps:
            detail.append(f"\n→ {step}", style="bold")
        name = one.text("name").replace("_", " ")
        table.add_row(name, terminal.state(one.text("severity")), unbroken(detail))
    terminal.show(table)


def _ask_daemon(invocation: Invocation) -> Iterator[Document]:
    """Yield what the daemon finds, and what it is; raises `Failure` when there is none."""
    node = invocation.node.get("node")
    theirs, ours = node.text("version"), __version__
    here = "" if theirs == ours else f", this command {ours}"
    yield _as_check(
        "daemon",
        "ok" if theirs == ours else "warning",
        f"process {node.count('pid')}, version {theirs}{here}",
        *(() if theirs == ours else ("stop the daemon, and start it again:", "p2pnode run")),
    )
    addresses = node.texts("addresses")
    yield _as_check(
        "listening",
        "ok" if addresses else "info",
        ", ".join(addresses) or "nowhere: it listens once it has a community",
    )
    lines = node.subs("communities")
    for line in lines:
        yield from _look_at_committee(invocation, line, lines)
    for check in invocation.node.get("node", "health", query={"deep": True}).subs("checks"):
        is_of_one = check.maybe_text("community") is not None
        is_said = check.text("name") in _SEEN_HERE and not is_of_one
        if not is_said and check.text("name") != "quorum":  # said above
            yield _of_one(check, lines)


def _of_one(check: Document, lines: list[Document]) -> Document:
    """Return a check; what to do names the community that it is of, where there are several."""
    about = [one for one in lines if one.raw["id"] == check.raw.get("community")]
    if len(lines) < 2 or not about:
        return check
    steps = steps_with_place(check.texts("next"), community=called_in(about[0], lines))
    return Document({**check.raw, "next": steps})


def _look_at_committee(
    invocation: Invocation, line: Document, lines: list[Document]
) -> Iterator[Document]:
    """Yield whether decisions of a community can become final, as far as it runs."""
    try:
        status = invocation.node.of(line.text("id")).get("status")
    except Failure as failure:
        if line.maybe_text("trouble") is None and failure.code != "unknown_community":
            raise
        return  # said with the checks of all
    committee = status.maybe_sub("committee")
    if committee is None:
        return
    severity = "ok" if committee.flag("can_finalize") else "warning"
    name = called_in(line, lines)
    what, steps = committee.text("message"), quorum_steps(status)
    if len(lines) > 1:
        what, steps = f"{name}: {what}", steps_with_place(steps, community=name)
    yield _as_check("committee", severity, what, *steps)


def quorum_steps(status: Document) -> list[str]:
    """Return what can be done about a quorum that is missing; the node knows since when."""
    warnings = status.subs("warnings")
    return [step for one in warnings if one.text("name") == "quorum" for step in one.texts("next")]


def _as_check(name: str, severity: str, detail: str, *following: str) -> Document:
    return _document(Check(name, severity, detail, following))


def _document(check: Check) -> Document:
    return Document({**asdict(check), "next": list(check.next)})


def _look_around(invocation: Invocation) -> Iterator[Check]:
    """Yield what can be seen without the daemon."""
    try:
        paths = invocation.paths
    except LocalError as error:
        yield Check("home", "critical", error.detail, error.steps)
        return
    yield _check_versions()
    yield _check_home(paths.data_dir)
    yield from _check_writable(paths)
    yield _check_key(paths.key_file)
    yield _check_config(invocation)
    yield _check_disk(paths.data_dir)
    yield _check_lock(paths)
    yield from _check_store(paths)


def _check_versions() -> Check:
    python = ".".join(str(part) for part in sys.version_info[:3])
    return Check("versions", "ok", f"p2pnode {__version__}, Python {python}")


def _check_home(directory: Path) -> Check:
    if not directory.exists():
        return Check("home", "warning", f"{directory} does not exist yet", ("p2pnode init",))
    mode = stat.S_IMODE(directory.stat().st_mode)
    if mode & 0o077:
        return Check(
            "home",
            "critical",
            f"{directory} has mode {mode:04o}: others may look in",
            (f"chmod 700 {shlex.quote(str(directory))}",),
        )
    return Check("home", "ok", f"{directory}, mode {mode:04o}")


def _check_writable(paths: Paths) -> Iterator[Check]:
    """Yield each place that cannot be written, by whomever and however it is mounted."""
    stores = [one.store_file for one in paths.communities()]
    places = (paths.data_dir, paths.state_dir, paths.socket.parent, *stores)
    for place in dict.fromkeys(places):
        if place.exists() and not os.access(place, os.W_OK):
            yield Check(
                "writable",
                "critical",
                f"{place} cannot be written: its disk is mounted read-only, or it is not yours",
                ("mount it writable, or choose another place with --home",),
            )


def _check_key(file: Path) -> Check:
    from p2pnode.home.keystore import is_encrypted, load_key  # noqa: PLC0415 (cryptography)

    try:
        if is_encrypted(file):
            return Check("key", "ok", f"{file}, encrypted with a passphrase")
        load_key(file)
    except LocalError as error:
        missing = error.code == "key_missing"
        return Check("key", "warning" if missing else "critical", error.detail, error.steps)
    return Check("key", "ok", f"{file}, mode 0600, not encrypted")


def _check_config(invocation: Invocation) -> Check:
    from p2pnode.home.config import load_config  # noqa: PLC0415 (tomllib: only here)

    file = invocation.paths.config_file
    try:
        config = load_config(file, {}, invocation.env)
    except LocalError as error:
        return Check("config", "critical", error.detail, error.steps)
    if config.warnings:
        return Check("config", "warning", "; ".join(config.warnings), ("p2pnode config check",))
    there = str(file) if file.exists() else "no config.toml: every setting has its default"
    return Check("config", "ok", there)


def _check_disk(directory: Path) -> Check:
    nearest = next(one for one in (directory, *directory.parents) if one.exists())
    free = shutil.disk_usage(nearest).free
    said = f"{free // (1024 * 1024)} MiB free at {nearest}"
    if free < _DISK_CRITICAL_BYTES:
        return Check(
            "disk", "critical", said, ("free some space: a full disk lets the node sign nothing",)
        )
    if free < _DISK_WARNING_BYTES:
        return Check("disk", "warning", said, ("free some space before it runs out",))
    return Check("disk", "ok", said)


def _check_lock(paths: Paths) -> Check:
    """Say who works on this home."""
    from p2pnode.home.lock import find_holder  # noqa: PLC0415 (fcntl)

    try:
        held = find_holder(paths.lock_file)
    except LocalError as error:
        return Check("lock", "critical", error.detail, error.steps)
    if held is None:
        return Check("lock", "ok", "no daemon has this home")
    return Check("lock", "ok", f"{held.holder} has this home")


def _check_holder(paths: Paths) -> Check:
    """Say who works on this home without answering there."""
    from p2pnode.home.lock import find_holder  # noqa: PLC0415 (fcntl)

    try:
        held = find_holder(paths.lock_file)
    except LocalError as error:
        return Check("lock", "critical", error.detail, error.steps)
    if held is None:
        return Check("lock", "ok", "no daemon has this home")
    if held.is_starting:
        said = f"{held.holder} has this home and is starting"
        return Check("lock", "warning", said, ("the same again, in a moment",))
    gone = "does not answer at its socket" if paths.socket.exists() else "its socket is gone"
    said = f"{held.holder} has this home, but {gone}: {paths.socket}"
    return Check("lock", "critical", said, held.way_out)


def _check_store(paths: Paths) -> Iterator[Check]:
    """Read the stores where no daemon does, and compare them with what the device has signed."""
    from p2pnode.home.lock import find_holder  # noqa: PLC0415
    from p2pnode.store.inspecting import find_troubles  # noqa: PLC0415 (sqlite3, cryptography)

    try:
        if not paths.key_file.exists() or find_holder(paths.lock_file) is not None:
            return  # there is none yet, or the daemon looks at its own
        troubles = find_troubles(paths)
    except LocalError:
        return  # said beside the lock
    for trouble in troubles.values():
        if not trouble.code.startswith("key_"):  # said beside the key
            name = "store_behind" if trouble.code == "store_behind" else "store"
            yield Check(name, "critical", trouble.detail, trouble.steps)
    if None in troubles:
        return
    for place in paths.communities():
        if place.store_file.exists() and place not in troubles:
            yield Check("store", "ok", f"{place.store_file}: everything in it is what it was")


@everywhere
def verify_log(invocation: Invocation) -> None:
    """Check every signature, hash and decision of the record anew.

    The daemon reads again what its store keeps: of old epochs commits and
    operations, else blocks. It verifies and replays that, goes over leaps by
    their receipts, and compares. Exits 8 when anything differs.

    \b
    [bold]Examples[/]
      p2pnode verify-log
      p2pnode verify-log --json --timeout 10m | jq .root
    """
    found = invocation.api.post("log", "verification", body={})
    invocation.print(found, lambda: _show_verification(invocation, found))
    if not found.flag("ok"):
        raise Failure(
            Exit.NOT_VERIFIED,
            "log_differs",
            "the record on this machine does not verify",
            why="A damaged disk, a changed file, or a mistake in the program.",
            tries=("keep a copy of the home before you do anything else", "p2pnode doctor"),
        )


def _show_verification(invocation: Invocation, found: Document) -> None:
    from rich.text import Text  # noqa: PLC0415

    terminal = invocation.terminal
    word = Text("verified", style="green") if found.flag("ok") else Text("FAILED", style="bold red")
    rows: list[Row] = [
        ("record", word),
        ("commits", str(found.count("commits"))),
        ("operations", str(found.count("ops"))),
        ("root", found.text("root")),
    ]
    rows += [("problem", one) for one in found.texts("problems")]
    terminal.show(terminal.fields(rows))
