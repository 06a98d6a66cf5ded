"""Source ``reports``: mailboxes of forwarded mail, each mail once."""

from __future__ import annotations

import mailbox
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.discovery.child_job import chosen_spiders, settings
from detector.config import Config, Mailbox
from detector.workspace import Workspace
from tests.support.servers.discovery import make_lab, run_source
from tests.support.store.mails import REPORTER, forwarded, qr_code


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A workspace with a brand of its own and one mailbox."""
    return make_lab(tmp_path, '[[discover.mailboxes]]\nname = "abuse"\nlocation = "mail"\n')


def mail(url: str) -> bytes:
    message = forwarded()
    message.set_content(
        f"Is this yours? {url}\nThey said to call +1 800 555 0199.\nSee https://www.ostrelin.example/\n"
    )
    return bytes(message)


def discover(lab: Path) -> str:
    return run_source(lab, "reports").stdout


def found(lab: Path) -> dict[str, tuple[str, ...]]:
    with Workspace.open(lab) as workspace:
        return {claim.candidate.url: claim.candidate.reasons for claim in workspace.store.backlog.claim(1000)}


def test_a_folder_of_mails(lab: Path) -> None:
    (lab / "mail/new").mkdir(parents=True)
    (lab / "mail/one.eml").write_bytes(mail(f"https://random-name.example/?id={REPORTER}"))
    picture = forwarded()
    picture.add_attachment(qr_code("https://qr.example/"), maintype="image", subtype="png", filename="code.png")
    (lab / "mail/new/two.eml").write_bytes(bytes(picture))
    (lab / "mail/three.eml").write_bytes(b"\x00no mail")
    said = discover(lab)
    assert "3 new mails" in said
    assert "1 entry without a URL" in said
    candidates = found(lab)
    assert set(candidates) == {"https://random-name.example/?id=someone@example.com", "https://qr.example/"}
    reason = candidates["https://random-name.example/?id=someone@example.com"][0]
    assert reason.endswith(
        "forwarded a mail with this address to abuse. The mail names the telephone number +18005550199."
    )
    assert b"anna.muster" not in (lab / "clonewatch.sqlite").read_bytes()
    assert "0 new mails" in discover(lab)
    (lab / "mail/four.eml").write_bytes(mail("https://later.example/"))
    assert "1 new mail" in discover(lab)
    assert set(found(lab)) == {"https://later.example/"}


def test_an_mbox_file_and_a_maildir(lab: Path) -> None:
    box = mailbox.mbox(lab / "mail")
    box.add(mail("https://one.example/"))
    box.add(mail("https://two.example/"))
    box.close()
    discover(lab)
    assert set(found(lab)) == {"https://one.example/", "https://two.example/"}
    (lab / "mail").unlink()
    folder = mailbox.Maildir(lab / "mail")
    folder.add(mail("https://three.example/"))
    discover(lab)
    assert set(found(lab)) == {"https://three.example/"}


def test_a_mailbox_that_is_missing_is_named(lab: Path) -> None:
    assert "mail cannot be read (No such file or directory)" in discover(lab)


def test_a_source_without_anything_to_read_runs_only_when_it_is_named(lab: Path) -> None:
    config = Config()
    usual = {spider.name for spider in chosen_spiders((), settings(), config)}
    assert usual == {"feeds", "links", "permutations", "recheck"}
    configured = replace(config, discover=replace(config.discover, mailboxes=(Mailbox("abuse", "mail"),)))
    assert {spider.name for spider in chosen_spiders((), settings(), configured)} == usual | {"reports"}
    assert [spider.name for spider in chosen_spiders(("reports",), settings(), config)] == ["reports"]
    text = (lab / "clonewatch.toml").read_text(encoding="utf-8").split("[[")[0]
    (lab / "clonewatch.toml").write_text(text, encoding="utf-8")
    assert "no mailbox is configured" in discover(lab)
