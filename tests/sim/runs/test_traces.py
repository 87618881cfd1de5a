"""What two trees are compared by says the same of the same, and another thing of another."""

from __future__ import annotations

import pytest
from sim.traces import Recorder, main, recorded, trace
from support.cores.cluster import Cluster

from p2pnode_protocols.core import Core


def test_trace_of_a_seed_is_the_same_each_time_and_others_differ(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = trace("honest", 10)
    assert first == trace("honest", 10)
    assert main(["honest:10-11"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == first
    assert told[1].split()[2] != first.split()[2]


def test_each_step_counts_while_it_is_recorded() -> None:
    handle, recorder, cluster = Core.handle, Recorder(), Cluster(4)
    with recorded(recorder):
        cluster.connect()
        steps, digest = recorder.steps, recorder.digest
        cluster.run(100)
        assert recorder.steps > steps > 0
        assert recorder.digest != digest
    assert Core.handle is handle


@pytest.mark.parametrize("wrong", ["honest", "honest:x", "nobody:1", "honest:1-x"])
def test_what_is_no_seed_is_refused(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([wrong])
    assert "FAMILY is one of honest" in capsys.readouterr().err
