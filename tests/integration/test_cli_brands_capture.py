"""A brand of the user's own: ``brands add``, ``brands capture``, and a copy of its page that is recognised by its picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from detector.model import PageFacts, from_json
from tests.support.pages.sites import needs_browser, self_signed
from tests.support.program import (
    BRAND,
    DOMAIN,
    LOGO,
    LURE,
    NAME,
    WebSite,
    clonewatch,
    complains,
    json_rows,
    lab_options,
)

pytestmark = needs_browser
OFFICIAL = f"signin.{DOMAIN}"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebSite]:
    icon = '<link rel="icon" href="/icon.png">'
    page = LURE.replace("</head>", f"{icon}</head>")
    pages = {
        f"{OFFICIAL}/login": page,
        "copycat.test": page,
        f"moved.{DOMAIN}/login": "-> https://elsewhere.test:{port}/",
    }
    pages["elsewhere.test"] = LURE
    served = WebSite(pages)
    served.icon = png_icon(tmp_path / "icon.png")
    with served.serving(self_signed(tmp_path, OFFICIAL)) as opened:
        yield opened


def png_icon(path: Path) -> bytes:
    Image.new("RGB", (32, 32), "#0b6e4f").save(path)
    return path.read_bytes()


def test_a_copy_of_a_captured_page_is_caught_by_its_picture(site: WebSite, tmp_path: Path) -> None:
    brands, workspace, logo = tmp_path / "brands", tmp_path / "ws", tmp_path / "mark.svg"
    brands.mkdir()
    logo.write_text(LOGO, encoding="utf-8")
    common = ("--brands", brands, "-w", workspace)
    added = clonewatch("brands", "add", NAME, "--domain", DOMAIN, "--logo", logo, *common)
    assert added.returncode == 0, added.stderr
    assert "Added quorvane" in added.stdout
    nothing = clonewatch("brands", "capture", BRAND, *common)
    complains(nothing, 2, "has no signin_urls", "--url")

    moved = f"https://moved.{DOMAIN}:{site.port}/login"
    refused = clonewatch("brands", "capture", BRAND, "--url", moved, *lab_options(site.port), *common)
    complains(refused, 4, "no official page of Quorvane could be captured")
    assert "ended on elsewhere.test, which is not one of Quorvane's domains" in " ".join(refused.stdout.split())
    assert not (brands / BRAND / "pages").exists()

    official = f"https://{OFFICIAL}:{site.port}/login"
    stored = clonewatch("brands", "capture", BRAND, "--url", official, *lab_options(site.port), *common)
    assert stored.returncode == 0, stored.stderr
    pages = brands / BRAND / "pages"
    name = f"signin-{DOMAIN.replace('.', '-')}-login"
    assert {path.name for path in pages.iterdir()} == {f"{name}.png", f"{name}.json", f"{name}.favicon.png"}
    facts = from_json((pages / f"{name}.json").read_bytes(), PageFacts)
    assert (facts.title, facts.url) == (f"Sign in to {NAME}", official)
    with Image.open(pages / f"{name}.png") as picture, Image.open(pages / f"{name}.favicon.png") as favicon:
        assert picture.size == (1280, 800)
        assert favicon.convert("RGB").getpixel((16, 16)) == (0x0B, 0x6E, 0x4F)

    urls = (f"https://copycat.test:{site.port}/", official)
    scanned = clonewatch("scan", *urls, "--json", "-", *lab_options(site.port), *common)
    assert scanned.returncode == 10, scanned.stderr
    lines = {line["url"]: line for line in json_rows(scanned.stdout)}
    copy = lines[urls[0]]
    assert (copy["verdict"], copy["brand"]) == ("flagged", BRAND)
    (finding,) = [entry for entry in copy["findings"] if entry["signal"] == "screenshot"]
    assert finding["measure"] > 0.9
    assert finding["abstained"] is None
    assert lines[official]["verdict"] == "owned"
