"""The wheel as users get it: the core alone, and everything beside a program's own modules.

Builds the source distribution and from that the wheel, and installs it into fresh
environments. Needs the package index and nothing else (docs/adr/0001).
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).parent / "programs"
INSTALL_S = 300  # a slow index, not a slow program


def call(*command: str | Path, cwd: Path, timeout_s: float = 60) -> str:
    """Run a command that must succeed; return what it printed on stdout."""
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=timeout_s, check=False
    )
    assert done.returncode == 0, f"{command} exited {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def make_environment(place: Path, wheel: str) -> Path:
    """Return the `bin` of a fresh virtual environment with `wheel` installed."""
    call(sys.executable, "-m", "venv", "--without-pip", place, cwd=place.parent)
    python = place / "bin" / "python"
    call(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", wheel),
        cwd=place.parent,
        timeout_s=INSTALL_S,
    )
    return place / "bin"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    call(sys.executable, "-m", "build", "--outdir", out, ROOT, cwd=out, timeout_s=INSTALL_S)
    (built,) = out.glob("*.whl")
    return built


def test_wheel_holds_three_typed_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    packages = {"p2pnode", "p2pnode_cli", "p2pnode_protocols"}
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == packages
    assert {f"{package}/py.typed" for package in packages} < set(names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    shipped = {name for name in names if name.endswith(".py")}
    sources = {
        path.relative_to(folder).as_posix()
        for folder, package in (
            (ROOT, "p2pnode"),
            (ROOT / "cli", "p2pnode_cli"),
            (ROOT / "protocols", "p2pnode_protocols"),
        )
        for path in (folder / package).rglob("*.py")
    }
    assert shipped == sources


def test_source_distribution_holds_the_single_file_verifier(wheel: Path) -> None:
    """Not the wheel: whoever has that has `p2pnode verify` (docs/adr/0011)."""
    (built,) = wheel.parent.glob("*.tar.gz")
    with tarfile.open(built) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert "verifier/p2pnode_verify.py" in names


def test_core_alone_needs_no_network_package_and_decides(wheel: Path, tmp_path: Path) -> None:
    bin_ = make_environment(tmp_path / "core", str(wheel))
    installed = call(
        *(sys.executable, "-m", "pip", "--python", bin_ / "python", "list", "--format=freeze"),
        cwd=tmp_path,
    )
    names = {line.partition("==")[0].lower() for line in installed.splitlines()}
    assert {"p2pnode", "msgpack", "cryptography"} <= names
    assert not names & {"libp2p", "trio", "fastapi", "typer"}
    assert len(names) <= 8, f"the core should bring a handful of packages: {sorted(names)}"

    said = call(bin_ / "python", PROGRAMS / "embed_core.py", cwd=tmp_path)
    assert said.splitlines() == ["passed, final at commit 1"]

    command = subprocess.run(
        [bin_ / "p2pnode", "--version"], capture_output=True, text=True, timeout=60, check=False
    )
    assert command.returncode == 1
    assert 'pip install "p2pnode[node]"' in command.stderr
    assert "Traceback" not in command.stderr


def test_node_runs_beside_a_program_with_its_own_protocols_and_cli(
    wheel: Path, tmp_path: Path
) -> None:
    bin_ = make_environment(tmp_path / "node", f"{wheel}[node]")
    version = call(bin_ / "p2pnode", "--version", cwd=tmp_path)
    assert wheel.name.split("-")[1] in version
    check_own_modules(bin_ / "python", tmp_path)


def test_editable_install_leaves_a_programs_own_modules_alone(tmp_path: Path) -> None:
    check_own_modules(Path(sys.executable), tmp_path)


def check_own_modules(python: Path, tmp_path: Path) -> None:
    """Embed a node in a program that has a protocols.py and a cli.py of its own."""
    program = tmp_path / "program"
    program.mkdir()
    (program / "protocols.py").write_text("WHOSE = 'mine'\n")
    (program / "cli.py").write_text("WHOSE = 'mine too'\n")
    (program / "app.py").write_text((PROGRAMS / "embed_node.py").read_text())
    said = call(python, program / "app.py", tmp_path / "home", cwd=program)
    assert said.splitlines() == ["mine, mine too", "passed, final"]
