"""Encode pictures of logos as vectors, near each other if they show one brand's logo in whatever size, colours or background.

The network is ``data/logo_encoder.onnx``; its training, accuracy and limits are described in ``data/logo_encoder.md``.
"""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.errors import EnvironmentFault, UsageError
from detector.index.channels import contrast, largest

MODEL = Path(__file__).resolve().parents[1] / "data" / "logo_encoder.onnx"
DIMENSIONS = 256
SIDE = 128
"""Side in pixels of the square that is the network's input."""
PREPARATION = 1
"""Version of the preparation of crops for the network."""
MAX_SIDE = 2048
"""Pixels to which larger crops are scaled down first."""
BATCH = 16
TOLERANCE = 24
"""Difference (of 255, in any channel) up to which a pixel belongs to the background; JPEG changes plain colours by less."""
PLAIN_BORDER = 0.7
"""Share of a crop's border that must have one colour for that colour to be the background."""
DARK = 33
"""Grey background for transparent drawings in pale colours; all others get a white one."""

Pixels = NDArray[np.uint8]
Vectors = NDArray[np.float32]
_Network = Callable[[NDArray[np.float32]], NDArray[np.float32]]


class LogoEncoder:
    """Turn crops into unit vectors, whose dot product is the similarity of the logos in them.

    The model file is read at first use.  It runs in onnxruntime where that is installed, else in OpenCV (same vectors to five
    digits, at less than half the speed); one thread either way.  Thread-safe.

    Raises:
        EnvironmentFault: at first use, when the model file cannot be read or is not a network that these runtimes support.
    """

    def __init__(self, path: Path = MODEL) -> None:
        self.path = path
        self._lock = Lock()
        self._loaded: tuple[str, _Network] | None = None

    @cached_property
    def version(self) -> str:
        """Version of model file and preparation of crops: a key for caches of vectors."""
        return f"{PREPARATION}-{hashlib.sha256(self._bytes()).hexdigest()[:16]}"

    @property
    def runtime(self) -> str:
        """``onnxruntime`` or ``opencv``."""
        return self._network()[0]

    def embed(self, crops: Sequence[Pixels]) -> Vectors:
        """Encode crops: len(crops) x 256, each row of length 1, or all zeros where a crop shows nothing.

        A crop is height x width x 3 (RGB) or x 4 (RGBA, straight alpha) or height x width (grey), uint8, of any size.  Plain
        margins are cut off.  Rows of zeros (blank, transparent or empty crops) have no similarity to anything.

        Raises:
            UsageError: a crop is not such an array.
        """
        vectors = np.zeros((len(crops), DIMENSIONS), dtype=np.float32)
        for start in range(0, len(crops), BATCH):
            prepared = [(start + i, prepare(crop)) for i, crop in enumerate(crops[start : start + BATCH])]
            shown = [(row, picture) for row, picture in prepared if picture is not None]
            if not shown:
                continue
            batch = np.stack([picture for _, picture in shown]).transpose(0, 3, 1, 2).astype(np.float32)
            found = self._network()[1](np.ascontiguousarray(batch))
            found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
            vectors[[row for row, _ in shown]] = found
        return vectors

    def _network(self) -> tuple[str, _Network]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> tuple[str, _Network]:
        model = self._bytes()
        # since 1.29 onnxruntime reports each process and model to its makers, unless this is set before it is loaded
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        try:
            runtime: Any = importlib.import_module("onnxruntime")
        except ImportError:
            return "opencv", self._in_opencv(model)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's exceptions share no other base class
            raise self._unusable(error) from error
        name = session.get_inputs()[0].name
        return "onnxruntime", lambda batch: np.asarray(session.run(None, {name: batch})[0], dtype=np.float32)

    def _in_opencv(self, model: bytes) -> _Network:
        try:
            net = cv2.dnn.readNetFromONNX(np.frombuffer(model, dtype=np.uint8))
        except cv2.error as error:
            raise self._unusable(error) from error
        running = Lock()

        def run(batch: NDArray[np.float32]) -> NDArray[np.float32]:
            # a Net keeps its input and buffers: it takes one caller at a time
            with running:
                net.setInput(batch)
                return np.array(net.forward(), dtype=np.float32)

        return run

    def _bytes(self) -> bytes:
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise EnvironmentFault(
                f"the logo encoder's model cannot be read: {error}; install clonewatch again"
            ) from error

    def _unusable(self, error: Exception) -> EnvironmentFault:
        return EnvironmentFault(f"{self.path} is not a usable logo encoder ({error}); install clonewatch again")


@cache
def logo_encoder() -> LogoEncoder:
    """Return the encoder that ships with the package, one for each process."""
    return LogoEncoder()


def prepare(crop: Pixels, side: int = SIDE) -> Pixels | None:
    """Prepare a crop for the network: side x side x 3, cut to what differs from the background; None where nothing does.

    Raises:
        UsageError: see ``LogoEncoder.embed``.
    """
    if not isinstance(crop, np.ndarray) or crop.dtype != np.uint8:
        raise UsageError("a crop is an array of uint8")
    if crop.ndim == 2:
        crop = np.repeat(crop[:, :, None], 3, axis=2)
    if crop.ndim != 3 or crop.shape[2] not in {3, 4}:
        raise UsageError(f"a crop is height x width, x 3 (RGB) or x 4 (RGBA), not {' x '.join(map(str, crop.shape))}")
    step = max(1, -(-max(crop.shape[:2]) // MAX_SIDE))
    crop = crop[::step, ::step]
    if crop.size and crop.shape[2] == 4:
        crop = _on_background(crop)
    if not crop.size:
        return None
    border = np.concatenate([crop[0], crop[-1], crop[:, 0], crop[:, -1]])
    background = np.median(border, axis=0).astype(np.uint8)
    if (_difference(border[None], background) <= TOLERANCE).mean() >= PLAIN_BORDER:
        crop = _without_margins(crop, background)
    elif contrast(crop) <= TOLERANCE:
        return None
    return _squared(crop, background, side) if crop.size else None


def _on_background(crop: Pixels) -> Pixels:
    """Lay RGBA on white, or on dark grey where it is pale; cut to what is not transparent."""
    alpha = crop[:, :, 3]
    visible = alpha > 16
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    if not rows.size:
        return crop[:0, :0, :3]
    part = crop[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    weight = part[:, :, 3:].astype(np.float32) / 255.0
    colour = part[:, :, :3].astype(np.float32)
    mean = (colour * weight).sum(axis=(0, 1)) / weight.sum()
    transparent = bool((alpha < 250).any())
    background = float(DARK) if transparent and mean.min() > 0.8 * 255 else 255.0
    return np.asarray(np.rint(colour * weight + background * (1.0 - weight)), dtype=np.uint8)


def _difference(crop: Pixels, background: Pixels) -> Pixels:
    """Largest difference of each pixel from the background in any channel."""
    return largest(np.asarray(cv2.absdiff(crop, np.broadcast_to(background, crop.shape).copy()), np.uint8))


def _without_margins(crop: Pixels, background: Pixels) -> Pixels:
    """Cut off margins of the background's colour but for a thirtieth; empty where there is nothing else."""
    differs = _difference(crop, background) > TOLERANCE
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not rows.size:
        return crop[:0, :0]
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    margin = max(bottom - top, right - left) // 30
    return crop[max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin]


def _squared(crop: Pixels, background: Pixels, side: int) -> Pixels:
    """Scale so that the longer side is ``side``, centred in a square of the background's colour."""
    height, width = crop.shape[:2]
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    scaled = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    square = np.empty((side, side, 3), dtype=np.uint8)
    square[:] = background
    top, left = (side - size[1]) // 2, (side - size[0]) // 2
    square[top : top + size[1], left : left + size[0]] = scaled
    return square
