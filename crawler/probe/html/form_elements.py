"""Forms, their fields, and the labels of these."""

from __future__ import annotations

from lxml import etree

from crawler.probe.html.collected_facts import MOST_FORMS, MOST_INPUTS, CollectedFacts, ElementReader, shortened
from crawler.probe.html.label_texts import LabelTexts
from detector.model import Form, InputField


def read_labels(facts: CollectedFacts, root: etree._Element) -> None:
    """Read the labels of a document; a field's label may come behind it, hence before the fields."""
    facts.label_texts = LabelTexts(root)
    for label in root.iter("label"):
        named = label.get("for")
        if named and named not in facts.labels:
            if len(facts.labels) >= MOST_INPUTS:
                return
            facts.labels[named] = shortened(facts.label_texts.of(label))


def read_form(facts: CollectedFacts, node: etree._Element) -> None:
    """Add a form with its address and method; without an address it sends to the page itself."""
    if len(facts.forms) < MOST_FORMS:
        method = (node.get("method") or "get").strip().lower()
        action = facts.base.absolute((node.get("action") or "").strip() or facts.url)
        facts.forms.append(Form(action, method if method in ("post", "dialog") else "get"))
    else:
        facts.reached.setdefault("forms")


def read_field(facts: CollectedFacts, node: etree._Element) -> None:
    """Add a field that is not hidden, with its label; a button that is a picture is a picture, too."""
    kind = (node.get("type") or "text").strip().lower() if node.tag == "input" else str(node.tag)
    kind = "select-one" if kind == "select" else kind
    if kind == "hidden":
        return
    if kind == "image":
        facts.add_image(node, "input", node.get("alt"), facts.base.absolute(node.get("src")))
    if len(facts.inputs) >= MOST_INPUTS:
        facts.reached.setdefault("fields")
        return
    label = node.get("aria-label") or facts.labels.get(node.get("id") or "", "")
    if not label:
        above = next((parent for parent in node.iterancestors("label")), None)
        label = facts.label_texts.of(above) if above is not None else ""
    facts.inputs.append(
        InputField(
            type=kind,
            name=shortened(node.get("name")),
            placeholder=shortened(node.get("placeholder")),
            autocomplete=shortened(node.get("autocomplete")),
            label=shortened(label),
        )
    )


FORM_READERS: dict[str, ElementReader] = {
    "form": read_form,
    "input": read_field,
    "textarea": read_field,
    "select": read_field,
}
