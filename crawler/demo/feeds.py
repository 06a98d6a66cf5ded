"""The demo's two lists of suspicious addresses, as its own web server hands them out."""

from __future__ import annotations

import csv
import gzip
import io

from crawler.demo.sites import load_sites, site

TEXT_PATH = "/feed/reported.txt"
CSV_PATH = "/feed/abuse-desk.csv.gz"


def text_feed(http_port: int, https_port: int) -> bytes:
    """One URL a line, with what real lists have: comments, a blank line, a doublet, and reports of the real site."""
    urls = [entry.address(http_port, https_port) for entry in load_sites() if entry.found_by == "feed"]
    owned = [site(name).address(http_port, https_port) for name in ("ostrelin-signin", "kumoriva-signin")]
    lines = ["# reported by visitors of the demo; wrong reports are part of it", *urls, "", urls[0], *owned]
    return ("\n".join(lines) + "\n").encode()


def csv_feed(http_port: int, https_port: int) -> bytes:
    """Gzipped CSV with the columns ``id, reported, url, note``."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(["id", "reported", "url", "note"])
    for number, entry in enumerate((entry for entry in load_sites() if entry.found_by == "csv"), start=1):
        writer.writerow([number, "2026-01-15T09:00:00Z", entry.address(http_port, https_port), "please look"])
    return gzip.compress(sheet.getvalue().encode(), mtime=0)
