"""The generated pages of the configuration are those of today's classes."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields
from typing import Any

import jsonschema
import pytest

from detector.config import sections
from tools import write_config_docs as docs


def test_the_page_is_up_to_date() -> None:
    assert docs.PAGE.read_text(encoding="utf-8") == docs.page(), "run python -m tools.write_config_docs"


def test_the_schema_is_up_to_date() -> None:
    assert docs.SCHEMA.read_text(encoding="utf-8") == docs.schema(), "run python -m tools.write_config_docs"


def test_every_key_says_what_it_means() -> None:
    for kind in sections().values():
        assert set(docs.attribute_docs(kind)) == {entry.name for entry in fields(kind)}


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("", True),
        (
            'brands = ["b"]\n[capture]\nslots = 2\nevidence = "all"\n[[discover.feeds]]\nname = "a"\nlocation = "a.txt"',
            True,
        ),
        ('[[schedule.jobs]]\nname = "hourly"\ncron = "7 * * * *"', True),
        ("[capture]\nslotz = 2", False),
        ('[capture]\nslots = "two"', False),
        ('[capture]\nevidence = "some"', False),
        ('[[discover.feeds]]\nname = "a"', False),
        ("[captures]", False),
    ],
)
def test_the_schema_tells_a_configuration_from_another_file(text: str, valid: bool) -> None:
    schema: dict[str, Any] = json.loads(docs.schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid(tomllib.loads(text)) is valid
