"""Names that the sieve drops are names that the matcher would not have selected."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from crawler.discovery.triage import Triage
from detector.brands import BrandLibrary
from detector.hosts import split_url
from detector.model import Brand
from detector.names.lures import FILLERS, LURES
from detector.names.matcher import SELECT, NameMatcher
from detector.names.typing_errors import TypingErrors, one_error_away

BRANDS = (
    Brand(id="amazon", name="Amazon", domains=("amazon.com", "amazon.co.jp")),
    Brand(id="americanexpress", name="American Express", names=("AmEx",), domains=("americanexpress.com",)),
    Brand(id="apple", name="Apple", names=("Apple ID",), domains=("apple.com", "me.com"), ambiguous=True),
    Brand(id="dhl", name="DHL", domains=("dhl.com",)),
    Brand(id="ebay", name="eBay", domains=("ebay.com",)),
    Brand(id="ing", name="ING", domains=("ing.com",), ambiguous=True),
    Brand(id="line", name="LINE", domains=("line.me",), ambiguous=True),
    Brand(id="paypal", name="PayPal", domains=("paypal.com",)),
    Brand(id="steam", name="Steam", domains=("steampowered.com",)),
    Brand(id="rakuten", name="楽天", names=("Rakuten",), domains=("rakuten.co.jp",)),
)
TRIAGE = Triage(BrandLibrary(BRANDS))
SIEVE = NameMatcher(BRANDS).sieve()
NAMES = (
    "amazon",
    "americanexpress",
    "amex",
    "apple",
    "appleid",
    "dhl",
    "ebay",
    "ing",
    "line",
    "paypal",
    "steam",
    "rakuten",
    "me",
)


def mistakes(word: str) -> st.SearchStrategy[str]:
    once = st.sampled_from(sorted(one_error_away(word)))
    return once.flatmap(lambda wrong: st.sampled_from(sorted(one_error_away(wrong)))) if len(word) > 9 else once


def lookalikes(word: str) -> st.SearchStrategy[str]:
    swaps = (
        ("m", "rn"),
        ("o", "0"),
        ("l", "1"),
        ("i", "l"),
        ("e", "3"),
        ("a", "4"),
        ("d", "cl"),
        ("a", "\u0430"),
        ("", ""),
    )
    return st.sampled_from(swaps).map(lambda swap: word.replace(swap[0], swap[1], 1) if swap[0] else word)


names = st.sampled_from(NAMES)
spelled = st.one_of(names, names.flatmap(mistakes), names.flatmap(lookalikes))
words = st.sampled_from(sorted(LURES | FILLERS))
junk = st.text("abcdefghilmnoprstuvxyz0123456789-", min_size=1, max_size=8)
noise = st.text("bcdfgjkpqvwxz", min_size=2, max_size=7)
piece = st.one_of(spelled, words, junk, noise, st.just("-"), st.integers(0, 99999).map(str))
label = st.lists(piece, min_size=1, max_size=4).map("".join)
ending = st.sampled_from(("com", "top", "co.jp", "blogspot.com", "duckdns.org", "xyz", "cn", "com.evil.net", "tk"))
host = st.tuples(st.lists(label, min_size=1, max_size=5).map(".".join), ending).map(".".join)


@pytest.mark.ordeal
@settings(max_examples=400, deadline=None)
@given(st.lists(host, min_size=1, max_size=40))
def test_nothing_that_is_selected_is_left_out(hosts: list[str]) -> None:
    kept = set(SIEVE.keep(hosts))
    for position, name in enumerate(hosts):
        score = TRIAGE.score_name(name)
        assert position in kept or score.score < SELECT, (name, score)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_text_is_taken(texts: list[str]) -> None:
    kept = SIEVE.keep(texts)
    assert kept == sorted(set(kept))
    assert all(0 <= position < len(texts) for position in kept)


@pytest.mark.parametrize(
    "name", ["paypal\n.example.com", "x" * 5000 + ".paypal.com", "\ud800.example", "http://a/?u=http://paypa1.com"]
)
def test_what_is_no_plain_host_does_not_move_the_others(name: str) -> None:
    names = ["quiet.example", name, "paypal-login.top", "quiet.example"]
    assert set(SIEVE.keep(names)) >= {1, 2}
    assert {0, 3}.isdisjoint(SIEVE.keep(names))


def test_most_of_what_says_nothing_is_left_out() -> None:
    quiet = [f"{word}{number}.example" for word in ("garden", "holzbau", "velo", "kaffee") for number in range(500)]
    assert SIEVE.keep(quiet) == []


def test_blocks_keep_their_positions() -> None:
    names = ["garden.example"] * 10_000
    wanted = [0, 4095, 4096, 8191, 9999]
    for position in wanted:
        names[position] = "PayPal-Login.top"
    assert SIEVE.keep(names) == wanted
    assert [position for position, _ in TRIAGE.sift(names)] == wanted


def test_no_brands_and_no_names() -> None:
    assert NameMatcher(()).sieve().keep(["paypal.com", "x.example"]) == []
    assert SIEVE.keep([]) == []


@pytest.mark.parametrize("word", ["ab", "amazon", "aab0"])
def test_one_error_away_is_the_sphere_of_that_distance(word: str) -> None:
    near = one_error_away(word)
    assert {OSA.distance(word, each) for each in near} == {1}
    swapped = word[1] + word[0] + word[2:]
    assert {word[1:], word + "7", word[:-1] + "z", swapped} - {word} <= near
    assert word not in near


@pytest.mark.bench
def test_on_the_labelled_names(bench_folder: Path, shipped_library: BrandLibrary) -> None:
    folder = bench_folder / "names"
    hosts = (folder / "benign_top50k.txt").read_text(encoding="utf-8").split()
    lines = (folder / "phishing_2019_2023.csv").read_text(encoding="utf-8").splitlines()[1:]
    hosts += [split_url(line.split(",")[1])[0] for line in lines]
    triage = Triage(shipped_library)
    kept = set(NameMatcher(shipped_library).sieve().keep(hosts))
    lost = [
        name for position, name in enumerate(hosts) if position not in kept and triage.score_name(name).score >= SELECT
    ]
    assert lost == []
    assert len(kept) < len(hosts) / 10


@pytest.mark.parametrize(
    ("piece", "found"),
    [
        ("amazn", (1, "amazon")),
        ("amzaon", (1, "amazon")),
        ("amazon", None),
        ("amzn", None),
        ("americnexpres", (2, "americanexpress")),
        ("amreicanexprss", (2, "americanexpress")),
        ("amrcnexpress", None),
        ("paypol", (1, "paypal")),
    ],
)
def test_the_nearest_name(piece: str, found: tuple[int, str] | None) -> None:
    assert TypingErrors(("amazon", "americanexpress", "paypal")).nearest(piece) == found
