"""HTML that inline scripts write, and the addresses they lead to."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from crawler.probe.html.html_facts import read_html
from crawler.probe.html.inline_scripts import jump_address, written

URL = "https://q7xk2.example/start/"
FORM = '<title>Kumoriva sign in</title><form action="x.php"><input type="password" name="p"></form>'


@pytest.mark.parametrize(
    "script",
    [
        f"document.write(unescape('{quote(FORM, safe='')}'))",
        f"document.write(decodeURIComponent(atob('{base64.b64encode(FORM.encode()).decode()}')))",
        f'document.write(atob("{base64.b64encode(quote(FORM, safe="").encode()).decode()}"))',
        "var a = '" + "".join(f"\\x{ord(char):02x}" for char in FORM) + "'; document.body.innerHTML = a",
        'var a = "' + "".join(f"\\u{ord(char):04x}" for char in FORM) + '"',
        f"document.write(String.fromCharCode({','.join(str(ord(char)) for char in FORM)}))",
        f"root.innerHTML = {json.dumps(FORM)}",
        f"root.innerHTML = `{FORM}`",
    ],
    ids=["percent", "base64", "both", "hex", "unicode", "codes", "literal", "template"],
)
def test_a_form_that_a_script_writes_is_seen(script: str) -> None:
    page = read_html(f"<!doctype html><body><script>{script}</script></body>".encode(), URL)
    assert page.facts.title == "Kumoriva sign in"
    assert [field.type for field in page.facts.inputs] == ["password"]
    assert not page.hollow


def test_at_most_five_pieces_are_given_and_each_once() -> None:
    forms = [f"<form action=x{number}.php><input type=password name=p></form>" for number in range(9)]
    assert written(f"root.innerHTML = {json.dumps(form)}" for form in [forms[0], *forms]) == forms[:5]


@pytest.mark.parametrize(
    ("scripts", "address"),
    [
        (["window.location.href = 'go/on.html';"], "go/on.html"),
        (["var a = 1", 'location.assign("https://b.example/x")', "location.replace('/third')"], "https://b.example/x"),
        (['if (location.href == "https://q7xk2.example/") {}'], ""),
        ([], ""),
    ],
)
def test_the_first_address_that_a_script_opens(scripts: list[str], address: str) -> None:
    assert jump_address(scripts) == address
