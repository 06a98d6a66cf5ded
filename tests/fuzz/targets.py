"""Targets for the fuzzer: one function a parser of hostile bytes, which may raise only what its docstring promises."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz import page_targets as pages
from tests.fuzz import source_targets as sources

TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        sources.mail, sources.feed, sources.zone, sources.certificate, sources.log_head, sources.certstream, sources.bundle,
        sources.stamp, sources.registry, sources.settings, pages.html, pages.url, pages.shown_text, pages.picture, pages.qr_code,
        pages.http_head, pages.stored_json, pages.sheet, pages.front_page,
    )
}  # fmt: skip
"""All targets by name."""
