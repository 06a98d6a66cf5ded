"""Forms, fields and labels."""

from __future__ import annotations

import pytest
from lxml import html

from crawler.probe.html.collected_facts import MOST_FORMS, MOST_INPUTS, CollectedFacts
from crawler.probe.html.form_elements import FORM_READERS, read_labels
from detector.model import Form, InputField

BASE = "https://q7xk2.example/start/"


def read(document: str) -> CollectedFacts:
    facts = CollectedFacts(BASE)
    root = html.document_fromstring(document)
    read_labels(facts, root)
    for node in root.iter(*FORM_READERS):
        FORM_READERS[str(node.tag)](facts, node)
    return facts


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ('<form action="next.php" method=" POST ">', Form(f"{BASE}next.php", "post")),
        ("<form>", Form(BASE, "get")),
        ('<form action=" " method="put">', Form(BASE, "get")),
        ('<form method="dialog">', Form(BASE, "dialog")),
    ],
)
def test_the_address_and_method_of_a_form(form: str, expected: Form) -> None:
    assert read(form).forms == [expected]


def test_a_field_takes_the_label_beside_it_or_around_it() -> None:
    facts = read(
        "<input id=a type=email name=user><label for=a>E-Mail</label><label>Password <input type=password></label>"
        '<select name=c aria-label="Country"></select><input type=hidden name=csrf>'
    )
    assert facts.inputs == [
        InputField(type="email", name="user", placeholder="", autocomplete="", label="E-Mail"),
        InputField(type="password", name="", placeholder="", autocomplete="", label="Password"),
        InputField(type="select-one", name="c", placeholder="", autocomplete="", label="Country"),
    ]


def test_a_button_that_is_a_picture_is_both() -> None:
    facts = read('<input type=image src="go.png" alt="Sign in">')
    assert [(image.tag, image.alt, image.src) for image in facts.images] == [("input", "Sign in", f"{BASE}go.png")]
    assert [field.type for field in facts.inputs] == ["image"]


def test_more_forms_and_fields_than_a_page_has_are_told() -> None:
    facts = read("<form></form>" * (MOST_FORMS + 1) + "<input>" * (MOST_INPUTS + 1))
    assert (len(facts.forms), len(facts.inputs)) == (MOST_FORMS, MOST_INPUTS)
    assert list(facts.reached) == ["forms", "fields"]
