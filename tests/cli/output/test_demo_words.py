"""What the demo says when something does not happen in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2pnode_cli.demo import processes
from p2pnode_cli.demo.following import Follower, TooLate


def test_what_is_too_late_says_how_it_stands(daemon, samples, monkeypatch):
    monkeypatch.setattr(processes, "STEP_S", 0.0)
    node = processes.Node("bob", Path(daemon.home))
    node._follower = Follower(node.api, "bob")
    with pytest.raises(TooLate) as caught:
        node.until_status("have everybody connected", lambda _status: False)
    said = str(caught.value)
    assert said.startswith("bob: have everybody connected, not in time; nodes: ")
    assert samples["committee"]()["message"] in said
    assert f"missing: {samples['committee']()['missing'][0]['name']}" in said
