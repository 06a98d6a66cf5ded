"""Invented lettering and page backgrounds, drawn with open fonts.

A wordmark class is a text; its drawings differ in face, weight, spacing and colour, which teaches the encoder to read.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from training.raster import Rgba, centred

PAGE = 320
ONSETS = (
    "b br c ch cl cr d dr f fl fr g gl gr h j k kl kr l m n p pl pr qu r s sc sh sk sl sn sp st str t th tr v w wh x y z"
).split()
NUCLEI = "a e i o u ai au ea ee ia io oo ou ue y".split()
CODAS = [*"b ck d ft g k l ll lt m n nd ng nt p r rd rk rt s ss st t th x z".split(), *[""] * 12]
TAILS = "bank pay ly ify hub box soft mail air tel net cloud data card go one tech media web lab plus group".split()


def invent(rng: np.random.Generator) -> str:
    """A name such as a company would take."""
    pick = lambda words: words[int(rng.integers(len(words)))]  # noqa: E731
    word = "".join(pick(ONSETS) + pick(NUCLEI) + pick(CODAS) for _ in range(int(rng.integers(1, 4))))
    kind = rng.random()
    if kind < 0.2:
        word += pick(TAILS)
    elif kind < 0.35:
        word += " " + pick(TAILS)
    elif kind < 0.45:
        word = "".join(chr(97 + int(rng.integers(26))) for _ in range(int(rng.integers(2, 5))))
    return word


def letter(text: str, fonts: list[Path], rng: np.random.Generator) -> Rgba | None:
    """The text in a face, weight, case, spacing and colour at random: SIDE x SIDE x 4."""
    face = ImageFont.truetype(str(fonts[int(rng.integers(len(fonts)))]), 96)
    shown = {0: text, 1: text.title(), 2: text.upper(), 3: text.title()}[int(rng.integers(4))]
    spacing = rng.choice([0.0, rng.uniform(-4, 2), rng.uniform(0, 22)])
    colour = tuple(int(c) for c in rng.integers(0, 200, 3)) if rng.random() < 0.7 else (20, 20, 24)
    width = int(sum(face.getlength(c) + max(spacing, 0) for c in shown)) + 120
    image = Image.new("RGBA", (min(width, 4000), 240), (*colour, 0))
    pen = ImageDraw.Draw(image)
    x = 50.0
    split = int(rng.integers(1, len(shown))) if len(shown) > 3 and rng.random() < 0.2 else 0
    second = tuple(int(c) for c in rng.integers(0, 200, 3))
    for index, char in enumerate(shown):
        pen.text((x, 60), char, font=face, fill=(*(second if split and index >= split else colour), 255))
        x += face.getlength(char) + spacing
    return centred(np.asarray(image))


def page(seed: int, fonts: list[Path]) -> Rgba:
    """A piece of an imagined page: bars, boxes, lines of text; PAGE x PAGE x 4, opaque."""
    rng = np.random.default_rng(seed)
    dark = rng.random() < 0.3
    tone = lambda low, high: tuple(int(c) for c in rng.integers(low, high, 3))  # noqa: E731
    image = Image.new("RGB", (PAGE, PAGE), tone(8, 60) if dark else tone(215, 256))
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(2, 9))):
        x, y = rng.integers(-60, PAGE, 2)
        w, h = rng.integers(20, 260), rng.integers(8, 150)
        outline = tone(90, 220) if rng.random() < 0.4 else None
        pen.rounded_rectangle(
            (int(x), int(y), int(x + w), int(y + h)),
            radius=int(rng.integers(0, 14)),
            fill=tone(0, 256),
            outline=outline,
        )
    for _ in range(int(rng.integers(3, 16))):
        face = ImageFont.truetype(str(fonts[int(rng.integers(len(fonts)))]), int(rng.integers(9, 34)))
        text = " ".join(invent(rng) for _ in range(int(rng.integers(1, 7))))
        pen.text(
            (int(rng.integers(-40, PAGE)), int(rng.integers(-10, PAGE))),
            text,
            font=face,
            fill=tone(160, 256) if dark else tone(0, 130),
        )
    return np.asarray(image.convert("RGBA"))
