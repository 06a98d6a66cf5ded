"""Fonts: ``doctor`` draws a line in each of twelve scripts and says which come out as boxes; set-up and image install them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from crawler.browser.script_drawing import LINES, PACKAGES
from tests.support.pages.sites import needs_browser
from tests.support.program import ROOT, clonewatch

pytestmark = needs_browser
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
INSIDE = {"Latin", "Cyrillic", "Greek", "Arabic", "Hebrew"}
"""Scripts that DejaVu Sans draws."""


@pytest.fixture
def few_fonts(tmp_path: Path) -> dict[str, str]:
    """An environment whose only font is DejaVu Sans."""
    if not DEJAVU.is_file():
        pytest.skip("the font DejaVu Sans is not here (Debian: apt-get install fonts-dejavu-core)")
    (tmp_path / "fonts").mkdir()
    shutil.copy(DEJAVU, tmp_path / "fonts")
    config = tmp_path / "fonts.conf"
    config.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{tmp_path / 'fonts'}</dir><cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>"
    )
    return {"FONTCONFIG_FILE": str(config)}


def test_scripts_without_a_font_are_named(few_fonts: dict[str, str], tmp_path: Path) -> None:
    done = clonewatch("doctor", "-w", tmp_path / "ws", env=few_fonts)
    assert done.returncode == 0, done.stdout
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("without fonts: ")]
    boxes, rest = line.removeprefix("without fonts: ").split(" would be boxes in pictures of pages (", 1)
    assert set(boxes.split(", ")) == LINES.keys() - INSIDE
    assert set(rest.split(" would not)")[0].split(", ")) == INSIDE
    assert f"apt-get install {' '.join(PACKAGES)}" in rest
    assert "clonewatch works; what it works without is named above." in done.stdout
    assert "Everything" not in done.stdout


def test_only_fonts(few_fonts: dict[str, str]) -> None:
    done = clonewatch("doctor", "--fonts", env=few_fonts)
    assert (done.returncode, len(done.stdout.splitlines())) == (4, 1)


def test_set_up_and_image_install_what_doctor_names() -> None:
    wanted = " ".join(PACKAGES)
    assert wanted in (ROOT / "tools" / "setup.sh").read_text()
    assert wanted in (ROOT / "deploy" / "Dockerfile").read_text()
    assert len(LINES) == 12


def test_set_up_without_root_says_what_to_install(tmp_path: Path) -> None:
    """The block of setup.sh about fonts, with a doctor that finds boxes, on a machine without apt-get."""
    script = (ROOT / "tools" / "setup.sh").read_text()
    block = script[script.index("# --- fonts") : script.index("# --- servers")]
    functions = script[script.index("say()") : script.index("find_python()")]
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    doctor = tmp_path / ".venv" / "bin" / "clonewatch"
    doctor.write_text("#!/bin/sh\nexit 4\n")
    doctor.chmod(0o755)
    commands = f"set -eu\nPATH={tmp_path}\n{functions}\n{block}\n"
    first, second = (
        subprocess.run(["/bin/sh", "-c", commands], cwd=tmp_path, capture_output=True, text=True, check=False)
        for _ in range(2)
    )
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert f"apt-get install {' '.join(PACKAGES)}" in first.stderr
    assert second.stderr == ""
