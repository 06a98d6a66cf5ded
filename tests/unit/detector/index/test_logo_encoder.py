"""The logo encoder: vectors of one length, near each other for one mark, and plain words where it cannot run."""

from __future__ import annotations

import builtins
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector.brands import BrandLibrary
from detector.errors import EnvironmentFault, UsageError
from detector.index.logo_encoder import DIMENSIONS, MAX_SIDE, MODEL, SIDE, LogoEncoder, logo_encoder, prepare
from detector.signals.logo.logo_drawing import draw, lay_on
from tests.support.program import ROOT

Pixels = NDArray[np.uint8]
BRANDS = ("paypal", "spotify", "netflix", "ebay", "github", "dropbox", "linkedin", "whatsapp")


@pytest.fixture(scope="module")
def drawings(shipped_library: BrandLibrary) -> dict[str, Pixels]:
    """One drawing a brand, on white."""
    found = {}
    for brand in BRANDS:
        drawing = draw(
            next(logo for logo in shipped_library[brand].logos if logo.era == "current" and logo.theme != "dark")
        )
        assert drawing is not None
        found[brand] = lay_on(drawing, (255, 255, 255))
    return found


def jpeg(picture: Pixels) -> Pixels:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=60)
    return np.asarray(Image.open(io.BytesIO(out.getvalue())))


def small(picture: Pixels) -> Pixels:
    scale = 32 / max(picture.shape[:2])
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def padded(picture: Pixels) -> Pixels:
    return np.pad(picture, ((30, 90), (120, 10), (0, 0)), constant_values=255)


def cut(picture: Pixels) -> Pixels:
    return picture[:, : round(0.88 * picture.shape[1])]


CHANGES: dict[str, Callable[[Pixels], Pixels]] = {
    "JPEG": jpeg,
    "32 pixels": small,
    "margins": padded,
    "grey": lambda picture: np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)),
    "inverted": lambda picture: 255 - picture,
    "cut": cut,
}


def test_vectors_are_of_length_one(drawings: dict[str, Pixels]) -> None:
    vectors = logo_encoder().embed(list(drawings.values()))
    assert vectors.shape == (len(BRANDS), DIMENSIONS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert logo_encoder().embed([]).shape == (0, DIMENSIONS)


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_logo_is_nearest_to_itself(drawings: dict[str, Pixels], change: str) -> None:
    gallery = logo_encoder().embed(list(drawings.values()))
    queries = logo_encoder().embed([CHANGES[change](picture) for picture in drawings.values()])
    nearest = [BRANDS[row] for row in (queries @ gallery.T).argmax(axis=1)]
    assert nearest == list(BRANDS)


def test_both_runtimes_agree(drawings: dict[str, Pixels], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    pictures = list(drawings.values())
    assert logo_encoder().runtime == "onnxruntime"
    first = logo_encoder().embed(pictures)
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "onnxruntime":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr("importlib.import_module", without)
    other = LogoEncoder()
    assert other.runtime == "opencv"
    np.testing.assert_allclose(other.embed(pictures), first, atol=1e-4)


@pytest.mark.parametrize(
    "crop",
    [
        np.full((40, 60, 3), 7, np.uint8),
        np.zeros((0, 10, 3), np.uint8),
        np.zeros((10, 0, 4), np.uint8),
        np.zeros((30, 30, 4), np.uint8),
        np.full((1, 1, 3), 200, np.uint8),
        np.full((9, 9), 128, np.uint8),
    ],
    ids=["flat", "no rows", "no columns", "transparent", "one pixel", "flat grey"],
)
def test_what_shows_nothing_is_like_nothing(crop: Pixels) -> None:
    assert prepare(crop) is None
    assert not logo_encoder().embed([crop]).any()


@pytest.mark.parametrize(
    "crop",
    [
        np.zeros((8, 8, 3), np.float32),
        np.zeros((8, 8, 2), np.uint8),
        np.zeros((8,), np.uint8),
        np.zeros((2, 8, 8, 3), np.uint8),
        [[1, 2], [3, 4]],
    ],
    ids=["floats", "two channels", "one axis", "four axes", "a list"],
)
def test_what_is_no_crop_is_refused(crop: Any) -> None:
    with pytest.raises(UsageError, match="a crop is"):
        logo_encoder().embed([crop])


def test_white_on_transparent_is_seen(drawings: dict[str, Pixels]) -> None:
    alpha = 255 - cv2.cvtColor(drawings["paypal"], cv2.COLOR_RGB2GRAY)
    white = np.dstack([np.full((*alpha.shape, 3), 255, np.uint8), alpha])
    gallery = logo_encoder().embed(list(drawings.values()))
    assert BRANDS[int((gallery @ logo_encoder().embed([white])[0]).argmax())] == "paypal"


def test_huge_crops_are_thinned_out() -> None:
    crop = np.full((40, 9 * MAX_SIDE, 3), 255, np.uint8)
    crop[10:30, 5000:9000] = 0
    prepared = prepare(crop)
    assert prepared is not None
    assert prepared.shape == (SIDE, SIDE, 3)


def test_threads_share_one_encoder(drawings: dict[str, Pixels]) -> None:
    pictures = list(drawings.values())
    wanted = logo_encoder().embed(pictures)
    encoder, found = LogoEncoder(), []
    threads = [Thread(target=lambda: found.append(encoder.embed(pictures))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for vectors in found:
        np.testing.assert_allclose(vectors, wanted, atol=1e-5)


def test_the_runtime_tells_nobody_and_leaves_nothing(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    program = "import numpy, detector.index.logo_encoder as e; e.logo_encoder().embed([numpy.eye(60, dtype=numpy.uint8) * 255])"
    homes = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(tmp_path))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env={**kept, **homes}, check=True)
    # its telemetry begins with an identifier of the machine and a database of what is to be sent
    assert list(tmp_path.rglob("*")) == []


def test_a_missing_or_damaged_model_says_what_to_do(tmp_path: Path, drawings: dict[str, Pixels]) -> None:
    pictures = list(drawings.values())
    with pytest.raises(EnvironmentFault, match="install clonewatch again"):
        LogoEncoder(tmp_path / "none.onnx").embed(pictures)
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(MODEL.read_bytes()[:100_000])
    with pytest.raises(EnvironmentFault, match=r"damaged\.onnx is not a usable logo encoder"):
        LogoEncoder(damaged).embed(pictures)


def test_model_is_small_and_its_version_follows_its_bytes(tmp_path: Path) -> None:
    assert MODEL.stat().st_size <= 20_000_000
    changed = tmp_path / "changed.onnx"
    changed.write_bytes(MODEL.read_bytes() + b"\0")
    assert LogoEncoder(changed).version != logo_encoder().version
