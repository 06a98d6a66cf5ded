"""Pictures for the report: decoded within limits and written anew, so no hostile byte reaches a reader's browser.

Files are named by the SHA-256 of what they were made from, so a picture is encoded once in the life of a report folder,
and cases that share a screenshot share the file.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image

from detector.brands import render_logo
from detector.errors import BrandFileError, EvidenceError
from detector.files import atomic_writer
from detector.model import Logo, StoredFile
from detector.pictures.shown_picture import as_shown

ENCODER = "2"
"""Changes when pictures of an earlier report must not be used any more."""
METHOD = 1
"""WebP's effort, 0 to 6: from 3 on a page takes three times as long to save 13 % of its bytes."""
MAX_PIXELS = 50_000_000
MAX_BYTES = 40_000_000
FULL_WIDTH = 1280
FULL_HEIGHT = 8000
THUMB = (480, 300)
LOGO = (360, 160)
_FORMATS = ("PNG", "JPEG", "WEBP")


class EvidenceReader(Protocol):
    """The part of :class:`detector.evidence.Evidence` that views need."""

    def get(self, stored: StoredFile) -> bytes:
        """The file's bytes; EvidenceError if missing or altered."""
        ...


@dataclass(frozen=True, slots=True)
class ReportPicture:
    """A picture in the report folder: file names under ``images/``, size in pixels of the source."""

    full: str
    thumb: str
    width: int
    height: int
    thumb_width: int
    thumb_height: int


class PictureWriter:
    """Makes the report's pictures, from any thread; ``used`` collects the names of the files that the report needs."""

    def __init__(self, folder: Path, evidence: EvidenceReader, *, max_pixels: int = MAX_PIXELS) -> None:
        self._folder = folder
        self._evidence = evidence
        self._max_pixels = max_pixels
        self._of_brands: dict[str, ReportPicture] = {}
        self.used: set[str] = set()
        self.encoded = 0

    def screenshot(self, stored: StoredFile) -> ReportPicture:
        """A screenshot from the evidence, with a thumbnail.

        Raises:
            EvidenceError: it is missing, altered, too large or no picture.
        """

        def load() -> Image.Image:
            if stored.size > MAX_BYTES:
                raise EvidenceError(f"the picture has {stored.size} bytes, more than the report decodes ({MAX_BYTES})")
            return self._decode(self._evidence.get(stored))

        return self._page(stored.sha256, load)

    def official(self, path: str) -> ReportPicture:
        """A stored official page of a brand; raises EvidenceError as above."""
        if path not in self._of_brands:
            data, digest = self._read(path)
            self._of_brands[path] = self._page(digest, lambda: self._decode(data))
        return self._of_brands[path]

    def logo(self, logo: Logo) -> ReportPicture:
        """A brand's logo, SVG or bitmap, drawn as PNG on a transparent ground; raises EvidenceError as above."""
        if logo.path in self._of_brands:
            return self._of_brands[logo.path]
        _, digest = self._read(logo.path)
        name = f"{_key('logo', digest)}.png"
        known = self._known(name)
        if known is None:
            try:
                picture = render_logo(logo, LOGO[0])
            except BrandFileError as error:
                raise EvidenceError(f"{error.problem}; expected {error.expected}") from error
            picture.thumbnail(LOGO, Image.Resampling.LANCZOS)
            self._write(name, picture, "PNG", optimize=True)
            known = picture.size
        self.used.add(name)
        self._of_brands[logo.path] = ReportPicture(name, name, *known, *known)
        return self._of_brands[logo.path]

    def _page(self, digest: str, load: Callable[[], Image.Image]) -> ReportPicture:
        full, thumb = f"{_key('full', digest)}.webp", f"{_key('thumb', digest)}.webp"
        size, small = self._known(full), self._known(thumb)
        if size is None or small is None:
            picture = _bounded(load().convert("RGB"))
            size, small = picture.size, THUMB
            self._write(full, picture, "WEBP", quality=86, method=METHOD)
            self._write(thumb, _thumbnail(picture), "WEBP", quality=76, method=METHOD)
        self.used |= {full, thumb}
        return ReportPicture(full, thumb, *size, *small)

    def _decode(self, data: bytes) -> Image.Image:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is stricter
                picture: Image.Image = Image.open(io.BytesIO(data), formats=_FORMATS)
                width, height = picture.size
                if width * height > self._max_pixels:
                    raise EvidenceError(
                        f"the picture has {width} x {height} pixels, more than the report decodes ({self._max_pixels})"
                    )
                picture.load()
                picture = as_shown(picture)
        except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
            raise EvidenceError("the picture is damaged or of an unknown format") from error
        return picture

    def _read(self, path: str) -> tuple[bytes, str]:
        try:
            source = Path(path)
            if source.stat().st_size > MAX_BYTES:
                raise EvidenceError(f"{source.name} is larger than the report decodes ({MAX_BYTES} bytes)")
            data = source.read_bytes()
        except OSError as error:
            raise EvidenceError(f"{Path(path).name} cannot be read ({error.strerror})") from error
        return data, hashlib.sha256(data).hexdigest()

    def _known(self, name: str) -> tuple[int, int] | None:
        """Size of a picture that an earlier report left, None where there is none that can be read."""
        try:
            with Image.open(self._folder / name, formats=("WEBP", "PNG")) as picture:
                return picture.size
        except (OSError, SyntaxError, ValueError):
            return None

    def _write(self, name: str, picture: Image.Image, kind: str, **options: object) -> None:
        # metadata that the decoder kept (EXIF, ICC, comments) comes from strangers: only the pixels are written
        clean = Image.frombytes(picture.mode, picture.size, picture.tobytes())
        with atomic_writer(self._folder / name, durable=False) as stream:
            clean.save(stream, kind, **options)
        self.encoded += 1


def _key(kind: str, digest: str) -> str:
    return hashlib.sha256(f"{ENCODER}|{kind}|{digest}".encode()).hexdigest()[:32]


def _bounded(picture: Image.Image) -> Image.Image:
    """Cut at the bottom and the right: regions keep their coordinates."""
    width, height = picture.size
    return picture.crop((0, 0, min(width, FULL_WIDTH * 2), min(height, FULL_HEIGHT)))


def _thumbnail(picture: Image.Image) -> Image.Image:
    """The top of the page at :data:`THUMB` pixels, padded with white where the page is shorter."""
    width, height = picture.size
    cut = picture.crop((0, 0, width, min(height, max(1, width * THUMB[1] // THUMB[0]))))
    scaled = cut.resize((THUMB[0], max(1, round(cut.height * THUMB[0] / width))), Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", THUMB, "white")
    sheet.paste(scaled, (0, 0))
    return sheet
