"""Recorded traffic of captures, from real servers, read by the tools that others will read it with."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import io
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from jsonschema import Draft202012Validator
from warcio.archiveiterator import ArchiveIterator

from crawler.capture.capturer import Capturer, RecordedCapture
from detector.evidence import Evidence
from detector.model import Bundle, Outcome, StoredFile
from tests.support.pages.sites import Route, Site, answer, needs_browser, page, png, quick

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]

NAME = "shop.example"
PICTURE = png("blue", (120, 90))
SCRIPT = b"""document.querySelector('main').append('made by script');
const host = document.createElement('div'); document.body.append(host);
host.attachShadow({mode: 'open'}).innerHTML = '<p>in the shadow</p>';
fetch('/collect', {method: 'POST', body: 'card=4111'}).then(() => document.title = 'sent');"""
FRONT = page("<main></main><img src=/p.png><img src=/gone.png><script src=/s.js></script>", title="Sign in")


async def slow(target: str, writer: asyncio.StreamWriter) -> None:
    """Never comes to an end."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
    writer.write(head + b"<p>half a page</p><script src=/never.js></script>")
    await writer.drain()
    await asyncio.Event().wait()


async def distant(target: str, writer: asyncio.StreamWriter) -> None:
    """Answers late, as servers far away do: until then the page before it is there to be fetched."""
    await asyncio.sleep(2.5)
    writer.write(answer(page("<h1>second</h1>")))
    await writer.drain()


async def silent(target: str, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


ROUTES: dict[str, Route] = {
    "/": answer(b"", status="302 Found", Location="/front?a=1&b=%20"),
    "/front": answer(gzip.compress(FRONT), Content_Encoding="gzip", Set_Cookie="session=1"),
    "/p.png": answer(PICTURE, media_type="image/png"),
    "/s.js": answer(SCRIPT, media_type="text/javascript"),
    "/collect": answer(b"", status="204 No Content"),
    "/slow": slow,
    "/silent": silent,
    "/script-leads-on": answer(page("first<script>location.href = '/second'</script>")),
    "/second": distant,
}


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Evidence("memory://recording")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with Site(dict(ROUTES)).serving() as opened:
        yield opened


async def look(site: Site, evidence: Evidence, path: str, **changes: object) -> RecordedCapture:
    config = quick(resolve=(f"{NAME}:*:127.0.0.1",), max_clicks=0, **changes)
    async with Capturer(config, evidence) as capturer:
        return await capturer.record(site.url(path, host=NAME))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kept(site: Site, evidence: Evidence) -> RecordedCapture:
    return await look(site, evidence, "/")


def bundle_of(look: RecordedCapture, evidence: Evidence) -> Bundle:
    bundle = look.keep(evidence).bundle
    assert bundle is not None
    return bundle


def read(evidence: Evidence, stored: StoredFile | None) -> bytes:
    assert stored is not None
    return evidence.get(stored)


def records(warc: bytes) -> list[tuple[str, str, str, bytes]]:
    """Kind, address, first line of the HTTP head and body of each record; digests are checked."""
    found = []
    for record in ArchiveIterator(io.BytesIO(warc), check_digests="raise"):
        body = record.content_stream().read()
        head = record.http_headers.statusline if record.http_headers else ""
        found.append((record.rec_type, record.rec_headers.get_header("WARC-Target-URI") or "", head, body))
    return found


async def test_the_warc_holds_every_byte_that_was_served(kept: RecordedCapture, site: Site, evidence: Evidence) -> None:
    found = records(read(evidence, bundle_of(kept, evidence).warc))
    base = site.url("", host=NAME)
    answers = {url.removeprefix(base): (head, body) for kind, url, head, body in found if kind == "response"}
    assert answers["/"] == ("302 Found", b"")
    assert answers["/front?a=1&b=%20"] == ("200 OK", FRONT)
    assert answers["/p.png"] == ("200 OK", PICTURE)
    assert answers["/s.js"] == ("200 OK", SCRIPT)
    assert answers["/gone.png"][0] == "404 Not Found"
    assert answers["/collect"][0] == "204 No Content"
    asked = {url.removeprefix(base): (head, body) for kind, url, head, body in found if kind == "request"}
    assert asked["/collect"] == ("/collect HTTP/1.1", b"card=4111")
    assert set(answers) == set(asked)
    assert any(kind == "resource" and url.startswith("urn:clonewatch:rendered:") for kind, url, _, _ in found)
    assert found[0][0] == "warcinfo"
    assert b"clonewatch" in found[0][3]
    assert b"Chromium" in found[0][3] or b"Chrome" in found[0][3]


async def test_headers_are_those_of_the_wire(kept: RecordedCapture, evidence: Evidence) -> None:
    heads = {}
    for record in ArchiveIterator(io.BytesIO(read(evidence, bundle_of(kept, evidence).warc))):
        if record.rec_type == "response":
            heads[record.rec_headers.get_header("WARC-Target-URI").rpartition("/")[2]] = record
    front = heads["front?a=1&b=%20"]
    assert front.http_headers.get_header("Set-Cookie") == "session=1"
    assert front.http_headers.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
    assert front.http_headers.get_header("Content-Encoding") is None
    assert front.http_headers.get_header("Content-Length") == str(len(FRONT))
    assert front.rec_headers.get_header("WARC-IP-Address") == "127.0.0.1"


async def test_the_document_is_what_the_scripts_made(kept: RecordedCapture, evidence: Evidence) -> None:
    html = read(evidence, bundle_of(kept, evidence).dom).decode()
    assert html.lower().startswith("<!doctype html>")
    assert "<main>made by script</main>" in html
    assert "in the shadow" in html
    assert html.rstrip().endswith("</html>")


async def test_the_har_follows_its_schema_and_holds_the_traffic(
    kept: RecordedCapture, site: Site, evidence: Evidence
) -> None:
    har = json.loads(read(evidence, bundle_of(kept, evidence).har))
    schema = json.loads((Path(__file__).parent.parent / "cases" / "har-1.2.schema.json").read_text())
    assert [error.message for error in Draft202012Validator(schema).iter_errors(har)] == []
    entries = {entry["request"]["url"].rpartition(str(site.port))[2]: entry for entry in har["log"]["entries"]}
    assert entries["/"]["response"]["redirectURL"] == "/front?a=1&b=%20"
    assert entries["/front?a=1&b=%20"]["request"]["queryString"] == [
        {"name": "a", "value": "1"},
        {"name": "b", "value": " "},
    ]
    assert entries["/front?a=1&b=%20"]["response"]["content"]["text"] == FRONT.decode()
    assert entries["/collect"]["request"]["postData"]["text"] == "card=4111"
    assert entries["/p.png"]["response"]["content"]["encoding"] == "base64"
    assert entries["/p.png"]["serverIPAddress"] == "127.0.0.1"
    assert all(entry["time"] >= 0 for entry in har["log"]["entries"])


async def test_dns_answers_and_versions_are_recorded_and_files_stored_only_on_demand(
    kept: RecordedCapture, site: Site
) -> None:
    assert [(answer.host, answer.addresses, answer.source) for answer in kept.capture.dns] == [
        (NAME, ("127.0.0.1",), "rule")
    ]
    assert kept.capture.program.startswith("clonewatch ")
    assert kept.capture.bundle is None
    apart = Evidence("memory://nothing-kept")
    other = await look(site, apart, "/second")
    assert other.capture.outcome == Outcome.OK
    bundle = bundle_of(other, Evidence("memory://kept-elsewhere"))
    with pytest.raises(Exception, match="cannot be read"):
        apart.get(bundle.warc)  # type: ignore[arg-type]


async def test_a_document_that_led_on_is_kept(site: Site, evidence: Evidence) -> None:
    for _ in range(5):
        seen = await look(site, evidence, "/script-leads-on", total_seconds=25.0, navigation_seconds=15.0)
        warc = read(evidence, bundle_of(seen, evidence).warc)
        bodies = {url.rpartition("/")[2]: body for kind, url, _, body in records(warc) if kind == "response"}
        assert b"<h1>second</h1>" in bodies["second"]
        if bodies["script-leads-on"]:
            break
        # the browser had dropped it before it could be asked for, which is said
        assert b"WARC-Truncated: unspecified" in gzip.decompress(warc)
    assert b"location.href" in bodies["script-leads-on"]


@pytest.mark.ordeal
async def test_what_never_ended_is_kept_and_marked(site: Site, evidence: Evidence) -> None:
    seen = await look(site, evidence, "/slow", total_seconds=6.0, navigation_seconds=2.0)
    warc = read(evidence, bundle_of(seen, evidence).warc)
    found = records(warc)
    assert {url.rpartition("/")[2] for kind, url, _, _ in found if kind == "request"} >= {"slow"}
    cut = [
        record.rec_headers.get_header("WARC-Truncated")
        for record in ArchiveIterator(io.BytesIO(warc))
        if record.rec_type == "response" and record.rec_headers.get_header("WARC-Target-URI").endswith("/slow")
    ]
    assert cut in (["unspecified"], ["disconnect"])
    nothing = await look(site, evidence, "/silent", total_seconds=4.0, navigation_seconds=1.5)
    assert nothing.capture.outcome == Outcome.TIMEOUT
    kinds = [kind for kind, _, _, _ in records(read(evidence, bundle_of(nothing, evidence).warc))]
    assert "request" in kinds
    assert "metadata" in kinds


async def test_the_whole_chain_of_certificates(tmp_path: Path, evidence: Evidence) -> None:
    context, chain = _chain(tmp_path, NAME)
    async with Site({"/": answer(page("<h1>secure</h1>"))}).serving(tls=context) as secure:
        config = quick(resolve=(f"{NAME}:*:127.0.0.1",), max_clicks=0)
        async with Capturer(config, evidence) as capturer:
            seen = await capturer.record(secure.url("/", scheme="https", host=NAME))
    assert seen.capture.outcome == Outcome.OK
    stored = x509.load_pem_x509_certificates(read(evidence, bundle_of(seen, evidence).certificates))
    assert stored == chain


def _chain(folder: Path, name: str) -> tuple[ssl.SSLContext, list[x509.Certificate]]:
    """A server's context whose certificate is vouched for by an intermediate one that it sends along."""
    now = dt.datetime.now(dt.UTC)
    root_key, middle_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))

    def certificate(
        subject: str, issuer: str, public: ec.EllipticCurvePublicKey, signer: ec.EllipticCurvePrivateKey, *, ca: bool
    ) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(signer, hashes.SHA256())
        )

    own = certificate(name, "Middle", key.public_key(), middle_key, ca=False)
    middle = certificate("Middle", "Root", middle_key.public_key(), root_key, ca=True)
    path = folder / "chain.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (own, middle)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, [own, middle]
