"""What a joiner is told of those who do not let it in: by name, once names are known here."""

from __future__ import annotations

import pytest
from support.town import key_of

from p2pnode.joining import Progress


@pytest.mark.parametrize(("name", "who"), [("Ana", "Ana"), (None, "dev_")])
def test_who_refuses_is_named_where_its_name_is_known(name: str | None, who: str) -> None:
    progress = Progress()
    progress.refused_by(key_of("alice"), "bad_invite", "no such invite", name)
    assert progress.step == "waiting_for_invite"
    assert progress.detail.startswith(who)
    assert progress.detail.endswith("says: no such invite")
