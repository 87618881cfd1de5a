"""The file of a join that is not done."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from p2pnode.home.errors import LocalError
from p2pnode.home.pending import PendingJoin, clear_pending, load_pending, save_pending

JOIN = PendingJoin("p2pnode:join:1abc", "bob")


def test_saved_join_is_loaded_until_cleared(tmp_path: Path) -> None:
    assert load_pending(tmp_path) is None
    save_pending(tmp_path, PendingJoin("other", "eve"))
    save_pending(tmp_path, JOIN)
    assert load_pending(tmp_path) == JOIN
    clear_pending(tmp_path)
    clear_pending(tmp_path)
    assert load_pending(tmp_path) is None


def test_file_holds_a_secret_so_nobody_else_may_read_it(tmp_path: Path) -> None:
    save_pending(tmp_path, JOIN)
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"', '{"link": "x"}', '{"link": 1}'])
def test_damaged_file_is_told(tmp_path: Path, content: str) -> None:
    save_pending(tmp_path, JOIN)
    (file,) = tmp_path.iterdir()
    file.write_text(content)
    with pytest.raises(LocalError, match=r"joining\.json"):
        load_pending(tmp_path)
