"""Intact bundles verify; altered byte ranges are reported; hostile bundles are refused within limits."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.jobs.time_stamping import stamp_pending
from detector.bundle import (
    SigningKey,
    TrustAnchors,
    Verification,
    chain_problems,
    load_public_key,
    make_key,
    verify_bundle,
)
from detector.bundle.bundle_layout import EXTRAS
from detector.config import EvidenceConfig
from detector.errors import UsageError
from tests.support.store.evidence import BIG, desk, make_authority

RANGE = re.compile(r"(\d+) to (\d+)")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return make_key(tmp_path_factory.mktemp("key") / "key.pem")


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory, key: SigningKey) -> dict[str, Path]:
    """Two signed bundles of one store, the first of them as a zip file too, and an unsigned one."""
    folder = tmp_path_factory.mktemp("bundles")
    with desk(folder / "signed", key) as signed:
        one, two = signed.add("one.example"), signed.add("two.example")
        found = {"one": signed.export(one, folder), "two": signed.export(two, folder)}
        found["zip"] = signed.export(one, folder, as_zip=True)
    with desk(folder / "plain") as plain:
        found["plain"] = plain.export(plain.add("one.example"), folder / "other")
    return found


@pytest.fixture
def one(bundles: dict[str, Path], tmp_path: Path) -> Path:
    """A copy to tamper with."""
    return Path(shutil.copytree(bundles["one"], tmp_path / "bundle"))


def said(result: Verification) -> str:
    assert not result.intact
    return " | ".join(result.problems)


@pytest.mark.parametrize("name", ["one", "two", "zip", "plain"])
def test_an_untouched_bundle_is_intact(bundles: dict[str, Path], name: str) -> None:
    result = verify_bundle(bundles[name])
    assert result.problems == []
    assert result.files == 7
    assert ("it is not signed" in result.notes) == (name == "plain")


def test_a_bundle_holds_what_its_readme_says(one: Path) -> None:
    names = {path.relative_to(one).as_posix() for path in one.rglob("*") if path.is_file()}
    assert names - {name for name in names if name.startswith("files/")} == set(EXTRAS) - {"manifest.tsr"}
    assert "files/view-2-phone-us-screenshot.png" in names
    done = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=one, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")
    assert "one[.]example" in (one / "README.txt").read_text()


def test_openssl_alone_verifies_signature_and_time_stamp(tmp_path: Path, key: SigningKey) -> None:
    authority = make_authority(tmp_path / "tsa")
    with desk(tmp_path / "ws", key) as opened, authority.serving():
        case = opened.add()
        config = EvidenceConfig(timestamp_url=authority.url, timestamp_roots=str(authority.roots))
        assert stamp_pending(opened.store, config).stamped == 1
        bundle = opened.export(case, tmp_path / "out")
    for command in re.findall(
        r"^ {5}(openssl .*(?:sig|ROOTS\.pem))$", (bundle / "README.txt").read_text(), re.MULTILINE
    ):
        words = command.replace("ROOTS.pem", str(authority.roots)).split()
        done = subprocess.run(words, cwd=bundle, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert re.search(r"Verified Successfully|Verification: OK", done.stdout + done.stderr)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_byte_of_any_file_is_found_and_its_range_holds_it(one: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([*sorted(one.rglob("*.*")), one / "SHA256SUMS"]))
    content = path.read_bytes()
    position = data.draw(st.integers(0, len(content) - 1))
    flipped = bytearray(content)
    flipped[position] ^= data.draw(st.integers(1, 255))
    path.write_bytes(flipped)
    try:
        sentences = said(verify_bundle(one))
    finally:
        path.write_bytes(content)
    name = path.relative_to(one).as_posix()
    if name.startswith("files/"):
        [sentence] = [part for part in sentences.split(" | ") if part.startswith(name)]
        [(first, last)] = [(int(a), int(b)) for a, b in RANGE.findall(sentence)]
        assert first <= position <= last
        assert last - first < 65_536
    else:
        assert name in sentences or "signature" in sentences


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, BIG - 1), size=st.integers(1, 3))
def test_a_byte_that_is_taken_out_or_put_in_is_found(one: Path, position: int, size: int) -> None:
    path = one / "files" / "screenshot.png"
    content = path.read_bytes()
    for changed in (
        content[:position] + content[position + size :],
        content[:position] + b"!" * size + content[position:],
    ):
        path.write_bytes(changed)
        sentences = said(verify_bundle(one))
        ranges = [(int(a), int(b)) for a, b in RANGE.findall(sentences)]
        assert any(first <= position <= last for first, last in ranges)
    path.write_bytes(content)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_zip_file_with_a_flipped_byte_never_breaks_the_verifier(
    bundles: dict[str, Path], tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(bundles["zip"].read_bytes())
    position = data.draw(st.integers(0, len(content) - 1) | st.integers(len(content) - 1500, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "flipped.zip"
    path.write_bytes(content)
    result = verify_bundle(path)
    # what the zip format says of times and systems is no evidence
    original = verify_bundle(bundles["zip"])
    assert not result.intact or (result.sha256, result.files) == (original.sha256, original.files)


def test_missing_and_surplus_files(one: Path) -> None:
    (one / "files" / "screenshot.png").unlink()
    (one / "files" / "more.png").write_bytes(b"x")
    (one / "README.txt").unlink()
    sentences = said(verify_bundle(one))
    assert "files/screenshot.png is missing" in sentences
    assert "files/more.png is not in the manifest" in sentences
    assert "SHA256SUMS lists README.txt, which is missing" in sentences


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("manifest.json", "manifest.json is missing"),
        ("manifest.sig", "its signature by key [0-9a-f]{16} is missing"),
        ("public-key.pem", "public-key.pem is missing"),
        ("SHA256SUMS", "SHA256SUMS is missing"),
    ],
)
def test_what_lies_beside_the_files_cannot_be_taken_away(one: Path, name: str, sentence: str) -> None:
    (one / name).unlink()
    assert re.search(sentence, said(verify_bundle(one)))


def test_a_manifest_that_was_written_anew_breaks_the_signature(one: Path) -> None:
    text = (one / "manifest.json").read_bytes()
    (one / "manifest.json").write_bytes(text.replace(b"0.97", b"0.17"))
    assert re.search("its signature by key [0-9a-f]{16} is invalid", said(verify_bundle(one)))
    (one / "manifest.json").write_bytes(text.replace(b",", b", ", 1))
    assert "no canonical JSON" in said(verify_bundle(one)) or "not canonical" in said(verify_bundle(one))


def test_a_bundle_signed_by_another_key_is_not_trusted(
    bundles: dict[str, Path], key: SigningKey, tmp_path: Path
) -> None:
    other = make_key(tmp_path / "other.pem")
    assert load_public_key(tmp_path / "other.pem.pub") == other.public
    assert verify_bundle(bundles["one"], TrustAnchors(key.public)).problems == []
    assert "not by the trusted key" in said(verify_bundle(bundles["one"], TrustAnchors(other.public)))
    assert "is not signed, although a trusted key was given" in said(
        verify_bundle(bundles["plain"], TrustAnchors(key.public))
    )


def test_the_sha256_that_was_told_elsewhere(bundles: dict[str, Path]) -> None:
    known = verify_bundle(bundles["one"]).sha256
    assert verify_bundle(bundles["one"], TrustAnchors(sha256=known)).intact
    assert "not the expected" in said(verify_bundle(bundles["two"], TrustAnchors(sha256=known)))


def test_links_between_bundles(bundles: dict[str, Path]) -> None:
    first, second, other = (verify_bundle(bundles[name]) for name in ("one", "two", "plain"))
    assert chain_problems([second, first]) == []
    [fork, broken] = chain_problems([other, first, second])
    assert "the chain has a fork" in fork
    assert "the chain is broken between them" in broken


def test_a_path_that_is_not_a_bundle(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        verify_bundle(tmp_path / "absent")
    (tmp_path / "text").write_text("hello")
    assert "neither a folder nor a zip file" in said(verify_bundle(tmp_path / "text"))
