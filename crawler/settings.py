"""Scrapy settings of the discovery spiders.  Settings of our own carry the prefix ``CLONEWATCH_``."""

from __future__ import annotations

import os

from detector.program import program_name

BOT_NAME = "clonewatch"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

CLONEWATCH_WORKSPACE = os.environ.get("CLONEWATCH_WORKSPACE", "")
"""Folder of the workspace; empty: ``./workspace``.  On the command line: ``-s CLONEWATCH_WORKSPACE=DIR``."""
CLONEWATCH_BRANDS = ""
"""Folders of brands in place of what the workspace's configuration names, separated by the system's path separator."""
CLONEWATCH_CONTACT = os.environ.get("CLONEWATCH_CONTACT", "")
"""Address that operators of feeds can write to; becomes part of the user agent."""
CLONEWATCH_SUMMARY = True
"""Print a table of each source's counts when a spider ends."""
CLONEWATCH_BATCH = 200
"""Candidates that are stored in one transaction."""
CLONEWATCH_FLUSH_SECONDS = 1.0
"""Seconds after which a smaller batch is stored."""

_contact = f"; {CLONEWATCH_CONTACT}" if CLONEWATCH_CONTACT else ""
USER_AGENT = f"{program_name().replace(' ', '/')} (brand protection; feed reader{_contact})"

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
ITEM_PIPELINES = {"crawler.discovery.pipelines.TriagePipeline": 300}
EXTENSIONS = {
    "crawler.discovery.summary.SummaryExtension": 100,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
}
TELNETCONSOLE_ENABLED = False

# Spiders that follow links obey robots.txt; feeds are addresses that their user named, and say so a request at a time.
ROBOTSTXT_OBEY = True
COOKIES_ENABLED = False
REFERER_ENABLED = False
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_TIMEOUT = 120
DOWNLOAD_MAXSIZE = 210_000_000
DOWNLOAD_WARNSIZE = 0
REDIRECT_MAX_TIMES = 5
RETRY_TIMES = 1
CONCURRENT_REQUESTS = 8
CONCURRENT_REQUESTS_PER_DOMAIN = 2

LOG_LEVEL = "WARNING"
STATS_DUMP = False
