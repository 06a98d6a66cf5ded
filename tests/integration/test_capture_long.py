"""Of a page that is too long what came is seen, however it is sent, and the capture says that there is more."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from crawler.capture.capturer import Capturer
from detector.evidence import Evidence
from tests.support.pages.sites import Site, answer, needs_browser, page, quick, self_signed

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "long_pages.yml").read_text(encoding="utf-8")
)
BOUND = 200_000
BARE = "without its scripts and pictures"
FORM = "<h1>Sign in</h1><form method=post action=/p><input type=email name=user><input type=password name=word></form>"


def filled(text: str) -> str:
    return text.replace("FORM", FORM).replace("FILL", "roses " * (BOUND // 3))


def sent(case: dict[str, Any]) -> bytes:
    """The whole answer, as the case's server sends it."""
    body, media_type = page(filled(case["body"])), case.get("type", "text/html; charset=utf-8")
    if case.get("coding") == "gzip":
        return answer(gzip.compress(body), Content_Encoding="gzip")
    whole = answer(body, media_type=media_type, status=case.get("status", "200 OK"))
    head, _, _ = whole.partition(b"\r\n\r\n")
    length = b"\r\nContent-Length: %d" % len(body)
    if case.get("coding") == "chunked":
        pieces = [body[start : start + 50_000] for start in range(0, len(body), 50_000)]
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
        return head.replace(length, b"\r\nTransfer-Encoding: chunked") + b"\r\n\r\n" + chunks + b"0\r\n\r\n"
    announced = {
        "none": b"",
        "lie": b"\r\nContent-Length: 99999999999",
        "twice": length * 2,
    }.get(case.get("length", "right"), length)
    return head.replace(length, announced) + b"\r\n\r\n" + body


def routes(case: dict[str, Any]) -> dict[str, bytes]:
    inner = filled(case.get("inner", "")).encode()
    found = {"/": sent(case), "/inner": answer(inner, media_type=case.get("inner_type", "text/html"))}
    if case.get("redirect"):
        moved = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        found |= {"/start": moved}
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def capturer() -> AsyncIterator[Capturer]:
    config = quick(max_response_bytes=BOUND, total_seconds=60.0, navigation_seconds=20.0)
    async with Capturer(config, Evidence("memory://long")) as opened:
        yield opened


TRIED = [(case, "http") for case in CASES] + [(case, "https") for case in CASES if case.get("tls")]


@pytest.mark.parametrize(
    ("case", "scheme"),
    [
        pytest.param(
            case, scheme, id=f"{case['name']}, {scheme}", marks=[pytest.mark.ordeal] if case.get("ordeal") else []
        )
        for case, scheme in TRIED
    ],
)
async def test_what_came_of_a_long_page_is_seen(
    case: dict[str, Any], scheme: str, capturer: Capturer, tmp_path: Path
) -> None:
    tls = self_signed(tmp_path) if scheme == "https" else None
    async with Site(dict(routes(case))).serving(tls=tls) as site:
        capture = await capturer.capture(site.url("/start" if case.get("redirect") else "/", scheme=scheme))
    assert capture.outcome == case.get("outcome", "ok"), (capture.outcome, capture.note)
    fields = [field.type for field in capture.facts.inputs] if capture.facts else []
    # it depends on timing whether a browser shows anything of a document that breaks off; where it does not, the page is looked at
    # without scripts and pictures, under a larger bound, and seen whole
    whole = BARE in capture.note
    assert ("password" in fields) == (case["form"] or (whole and "FORM" in case["body"])), capture.note
    if whole:
        assert case["cut"], capture.note
        assert str(BOUND) in capture.note
    elif case["cut"]:
        assert capture.screenshot is not None
        assert capture.facts is not None
        assert "bytes" in capture.facts.limits_reached, (capture.note, capture.network)
        assert str(BOUND) in capture.note
    elif capture.facts is not None:
        assert "bytes" not in capture.facts.limits_reached
