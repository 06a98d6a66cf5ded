"""Addresses in HTML and SVG: elements, scripts, documents within documents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sources.mail.html_links import in_html
from tests.support.address_cases import address_cases


def test_addresses_in_documents() -> None:
    for kind, document, addresses in address_cases("in_html"):
        assert list(dict.fromkeys(in_html(document))) == addresses, (kind, document)


DOUBLING = "".join(f"a{n}=a{n + 1}+a{n + 1};" for n in range(9000))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "document",
    [
        "<script>" + "location=a+" * 40_000 + "</script>", "<script>" + DOUBLING + "location=a0</script>",
        "<script>location=" + "(" * 200_000 + "</script>", "<script>location=" + "atob(" * 100_000 + "</script>",
        "<script>location='" + "\\" * 400_000 + "</script>", "<a href='data:text/html,<iframe srcdoc=" * 20_000,
        "<script>eval(" + "'<script>eval(" * 20_000 + "</script>", "<script>" + "/*" * 200_000 + "</script>",
        "<script>location=" + "/*a" * 150_000 + "</script>",
    ],
    ids=["sums", "doubling", "brackets", "calls", "backslashes", "nested documents", "nested scripts", "comments", "open comments"],
)  # fmt: skip
def test_hostile_scripts_end(document: str) -> None:
    assert list(in_html(document)) == []


@given(st.text(alphabet="<>/aslocation='\"+()\\=;` htp:x.!-[]&#", max_size=120))
def test_any_document_is_read(document: str) -> None:
    for address in in_html(f"<script>location={document}</script>{document}"):
        assert address.startswith(("http://", "https://"))
