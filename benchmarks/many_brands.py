"""CPU time of judging a page with many brands: the same pages with 150 and with 10,000 brands.

    python benchmarks/many_brands.py [--brands 150,10000] [--pages 60]

Brands, logos and pages are synthesised with a fixed seed: a name of invented syllables, a domain, one SVG mark of a few shapes.
Half of the pages are sign-in pages of some of the first 100 brands at a neutral address (logo, name, form, a copyright line),
half show another company's.  Printed: CPU milliseconds a page (one thread, decoding included) and how many were identified and
flagged.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import time
from pathlib import Path

# one thread, as the figure says: read when numpy is first imported
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import cv2
import numpy as np
import resvg_py
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from detector.brands import load_library  # noqa: E402
from detector.judge import Judge  # noqa: E402
from detector.model import Box, Capture, Decision, Form, ImageBox, InputField, Outcome, PageFacts, StoredFile  # noqa: E402

SYLLABLES = "ba be bi bo bu da de di do du fa fe fi ga go gu ka ke ki ko la le li lo lu ma me mi mo na ne no pa pe po ra re ri ro "
SYLLABLES += "sa se so ta te ti to va ve vi vo za ze zo xa xi"
SEED = 11


def name_of(number: int) -> str:
    """An invented name, another for each number."""
    parts = SYLLABLES.split()
    rng = np.random.default_rng([SEED, number])
    digits = []
    rest = number
    for _ in range(3):
        digits.append(parts[rest % len(parts)])
        rest //= len(parts)
    return ("".join(digits) + parts[int(rng.integers(len(parts)))]).capitalize()


def mark_of(number: int) -> str:
    """SVG of 100 x 100 with two to four shapes in two colours."""
    rng = np.random.default_rng([SEED, 1, number])
    colours = ["#" + bytes(rng.integers(0, 210, 3, np.uint8)).hex() for _ in range(2)]
    shapes = []
    for index in range(int(rng.integers(2, 5))):
        x, y, width, height = (float(v) for v in (*rng.uniform(5, 50, 2), *rng.uniform(25, 50, 2)))
        colour = colours[index % 2]
        turn = f'transform="rotate({int(rng.integers(0, 90))} 50 50)"'
        kind = int(rng.integers(4))
        if kind == 0:
            shapes.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" fill="{colour}" {turn}/>')
        elif kind == 1:
            shapes.append(f'<circle cx="{x + 20}" cy="{y + 20}" r="{width / 2}" fill="{colour}"/>')
        elif kind == 2:
            points = " ".join(f"{a:.0f},{b:.0f}" for a, b in rng.uniform(5, 95, (int(rng.integers(3, 6)), 2)))
            shapes.append(f'<polygon points="{points}" fill="{colour}"/>')
        else:
            shapes.append(
                f'<path d="M{x} {y} q{width} {-height} {width} {height}" stroke="{colour}" stroke-width="12" fill="none" {turn}/>'
            )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="100" height="100">{"".join(shapes)}</svg>'


def add_brand(folder: Path, number: int) -> None:
    name = name_of(number)
    home = folder / f"{name.lower()}{number}"
    (home / "logos").mkdir(parents=True)
    (home / "logos" / "mark.svg").write_text(mark_of(number), encoding="utf-8")
    (home / "brand.toml").write_text(
        f'name = "{name}"\ndomains = ["{name.lower()}{number}.example"]\n\n[[logos]]\nfile = "mark.svg"\n',
        encoding="utf-8",
    )


def page_of(number: int, *, clone: bool) -> tuple[Capture, bytes]:
    """A sign-in page with the mark of a brand, or (not ``clone``) of a company that no library has."""
    whose = number if clone else 900_000 + number
    name = name_of(whose)
    rng = np.random.default_rng([SEED, 2, number])
    left, top = int(rng.integers(420, 620)), int(rng.integers(60, 160))
    canvas = Image.new("RGB", (1280, 800), "white")
    mark = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=mark_of(whose), width=64)))).convert("RGBA")
    canvas.paste(mark, (left, top), mark)
    pixels = np.asarray(canvas).copy()
    for row, text in enumerate((f"Sign in to {name}", "Email address", "Password", "Forgot your password?")):
        place = (left - 60, top + 130 + 70 * row)
        cv2.putText(pixels, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.7, (40, 40, 40), 1, cv2.LINE_AA)
        if row in {1, 2}:
            cv2.rectangle(pixels, (left - 60, place[1] + 8), (left + 240, place[1] + 40), (170, 170, 170), 1)
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "PNG")
    facts = PageFacts(
        title=f"{name} - Sign in",
        text=f"Sign in to {name}\nEmail address\nPassword\nForgot your password?\n© 2026 {name}",
        images=(ImageBox("img", Box(left, top, 64, 64)),),
        inputs=(InputField("email", "email"), InputField("password", "password")),
        forms=(Form("https://site.example/next.php", "post"),),
        url="https://site.example/",
    )
    stored = StoredFile("0" * 64, "image/png", len(encoded.getvalue()))
    return Capture("https://site.example/", Outcome.OK, screenshot=stored, facts=facts), encoded.getvalue()


def measure(brands: int, pages: int) -> tuple[list[float], int, int, float]:
    """CPU seconds a page, clones flagged for the right brand, others flagged, seconds to build."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "brands"
        for number in range(brands):
            add_brand(folder, number)
        began = time.process_time()
        judge = Judge(load_library([folder]))
        times, right, wrong = [], 0, 0
        first, data = page_of(0, clone=True)
        judge.judge(first, lambda: data)
        built = time.process_time() - began
        for number in range(pages):
            clone = number % 2 == 0
            capture, picture = page_of(number % 100, clone=clone)
            began = time.process_time()
            verdict = judge.judge(capture, lambda picture=picture: picture)  # type: ignore[misc]
            times.append(time.process_time() - began)
            hit = verdict.brand == f"{name_of(number % 100).lower()}{number % 100}"
            right += clone and hit and verdict.decision is Decision.FLAGGED
            wrong += verdict.decision is Decision.FLAGGED and not (clone and hit)
        return times, right, wrong, built


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure judgement against many brands.")
    parser.add_argument("--brands", default="150,10000")
    parser.add_argument("--pages", type=int, default=60)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print("| brands | CPU ms a page: median | p95 | clones flagged | others flagged | CPU s to build, once |")
    print("| --- | --- | --- | --- | --- | --- |")
    medians = []
    for count in (int(part) for part in options.brands.split(",")):
        times, right, wrong, built = measure(count, options.pages)
        median, tail = np.percentile(times, [50, 95]) * 1000
        medians.append(float(median))
        clones = (options.pages + 1) // 2
        print(f"| {count:,} | {median:.0f} | {tail:.0f} | {right}/{clones} | {wrong} | {built:.0f} |", flush=True)
    print(f"\nratio: {medians[-1] / medians[0]:.2f}")


if __name__ == "__main__":
    main()
