"""The demo's two feeds of suspicious URLs, as its own web server serves them."""

from __future__ import annotations

import csv
import gzip
import io

from crawler.demo.sites import load_sites, site

TEXT_PATH = "/feed/reported.txt"
CSV_PATH = "/feed/abuse-desk.csv.gz"


def text_feed(http_port: int, https_port: int) -> bytes:
    """Return one URL per line, with the flaws of real lists: comments, a blank line, a duplicate, and reports of the real site."""
    urls = [entry.address(http_port, https_port) for entry in load_sites() if entry.found_by == "feed"]
    owned = [site(name).address(http_port, https_port) for name in ("ostrelin-signin", "kumoriva-signin")]
    lines = ["# reported by visitors of the demo; wrong reports are part of it", *urls, "", urls[0], *owned]
    return ("\n".join(lines) + "\n").encode()


def csv_feed(http_port: int, https_port: int) -> bytes:
    """Return a gzipped CSV file with the columns ``id, reported, url, note``."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(["id", "reported", "url", "note"])
    for number, entry in enumerate((entry for entry in load_sites() if entry.found_by == "csv"), start=1):
        writer.writerow([number, "2026-01-15T09:00:00Z", entry.address(http_port, https_port), "please look"])
    return gzip.compress(sheet.getvalue().encode(), mtime=0)
