"""Source ``reports``: a mailbox on an IMAP server."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.demo.certificate import make_certificate
from detector.workspace import Workspace
from tests.support.servers.discovery import make_lab, run_source
from tests.support.servers.imap import ImapServer
from tests.support.store.mails import forwarded

pytestmark = pytest.mark.heavy

USER, SECRET = "abuse", "s3cret pass"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ImapServer]:
    monkeypatch.setenv("BOX_PASSWORD", SECRET)
    with ImapServer(user=USER, password=SECRET, folder="Phish reports") as opened:
        yield opened


@pytest.fixture
def lab(tmp_path: Path, server: ImapServer) -> Path:
    location = f"imap://{USER}@127.0.0.1:{server.port}/Phish%20reports"
    return make_lab(
        tmp_path, f'[[discover.mailboxes]]\nname = "abuse"\nlocation = "{location}"\npassword = "BOX_PASSWORD"\n'
    )


def mail(number: int) -> bytes:
    message = forwarded()
    message.set_content(f"Is this yours? https://random{number}.example/")
    return bytes(message).replace(b"\n", b"\r\n")


def found(lab: Path) -> set[str]:
    with Workspace.open(lab) as workspace:
        return {claim.candidate.url for claim in workspace.store.backlog.claim(1000)}


def urls(*numbers: int) -> set[str]:
    return {f"https://random{number}.example/" for number in numbers}


def test_new_mails_are_read_once_and_stay_unread(lab: Path, server: ImapServer) -> None:
    server.mails = {3: mail(3), 5: mail(5)}
    assert "2 new mails" in run_source(lab, "reports").stdout
    assert found(lab) == urls(3, 5)
    assert not any(command.startswith(("SELECT", "UID STORE")) for command in server.commands)
    assert all("BODY.PEEK[]" in command for command in server.commands if "FETCH" in command)
    server.commands.clear()
    server.mails[8] = mail(8)
    assert "1 new mail" in run_source(lab, "reports").stdout
    assert found(lab) == urls(8)
    assert [command.split()[2] for command in server.commands if "FETCH" in command] == ["8"]
    assert "0 new mails" in run_source(lab, "reports").stdout


def test_a_server_that_counts_anew_is_read_anew_and_nothing_twice(lab: Path, server: ImapServer) -> None:
    server.mails = {3: mail(3), 5: mail(5)}
    run_source(lab, "reports")
    found(lab)
    server.validity, server.mails = 18, {1: mail(3), 2: mail(6)}
    assert "1 new mail" in run_source(lab, "reports").stdout
    assert found(lab) == urls(6)


def test_a_connection_that_breaks_keeps_what_was_read(lab: Path, server: ImapServer) -> None:
    server.mails = {number: mail(number) for number in range(1, 6)}
    server.hang_up_after = 2
    said = run_source(lab, "reports").stdout
    assert "INCOMPLETE: imap://127.0.0.1: " in said, said
    server.hang_up_after = None
    assert "3 new mails" in run_source(lab, "reports").stdout
    assert found(lab) == urls(1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("BOX_PASSWORD", "OTHER_VARIABLE"), "the environment variable OTHER_VARIABLE is not set"),
        (("abuse@", "other@"), "wrong password"),
        (("Phish%20reports", "Sent"), "no such mailbox"),
        (("imap://", "imaps://"), "FAILED: imaps://127.0.0.1: "),
    ],
)
def test_what_does_not_work_is_said_without_the_password(lab: Path, change: tuple[str, str], reason: str) -> None:
    text = (lab / "clonewatch.toml").read_text(encoding="utf-8")
    (lab / "clonewatch.toml").write_text(text.replace(*change), encoding="utf-8")
    done = run_source(lab, "reports")
    assert reason in done.stdout, done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_over_tls_with_a_certificate_that_is_trusted_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = make_certificate(["localhost"])
    trusted, pair = tmp_path / "ca.pem", tmp_path / "pair.pem"
    trusted.write_bytes(certificate)
    pair.write_bytes(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    monkeypatch.setenv("BOX_PASSWORD", SECRET)
    with ImapServer(user=USER, password=SECRET, tls=context) as server:
        server.mails = {1: mail(1)}
        location = f"imaps://{USER}@localhost:{server.port}/"
        lab = make_lab(
            tmp_path, f'[[discover.mailboxes]]\nname = "abuse"\nlocation = "{location}"\npassword = "BOX_PASSWORD"\n'
        )
        assert "FAILED: imaps://localhost: " in run_source(lab, "reports").stdout, "nobody trusts it yet"
        assert not server.commands, "no password is told to a stranger"
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert "1 new mail" in run_source(lab, "reports").stdout
    assert found(lab) == urls(1)
