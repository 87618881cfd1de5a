"""What a misspelt path of a charter setting is told."""

from __future__ import annotations

import pytest
from support.cores.dag import make_charter

from p2pnode.community.verbs.paths import check_paths
from p2pnode_protocols.wire.errors import UsageError


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tiers.tactical.treshold", "tiers.tactical.threshold"),
        ("tiers.tactial.threshold", "tiers.tactical.threshold"),
        ("tier.tactical.threshold", "tiers.tactical.threshold"),
        ("tactical.threshold", "tiers.tactical.threshold"),
        ("rules.invite_max", "rules.invite_max_ms"),
        ("linger_ms", "timing.linger_ms"),
        ("nmae", "name"),
    ],
)
def test_a_misspelt_path_is_told_which_is_meant(typed: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_paths(make_charter(2), [typed])
    assert caught.value.code == "bad_charter"
    assert caught.value.detail == f"{typed} is no setting; did you mean {meant}?"


@pytest.mark.parametrize(
    "typed",
    ["tiers.royal.threshold", "members", "threshold", "nonsense", "", "tiers.tactical.name"],
)
def test_what_is_like_no_path_or_like_several_is_left_to_the_rules(typed: str) -> None:
    check_paths(make_charter(2), [typed])


def test_every_path_that_can_be_amended_passes() -> None:
    check_paths(make_charter(2), ["name", "tiers.strategic.floor", "timing.delta_ms"])
