"""Recognise text by tesseract: inside this process where ``tesserocr`` is installed (extra ``ocr``), else by the program.

The program loads its data for every picture, which takes as long as reading ten lines; inside this process each thread loads it
once.  Tesseract gets a grey picture that was drawn here, one block of lines of one height: no byte of a page reaches it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

PROGRAM = "tesseract"
OVERRIDE = "CLONEWATCH_TESSERACT"
SECONDS = 8.0
LANGUAGE = "eng"
DPI = 150
ONE_BLOCK = 6
"""Tesseract's page segmentation mode: one uniform block of text."""
COLUMNS = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
"""Header of the table of words, which the program writes and the library leaves out."""
HOW_TO_GET_IT = (
    "install it with `make setup` or `apt-get install tesseract-ocr` (Debian), or point the environment variable "
    + (f"{OVERRIDE} at it")
)
_loaded = threading.local()


class CouldNotRead(Exception):
    """Pictures could not be read; the message says why."""


def find_tesseract() -> str | None:
    """Find the path of the program; None where it is not installed."""
    return shutil.which(os.environ.get(OVERRIDE) or PROGRAM)


@cache
def tesseract_version(path: str) -> str:
    """Ask the program for its name and version.

    Raises:
        CouldNotRead: it does not start.
    """
    said = _ask(path, "--version")
    return said.splitlines()[0].strip() if said.strip() else path


def in_process(path: str) -> str | None:
    """Find the folder of the language data for reading inside this process; None where the program at ``path`` is to read.

    A program that :data:`OVERRIDE` names is always run as a program.
    """
    if os.environ.get(OVERRIDE) or find_spec("tesserocr") is None:
        return None
    return _data_folder(path)


def recognise(sheet: Pixels) -> str:
    """Read a grey picture; returns tesseract's table (TSV) of its words.

    Raises:
        CouldNotRead: there is no tesseract, it failed, or it took longer than :data:`SECONDS`.
    """
    path = find_tesseract()
    if path is None:
        raise CouldNotRead(f"{PROGRAM} is not installed; {HOW_TO_GET_IT}")
    folder = in_process(path)
    return _by_program(path, sheet) if folder is None else _by_library(folder, sheet)


def _by_library(folder: str, sheet: Pixels) -> str:
    height, width = sheet.shape
    try:
        engine = _engine(folder)
        engine.SetImageBytes(np.ascontiguousarray(sheet).tobytes(), width, height, 1, width)
        engine.SetSourceResolution(DPI)
        if not engine.Recognize(round(SECONDS * 1000)):
            raise CouldNotRead(f"{PROGRAM} failed, or took longer than {SECONDS:g} s")
        table = str(engine.GetTSVText(0))
        engine.Clear()
    except (RuntimeError, UnicodeDecodeError) as error:
        raise CouldNotRead(f"{PROGRAM} failed ({str(error)[:200]})") from error
    return f"{COLUMNS}\n{table}"


def _engine(folder: str) -> Any:
    """Return this thread's engine: engines are not thread-safe."""
    engine = getattr(_loaded, "engine", None)
    if engine is None:
        engine = import_module("tesserocr").PyTessBaseAPI(path=folder, lang=LANGUAGE, psm=ONE_BLOCK)
        _loaded.engine = engine
    return engine


def _by_program(path: str, sheet: Pixels) -> str:
    encoded, png = cv2.imencode(".png", sheet, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not encoded:
        raise CouldNotRead("the regions could not be encoded")
    command = [path, "stdin", "stdout", "-l", LANGUAGE, "--dpi", str(DPI), "--psm", str(ONE_BLOCK), "tsv"]
    # more than one thread slows the reading of small pictures
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        said = subprocess.run(
            command, input=png.tobytes(), capture_output=True, timeout=SECONDS, check=True, env=environment
        )
    except subprocess.TimeoutExpired as error:
        raise CouldNotRead(f"{PROGRAM} took longer than {SECONDS:g} s") from error
    except subprocess.CalledProcessError as error:
        problem = error.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise CouldNotRead(f"{PROGRAM} failed ({problem[0][:200] if problem else error.returncode})") from error
    except OSError as error:
        raise CouldNotRead(f"{PROGRAM} does not start ({error.strerror}); {HOW_TO_GET_IT}") from error
    return said.stdout.decode("utf-8", "replace")


@cache
def _data_folder(path: str) -> str | None:
    """Ask the program for its folder of language data; None where it has none for :data:`LANGUAGE`."""
    said = _ask(path, "--list-langs")
    named = re.search(r'"([^"\n]+)"', said)
    return named.group(1) if named and LANGUAGE in said.split() else None


def _ask(path: str, question: str) -> str:
    try:
        said = subprocess.run([path, question], capture_output=True, timeout=SECONDS, check=True, text=True)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        raise CouldNotRead(f"{path} does not start ({type(error).__name__}); {HOW_TO_GET_IT}") from error
    return said.stdout or said.stderr
