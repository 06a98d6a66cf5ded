"""Targets for the fuzzer: what feeds, mails, logs, registries and other people's files hold."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from crawler.examine.hosting_answer import read_network
from crawler.examine.registration_answer import read_answer
from crawler.net.as_numbers import _origin
from crawler.net.rdap.rdap_servers import _servers
from crawler.sources.ct.certstream_messages import names_in
from crawler.sources.ct.checkpoint import LogKey, TreeHeadError, read_checkpoint, read_tree_head
from crawler.sources.ct.log_entries import EntryError, names_of, read_data_tile, read_entry, read_names_tile
from crawler.sources.ct.log_list import LogListError, read_log_list
from crawler.sources.feeds import FeedReader
from crawler.sources.feeds.decompression import FeedFault, text_of, unpack
from crawler.sources.feeds.zone_file import ZoneFile, lines_of, listed_names
from crawler.sources.mail.reported_mail import MailError, read_report
from detector.brands.brand_loader import load_brand
from detector.bundle.bundle_layout import parse_sums
from detector.bundle.bundle_verifier import verify_bundle
from detector.bundle.evidence_manifest import read_manifest
from detector.bundle.stamp import check_stamp
from detector.config.config_file import load_config
from detector.errors import ClonewatchError, ConfigError

LIMIT = 1 << 20
"""Bytes after which a feed is cut."""
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def mail(data: bytes) -> None:
    """Read a reported mail."""
    with suppress(MailError):
        report = read_report(data, "salt")
        assert all(url and len(url) < 10_000 for url in report.urls), "an address without bounds"


def feed(data: bytes) -> None:
    """Read a feed: the first byte chooses the format, the rest is its text."""
    form = ("auto", "text", "csv", "json")[data[0] % 4] if data else "auto"
    reader = FeedReader([data[1:]], limit=LIMIT, form=form, name="list.json" if data[:1] == b"\xff" else "")
    for record in reader.records():
        assert record.url.strip() == record.url != "", "an entry without an address"
    text = "".join(_texts(data[1:]))
    assert len(text) <= LIMIT, "more text than the limit"


def zone(data: bytes) -> None:
    """Read a zone file and a list of names."""
    with suppress(FeedFault):
        for name in ZoneFile(lines_of(text_of(unpack([data], LIMIT)))).names():
            assert len(name) <= 253, "a name that is none"
    with suppress(FeedFault):
        for name in listed_names(lines_of(text_of(unpack([data], LIMIT)))):
            assert len(name) <= 253, "a name that is none"


def certificate(data: bytes) -> None:
    """Read certificates and entries of logs."""
    names_of(data)
    with suppress(EntryError):
        list(read_data_tile(data))
    with suppress(EntryError):
        read_entry(data[: len(data) // 2], data[len(data) // 2 :])
    with suppress(EntryError):
        list(read_names_tile(data))


def log_head(data: bytes) -> None:
    """Read what a log says of itself, and the list of logs."""
    with suppress(TreeHeadError):
        LogKey(data)
    with suppress(TreeHeadError):
        read_checkpoint(data, "log.example/2026", _KEY)
    with suppress(ValueError, RecursionError):
        answer = json.loads(data)
        with suppress(TreeHeadError):
            read_tree_head(answer, _KEY)
        with suppress(LogListError):
            read_log_list(answer, NOW)


def certstream(data: bytes) -> None:
    """Read a message of a certstream server."""
    with suppress(EntryError):
        names_in(data)


def bundle(data: bytes) -> None:
    """Verify a bundle that is a zip file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bundle.zip"
        path.write_bytes(data)
        with suppress(ClonewatchError):
            verify_bundle(path)
    with suppress(ValueError, ClonewatchError):
        read_manifest(data)
    with suppress(ValueError, ClonewatchError):
        parse_sums(data)


def stamp(data: bytes) -> None:
    """Check the answer of a time-stamp authority."""
    with suppress(ValueError):
        check_stamp(data, b"manifest", roots=[])


def registry(data: bytes) -> None:
    """Read the answers of a registry and the list of registries."""
    with suppress(ValueError):
        found = read_answer(data)
        assert all("\n" not in contact for contact in found.abuse_contacts), "a contact of two lines"
    with suppress(ValueError, RecursionError):
        _servers(data)
    with suppress(ValueError):
        read_network(data, "192.0.2.8")
    _origin(data.decode("utf-8", "replace"), "192.0.2.8")


def settings(data: bytes) -> None:
    """Read a configuration, and a brand's file."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "clonewatch.toml").write_bytes(data)
        with suppress(ConfigError):
            load_config(place)
        (place / "brand.toml").write_bytes(data)
        with suppress(ClonewatchError):
            load_brand(place)


def _texts(data: bytes) -> list[str]:
    found: list[str] = []
    with suppress(FeedFault):
        found.extend(text_of(unpack([data], LIMIT)))
    return found


def _key() -> LogKey:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.derive_private_key(7, ec.SECP256R1()).public_key()
    return LogKey(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


_KEY = _key()
