"""What the API takes as a body can be stored, signed and answered with."""

from __future__ import annotations

import json

import pytest
from pydantic import BaseModel, ValidationError

from p2pnode.api import models

HALF = json.loads('"\\ud800"')  # half of a pair: JSON can spell it, UTF-8 cannot


@pytest.mark.parametrize(
    ("model", "content"),
    [
        (models.ProposeIn, {"tier": "tactical", "title": HALF}),
        (models.ProposeIn, {"tier": HALF, "title": "t"}),
        (models.VoteIn, {"choice": "no", "reason": HALF}),
        (models.AmendIn, {"changes": {HALF: 1}}),
        (models.AmendIn, {"changes": {"name": HALF}}),
        (models.WithdrawIn, {"reason": "r", HALF: 1}),
    ],
    ids=["title", "tier", "reason", "path", "value", "field"],
)
def test_half_a_character_is_refused(model: type[BaseModel], content: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="half a character") as caught:
        model.model_validate(content)
    assert [one["loc"] for one in caught.value.errors()] == [()], "the answer must not repeat it"


def test_characters_beyond_sixteen_bits_are_text() -> None:
    assert models.VoteIn.model_validate({"choice": "no", "reason": "🦄"}).reason == "🦄"
