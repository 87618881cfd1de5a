"""Three hosts in two communities, as processes: a disk that is really full halts the one on it.

Alice's record of the mill lies on a small file system of its own, in the mount namespace of her
process; the test reaches it through /proc. Nobody but root may mount, so anybody else becomes
root in a user namespace first.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.hosts.hosting import LANE, MILL
from support.processes.host_processes import HostProcess, decide, found_all

SIZE_KIB = 2_048


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[list[HostProcess]]:
    made = [HostProcess(tmp_path / name) for name in ("alice", "bob", "carol")]
    yield made
    for one in made:
        one.kill()
        print(f"--- {one.home.name}\n{one.log}")


def on_a_small_disk(directory: Path) -> list[str]:
    """Return what to put before a command so that a directory is on a disk of its own there."""
    become_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    place, aside = shlex.quote(str(directory)), shlex.quote(f"{directory}.aside")
    script = (
        f"mkdir -p {aside} && cp -a {place}/. {aside} && "
        f"mount -t tmpfs -o size={SIZE_KIB}k,mode=700 none {place} && "
        f'cp -a {aside}/. {place} && exec "$@"'
    )
    return ["unshare", *become_root, "--mount", "sh", "-c", script, "sh"]


def fill(directory: Path) -> Path:
    """Write until there is no room; return the file that takes it."""
    filler = directory / "filler"
    with filler.open("wb") as file:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    os.write(file.fileno(), bytes(size))
            except OSError:
                continue
    return filler


def test_a_disk_that_is_full_halts_its_community_and_with_room_it_goes_on(
    hosts: list[HostProcess],
) -> None:
    alice, bob, carol = hosts
    for host in hosts:
        host.start()
    found_all(hosts, (MILL, LANE))
    for name in (MILL, LANE):
        decide(hosts, name, f"Tea of {name}")
    directory = alice.home / "communities" / alice.call("look")["ids"][MILL]
    alice.stop()
    alice.inside = on_a_small_disk(directory)
    alice.start()
    for name in (MILL, LANE):
        assert alice.call("meet", **{"in": name}, members=3)["is_met"]
    filler = fill(Path(f"/proc/{alice.pid}/root{directory}"))

    for number in range(1_000):  # what SQLite has room for already it still takes
        alice.ask("propose", **{"in": MILL}, title=f"{number} {'x' * 90}")
        if (answer := alice._answer()).get("code"):
            break
    assert answer["code"] == "store_unwritable", answer
    assert alice.call("until", **{"in": MILL}, stage="halted")["is_there"]
    told = alice.call("look")
    assert told["stages"] == {MILL: "halted", LANE: "member"}
    assert {one[0] for one in told["checks"]} == {"store_writable", "disk_space"}
    assert all(one[2].startswith(f"{MILL}: ") for one in told["checks"]), told["checks"]
    for number in range(5):
        decide(hosts, LANE, f"Decided meanwhile {number}")
    assert alice.call("look")["stages"][MILL] == "halted"

    filler.unlink()
    assert alice.call("until", **{"in": MILL}, stage="member")["is_there"]
    assert {one[0] for one in alice.call("look")["checks"]} <= {"disk_space"}, "it is a small disk"
    for host in (bob, carol):
        assert host.call("meet", **{"in": MILL}, members=3)["is_met"]
    decide(hosts, MILL, "With room again")
