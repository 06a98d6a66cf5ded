"""Write docs/configuration.md and docs/configuration.schema.json from the dataclasses of detector/config."""

from __future__ import annotations

import ast
import inspect
import json
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from detector.config import Config, sections, tables_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, SCHEMA = DOCS / "configuration.md", DOCS / "configuration.schema.json"
HEAD = """# Configuration

`clonewatch.toml` in the workspace. Every key has a default; unknown keys are refused, and errors name file and line. Besides the
tables below there is one key, `brands`: a list of folders of brands that replace the shipped ones. Relative paths are relative to
the file. Options of the command line take precedence.

[configuration.schema.json](configuration.schema.json) is the same as a JSON Schema, for editors and for programs that write the
file. Both are written by `python -m tools.write_config_docs`.
"""


def attribute_docs(kind: type) -> dict[str, str]:
    """Return the string below each attribute of a class, by the attribute's name."""
    (tree,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(tree, ast.ClassDef)
    docs: dict[str, str] = {}
    for first, second in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(first, ast.AnnAssign) and isinstance(first.target, ast.Name) and isinstance(second, ast.Expr):
            value = second.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                docs[first.target.id] = " ".join(value.value.split())
    return docs


def page() -> str:
    """Return the text of docs/configuration.md."""
    parts = [HEAD]
    for name, kind in sections().items():
        parts += _table(f"[{name}]", kind)
        for key, member in tables_of(kind).items():
            parts += _table(f"[[{name}.{key}]]", member)
    return "\n".join(parts)


def schema() -> str:
    """Return the text of docs/configuration.schema.json, JSON Schema 2020-12."""
    kinds: list[type[DataclassInstance]] = [
        Config,
        *sections().values(),
        *(member for kind in sections().values() for member in tables_of(kind).values()),
    ]
    written = msgspec.json.schema(Config)
    for kind in kinds:
        definition: dict[str, Any] = written["$defs"][kind.__name__]
        definition["additionalProperties"] = False
        for name, text in attribute_docs(kind).items():
            definition["properties"][name]["description"] = _plain(text)
    written = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "clonewatch.toml",
        **written,
    }
    return json.dumps(written, indent=2, ensure_ascii=False) + "\n"


def _table(heading: str, kind: type[DataclassInstance]) -> list[str]:
    docs = attribute_docs(kind)
    rows = [f"| `{entry.name}` | {_default(entry)} | {docs[entry.name].replace('``', '`')} |" for entry in fields(kind)]
    about = " ".join((kind.__doc__ or "").split())
    return [f"## {heading}", "", about, "", "| key | default | meaning |", "| --- | --- | --- |", *rows, ""]


def _default(entry: Field[Any]) -> str:
    """Return a default as TOML writes it, or ``required``."""
    value = entry.default if entry.default_factory is MISSING else entry.default_factory()
    if value is MISSING:
        return "required"
    if value is None:
        return "none"
    # JSON writes these values as TOML does
    return f"`{json.dumps(list(value) if isinstance(value, tuple) else value)}`"


def _plain(text: str) -> str:
    return text.replace("``", "`")


def main() -> None:
    """Write both files."""
    PAGE.write_text(page(), encoding="utf-8")
    SCHEMA.write_text(schema(), encoding="utf-8")


if __name__ == "__main__":
    main()
