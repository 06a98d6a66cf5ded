"""The wheel holds the program and its data, and runs without a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.support.program import ROOT, environment

pytestmark = pytest.mark.ordeal

NOT_SHIPPED = ("benchmarks", "tests", "tools", "training", "year", "docs", "deploy")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)], cwd=ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the unpacked wheel, as ``pip install --target`` makes one."""
    target = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index", "--no-deps"]
    run([*pip, "--no-compile", "--target", str(target), str(wheel)], cwd=target)
    return target


def run(command: list[str], *, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode in {0, 2}, f"{done.stdout}\n{done.stderr}"
    return done


def program(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the installed program; -S leaves out the ``.pth`` file through which the checkout would be found too."""
    packages = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    path = os.pathsep.join([str(installed), *packages])
    command = [sys.executable, "-S", "-m", "crawler.cli.launch", *words]
    return run(command, cwd=installed, env=environment({"PYTHONPATH": path, "COLUMNS": "80"}))


def test_it_holds_both_packages_with_their_data_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    top = {name.partition("/")[0] for name in names}
    assert top == {"crawler", "detector", next(name for name in top if name.endswith(".dist-info"))}
    folders = {part for name in names if "/brand_assets/" not in name for part in name.split("/")[:-1]}
    assert not folders & set(NOT_SHIPPED)
    assert "detector/brand_assets/paypal/brand.toml" in names
    assert "crawler/demo/sites.toml" in names
    assert "crawler/demo/brands/ostrelin/brand.toml" in names
    assert not [name for name in names if name.endswith((".pyc", ".sqlite"))]


def test_it_runs_without_a_checkout(installed: Path) -> None:
    assert program(installed, "--version").stdout.startswith("clonewatch ")
    brands = program(installed, "brands", "list", "--workspace", str(installed / "none")).stdout
    assert "paypal" in brands
    assert "--keep-serving" in program(installed, "demo", "--help").stdout


def test_benchmarks_are_said_to_come_with_the_source(installed: Path) -> None:
    said = program(installed, "bench", "detect")
    assert said.returncode == 2
    assert "the benchmarks come with the source of clonewatch only" in said.stderr
