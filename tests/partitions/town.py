"""Five people, each with a real node on a host of its own: they found, propose and vote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from support.processes.daemons import Answer, Daemon

from .lab import PORT, Lab
from .watching import TooLate, Watcher

NAMES = ("alice", "bob", "carol", "dave", "erin")
STEP_S = 90.0  # deadline of whatever must happen; on an idle machine it takes a second
# Commits come with the votes, not a minute later; nothing else is other than for everybody.
CHANGES = {"timing.linger_ms": 0, "rules.away_interval_ms": 0}


class Disagreement(AssertionError):
    """The nodes do not hold what they all must; the text says who holds what."""


class Town:
    """A community of `NAMES`, once `found` has returned."""

    def __init__(
        self, lab: Lab, root: Path, variables: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        """Args: `variables` are of the environment of a node's process, by name."""
        self.lab = lab
        self.daemons: dict[str, Daemon] = {}
        for name in NAMES:
            settings = {
                "P2PNODE_NET_HOSTS": lab.address(name),
                "P2PNODE_NET_PORT": str(PORT),
                **(variables or {}).get(name, {}),
            }
            self.daemons[name] = Daemon(root / name, **settings)
            self.daemons[name].inside = lab.inside(name)
        self.watcher = Watcher(self.daemons)
        self.proposals: list[str] = []
        self.acknowledged: dict[str, str] = {}  # op id -> who said it
        self._voted: set[tuple[str, str]] = set()

    def found(self, fault_model: str = "byzantine") -> None:
        """Start all nodes and make everybody a member; returns when all are connected."""
        with ThreadPoolExecutor(len(NAMES)) as pool:
            list(pool.map(Daemon.start, self.daemons.values()))
            founder, *others = NAMES
            self.daemons[founder].post(
                "communities",
                {
                    "name": "Lane 7 allotments",
                    "member_name": founder,
                    "fault_model": fault_model,
                    "changes": CHANGES,
                },
            )
            # Alone she is the whole electorate: invites that come later need the others' votes.
            links = [self.daemons[founder].invite(name) for name in others]
            list(pool.map(self._join, others, links))
        self.watcher.start()
        self.until_connected()

    def _join(self, name: str, link: str) -> None:
        body = {"link": link, "member_name": name}
        joined = self.daemons[name].post("node/joins", body, wait="final", timeout=int(STEP_S))
        assert joined["stage"] == "admitted", joined

    def end(self) -> None:
        for daemon in self.daemons.values():
            daemon.kill()
        self.watcher.stop()

    def logs(self) -> str:
        return "\n".join(f"--- {name}\n{one.log[-4000:]}" for name, one in self.daemons.items())

    # --- saying -------------------------------------------------------------------------

    def propose(
        self, name: str, title: str, tier: str = "tactical", vote: str | None = None
    ) -> str:
        body = {"tier": tier, "title": title} | ({} if vote is None else {"vote": vote})
        receipt = self.daemons[name].post("proposals", body)
        self.acknowledged[receipt["op"]] = name
        proposal = receipt["proposal"]["id"]
        assert isinstance(proposal, str)
        self.proposals.append(proposal)
        return proposal

    def vote(self, name: str, proposal: str, choice: str = "yes") -> None:
        self.until_known(proposal, [name])
        receipt = self.daemons[name].post(f"proposals/{proposal}/votes", {"choice": choice})
        self.acknowledged[receipt["op"]] = name

    def vote_once(self, name: str, proposal: str) -> None:
        """Say yes, unless it was said before or has been decided meanwhile."""
        if (name, proposal) in self._voted:
            return
        self.until_known(proposal, [name])
        answer = self.daemons[name].ask("POST", f"proposals/{proposal}/votes", {"choice": "yes"})
        if answer.status < 300:
            self.acknowledged[answer["op"]] = name
        elif answer["code"] != "already_decided":
            raise Disagreement(f"{name} may not vote on {proposal}: {answer.document}")
        self._voted.add((name, proposal))

    def vote_by_command(self, name: str, proposal: str, choice: str = "yes") -> None:
        """Vote as a person does, with the command on this host."""
        self.until_known(proposal, [name])
        done = subprocess.run(
            [sys.executable, "-m", "p2pnode_cli", "vote", proposal, choice, "--yes", "--json"],
            env=os.environ | {"P2PNODE_HOME": str(self.daemons[name].paths.home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self.acknowledged[json.loads(done.stdout)["op"]] = name

    def withdraw(self, name: str, proposal: str) -> None:
        receipt = self.daemons[name].post(f"proposals/{proposal}/withdrawal")
        self.acknowledged[receipt["op"]] = name

    # --- waiting ------------------------------------------------------------------------

    def until_connected(self, names: Sequence[str] = NAMES) -> None:
        """Return when each of these nodes is connected to all members' nodes."""
        for name in names:
            status = self.daemons[name].get(
                "status", min_members=len(NAMES), min_reachable=len(NAMES), timeout=int(STEP_S)
            )
            if status["timed_out"]:
                raise TooLate(f"{name} is not connected to everybody: {status['committee']}")

    def until_known(self, proposal: str, names: Iterable[str]) -> None:
        for name in names:
            self.watcher.until(
                f"{name} hears of {proposal}",
                lambda name=name: self._answer(name, proposal),  # type: ignore[misc]
                STEP_S,
            )

    def _answer(self, name: str, proposal: str) -> Answer | None:
        answer = self.daemons[name].ask("GET", f"proposals/{proposal}")
        return answer if answer.status == 200 else None

    def until_shown(self, proposal: str, names: Iterable[str], shown: str) -> None:
        """Return when these nodes show the proposal so, for example "provisional passed"."""
        for name in names:
            self.watcher.until(
                f"{name} shows {proposal} as {shown}",
                lambda name=name: (  # type: ignore[misc]
                    True if self.watcher.shown.get((name, proposal)) == shown else None
                ),
                STEP_S,
            )

    def until_final(self, proposals: Sequence[str], seconds: float = STEP_S) -> float:
        """Return when the last node showed the last of these as final (time.monotonic())."""
        return self.watcher.until(
            f"all {len(NAMES)} nodes show {len(proposals)} decisions as final",
            lambda: self.final_at_s(proposals),
            seconds,
        )

    def final_at_s(self, proposals: Sequence[str]) -> float | None:
        """Return when the last node showed the last of these as final; None: not yet."""
        seen = [self.watcher.finals(proposal) for proposal in proposals]
        if any(len(one) < len(NAMES) for one in seen):
            return None
        return max(final.at_s for one in seen for final in one.values())

    # --- looking ------------------------------------------------------------------------

    def index(self, name: str) -> int:
        index = self.daemons[name].get("status")["log"]["index"]
        assert isinstance(index, int)
        return index

    def check_votes_are_queued(self, name: str, proposals: Iterable[str]) -> None:
        """Check that a node without a quorum calls no vote of these proposals final."""
        for proposal in proposals:
            answer = self._answer(name, proposal)
            for vote in answer["votes"] if answer is not None else ():
                if vote["state"] != "queued":
                    raise Disagreement(f"{name}: a vote on {proposal} is {vote['state']}")

    def until_quiet(self) -> None:
        """Return when all logs are equally long and hold all that was acknowledged."""
        self.watcher.until("all logs hold all that was said", self._is_quiet, STEP_S)

    def _is_quiet(self) -> bool | None:
        status = [daemon.get("status") for daemon in self.daemons.values()]
        if len({one["log"]["index"] for one in status}) > 1:
            return None
        return True if all(one["pending_ops"] == 0 for one in status) else None

    def check_agreement(self) -> tuple[int, str]:
        """Check that all nodes hold the same log with all that was acknowledged, same outcomes.

        Returns:
            The log's index and root.
        """
        self.until_quiet()
        logs = {name: self.log(name) for name in NAMES}
        index = min(len(log) for log in logs.values())
        roots = {name: log[index - 1]["root"] for name, log in logs.items()}
        if len(set(roots.values())) != 1:
            raise Disagreement(f"log roots at index {index}: {roots}")
        entries = [entry["op"] for commit in logs[NAMES[0]] for entry in commit["entries"]]
        lost = self.acknowledged.keys() - set(entries)
        if lost or len(entries) != len(set(entries)):
            raise Disagreement(
                f"{len(lost)} acknowledged ops are not in the log, "
                f"{len(entries) - len(set(entries))} are in it twice"
            )
        for proposal in self.proposals:
            shown = {
                name: (one["grade"], one["outcome"], one["formula"])
                for name, daemon in self.daemons.items()
                for one in [daemon.get(f"proposals/{proposal}")]
            }
            if len(set(shown.values())) != 1:
                raise Disagreement(f"{proposal}: {shown}")
        return index, roots[NAMES[0]]

    def log(self, name: str) -> list[Any]:
        """Return all commits of a node's log."""
        commits: list[Any] = []
        while True:
            page = self.daemons[name].get("commits", after=len(commits), limit=200)["items"]
            commits += page
            if not page:
                return commits
