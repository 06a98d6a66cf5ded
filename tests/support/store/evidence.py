"""Builders for evidence: captures with files, sealed into a store, and a time-stamp authority on this machine."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crawler.loopback.web import Request, Response, WebServer
from detector.bundle import EvidenceSealer, ExportedBundle, SigningKey, export_bundle, sealed_case
from detector.evidence import Evidence
from detector.model import Bundle, Capture, DnsAnswer, PageFacts, RedirectHop, TlsSummary
from detector.store import Store
from tests.support.store.builders import LATER, NOW, capture, flagged

DATABASE = "CLONEWATCH_TEST_DATABASE"
BIG = 200_000
"""Bytes of the largest file: several blocks and a part of one."""


def noise(number: int, size: int) -> bytes:
    """Bytes that no other number has, the same in every run."""
    return random.Random(number).randbytes(size)


@dataclass
class Desk:
    """A workspace's store and evidence."""

    folder: Path
    store: Store
    evidence: Evidence
    key: SigningKey | None = None
    exports: list[ExportedBundle] = field(default_factory=list)

    @property
    def sealer(self) -> EvidenceSealer:
        return EvidenceSealer(self.evidence, self.key)

    def add(self, host: str = "paypal-login.example", *, sealed: bool = True, size: int = BIG) -> int:
        """Store a flagged capture; the id of its case."""
        seen, verdict = full_capture(self.evidence, host, size), flagged()
        self.store.record(seen, verdict, seal=self.sealer.prepare(seen, verdict) if sealed else None)
        return next(case.id for case in self.store.cases.stream() if case.site == host)

    def export(self, case_id: int, to: Path, *, as_zip: bool = False, actor: str = "ann") -> Path:
        """One bundle."""
        [record] = sealed_case(self.store, self.sealer, case_id)
        done = export_bundle(self.store, self.evidence, record, to, case_id=case_id, actor=actor, as_zip=as_zip)
        self.exports.append(done)
        return done.path


@contextmanager
def desk(folder: Path, key: SigningKey | None = None) -> Iterator[Desk]:
    """A store and evidence in ``folder``; the database is another one where ``DATABASE`` says so, also to child processes."""
    folder.mkdir(parents=True, exist_ok=True)
    signer = (lambda: key) if key else None
    with Store.open(os.environ.get(DATABASE) or folder / "clonewatch.sqlite", signer=signer) as store:
        yield Desk(folder, store, Evidence(str(folder / "evidence")), key)


def full_capture(evidence: Evidence, host: str, size: int = BIG) -> Capture:
    """A capture of which everything was kept, and another profile's view of it."""
    seed = sum(host.encode())
    url = f"https://{host}/"
    phone = capture(url, profile="phone-us", screenshot=evidence.put(noise(seed + 1, 900), "image/png"))
    return capture(
        f"https://t.example/{host}",
        final_url=url,
        status=200,
        address="203.0.113.7",
        redirects=(RedirectHop(f"https://t.example/{host}", 302, "203.0.113.6"),),
        dns=(DnsAnswer(host, ("203.0.113.7",), NOW),),
        tls=TlsSummary("TLS 1.3", f"CN={host}", "CN=Free CA", NOW, NOW + LATER),
        facts=PageFacts(title="Sign in \ud800", text="Your account"),
        browser="Chromium 1",
        program="clonewatch 0",
        screenshot=evidence.put(noise(seed, size), "image/png"),
        full_page=evidence.put(noise(seed + 2, 70_000), "image/png"),
        bundle=Bundle(
            dom=evidence.put(b"<html>" + host.encode(), "text/html"),
            warc=evidence.put(noise(seed + 3, 65_536), "application/warc"),
            har=evidence.put(b'{"log":{}}', "application/json"),
        ),
        others=(phone,),
    )


class Authority:
    """A time-stamp authority: ``openssl ts -reply`` with a throw-away root, behind a server on 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.roots = folder / "ca.pem"
        self.asked = 0
        self.answer: bytes | None = None
        """Sent instead of a time stamp."""
        self.status = 200
        self.url = ""
        _make_authority(folder)

    def reply(self, query: bytes) -> bytes:
        """The authority's answer to a request."""
        (self.folder / "query").write_bytes(query)
        reply = "ts -reply -queryfile query -signer tsa.pem -inkey tsa.key -config tsa.cnf -section tsa -out answer"
        _openssl(self.folder, reply)
        return (self.folder / "answer").read_bytes()

    @contextmanager
    def serving(self) -> Iterator[Authority]:
        """Answer on a free port until left."""

        def respond(request: Request) -> Response:
            self.asked += 1
            right = request.headers["content-type"] == "application/timestamp-query"
            data = self.answer if self.answer is not None else self.reply(request.body)
            headers = {"Location": "/elsewhere"} if self.status == 302 else {}
            return Response(data, self.status if right else 415, "application/timestamp-reply", headers)

        with WebServer(respond) as server:
            self.url = server.url("/tsa")
            yield self


def make_authority(folder: Path) -> Authority:
    """An authority with its own root; the test is skipped where openssl is missing."""
    if shutil.which("openssl") is None:
        pytest.skip("the local time-stamp authority needs openssl")
    folder.mkdir()
    return Authority(folder)


def _make_authority(folder: Path) -> None:
    (folder / "tsa.cnf").write_text(
        """[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
signer_digest = sha256
ess_cert_id_alg = sha256
serial = ./serial
certs = ./chain.pem
"""
    )
    (folder / "serial").write_text("01\n")
    new = "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config tsa.cnf"
    _openssl(folder, f"{new} -x509 -keyout ca.key -out ca.pem -subj /CN=Root -days 3650 -extensions root")
    _openssl(folder, f"{new} -keyout tsa.key -out tsa.csr -subj /CN=Authority")
    sign = "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem -days 3650"
    _openssl(folder, f"{sign} -extfile tsa.cnf -extensions leaf")
    # several certificates beside the authority's own: some order of theirs is not DER's
    more = ["ca.pem"]
    for number in range(3):
        _openssl(
            folder,
            f"{new} -x509 -keyout more.key -out more{number}.pem -subj /CN=More{number} -days 3650 -extensions root",
        )
        more.append(f"more{number}.pem")
    (folder / "chain.pem").write_bytes(b"".join((folder / name).read_bytes() for name in more))


def _openssl(folder: Path, words: str) -> None:
    subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True, timeout=60)
