"""Permutations of a label."""

from __future__ import annotations

import subprocess
import sys

from crawler.discovery.label_permutations import WHOLE_SCRIPT, label_permutations


def test_rn_for_m_is_one_character() -> None:
    names = {name.domain: name for name in label_permutations("amazon", "com", "amazon.com")}
    assert "by one look-alike character " in names["arnazon.com"].sentence
    assert "by two look-alike characters " in names["arnaz0n.com"].sentence


def test_dnstwist_leaves_the_process_as_it_was() -> None:
    script = (
        "import socket; from crawler.discovery.label_permutations import _fuzzer_class; before = socket.getdefaulttimeout(); "
        "_fuzzer_class(); print(before, socket.getdefaulttimeout())"
    )
    # a process of its own: another test may have imported dnstwist already
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["None", "None"]


def test_short_labels_are_permuted_in_few_ways_and_all_under_the_same_ending() -> None:
    short = list(label_permutations("dhl", "example", "dhl.example"))
    assert {name.family for name in short} <= {"homoglyph", "cyrillic", "various", "hyphenation"}
    long = list(label_permutations("paypal", "example", "paypal.example"))
    assert {"transposition", "omission", "homoglyph"} <= {name.family for name in long}
    assert {name.domain.partition(".")[2] for name in long if name.family == "omission"} == {"example"}


def test_a_label_of_another_script_is_told_by_its_name() -> None:
    names = [name for name in label_permutations("paypal", "example", "paypal.example") if "Cyrillic" in name.sentence]
    assert names
    assert {name.danger for name in names} == {WHOLE_SCRIPT}
    assert all(name.domain.startswith("xn--") for name in names)
