"""Write the vectors of the practices there are: PYTHONPATH=tests python -m practices.vectors."""

from __future__ import annotations

import json

from p2pnode_protocols.practices import PRACTICES

from .kit import HERE, kit_of


def main() -> None:
    for name in sorted({one.name for one in PRACTICES}):
        text = json.dumps(kit_of(name).vectors(), indent=1)
        (HERE / name / "vectors.json").write_text(f"{text}\n")


if __name__ == "__main__":
    main()
