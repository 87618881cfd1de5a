"""The single-file verifier: as a module, and as a stranger runs it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

VERIFIER = Path(__file__).parents[3] / "verifier" / "p2pnode_verify.py"
# What `pip install cryptography` brings, as it lies in a site-packages directory.
_CRYPTOGRAPHY = ("cryptography", "cffi", "_cffi_backend*", "pycparser", "typing_extensions.py")
_RUN = """\
import importlib.util, runpy, sys
sys.path.append(sys.argv[1])
for ours in ("p2pnode", "p2pnode_protocols", "p2pnode_cli", "msgpack", "trio"):
    assert importlib.util.find_spec(ours) is None, ours
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def load_verifier() -> ModuleType:
    """Return it as a module; it is no part of any package."""
    spec = importlib.util.spec_from_file_location("p2pnode_verify", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Stranger:
    """Somebody with a copy of the one file, a bare Python and `cryptography`; nothing of ours."""

    def __init__(self, place: Path) -> None:
        self._packages = place / "packages"
        self._packages.mkdir(parents=True)
        site = Path(sysconfig.get_paths()["platlib"])
        for pattern in _CRYPTOGRAPHY:
            for found in site.glob(pattern):
                (self._packages / found.name).symlink_to(found)
        self._file = place / "p2pnode_verify.py"
        self._file.write_bytes(VERIFIER.read_bytes())
        self._place = place

    def verify(self, community: str, certificate: bytes, *options: str) -> tuple[int, Any]:
        """Return the exit code and the JSON document."""
        given = self._place / "given.p2pcert"
        given.write_bytes(certificate)
        bare = getattr(sys, "_base_executable", sys.executable)  # not that of a virtual environment
        run = (bare, "-I", "-S", "-c", _RUN, self._packages)
        done = subprocess.run(
            [*run, self._file, given, "--community", community, "--json", *options],
            capture_output=True,
            check=False,
            cwd=self._place,
            timeout=60,
        )
        assert done.stdout, done.stderr.decode()
        return done.returncode, json.loads(done.stdout)
