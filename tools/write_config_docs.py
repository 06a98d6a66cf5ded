"""Writes docs/configuration.md from the dataclasses of detector/config.py: names, types, defaults and their docstrings."""

from __future__ import annotations

import ast
import inspect
from dataclasses import MISSING, Field, fields
from pathlib import Path

from detector import config

SECTIONS = {
    "capture": config.CaptureConfig,
    "detect": config.DetectConfig,
    "discover": config.DiscoverConfig,
    "discover.feeds": config.Feed,
    "discover.name_lists": config.NameList,
    "discover.mailboxes": config.Mailbox,
    "store": config.StoreConfig,
    "evidence": config.EvidenceConfig,
    "ct": config.CtConfig,
    "probe": config.ProbeConfig,
    "registration": config.RegistrationConfig,
    "schedule": config.ScheduleConfig,
    "schedule.jobs": config.CrawlJob,
    "retention": config.RetentionConfig,
    "broker": config.BrokerConfig,
}
HEAD = """# Configuration

`clonewatch.toml` in the workspace. Everything has a default; unknown keys are refused. Beside the tables there is one key:
`brands`, a list of folders of brands that take the place of the shipped ones. Relative paths are relative to the file.
Options of the command line win. Written by `python tools/write_config_docs.py`.
"""


def attribute_docs(kind: type) -> dict[str, str]:
    """The string below each attribute of a class."""
    (tree,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(tree, ast.ClassDef)
    docs: dict[str, str] = {}
    for first, second in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(first, ast.AnnAssign) and isinstance(first.target, ast.Name) and isinstance(second, ast.Expr):
            value = second.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                docs[first.target.id] = " ".join(value.value.split())
    return docs


def default_of(field: Field[object]) -> str:
    """The default as TOML readers know it, or ``required``."""
    if field.default_factory is not MISSING:
        return f"`{field.default_factory()!r}`"
    return "required" if field.default is MISSING else f"`{field.default!r}`"


def main() -> None:
    """Write the page."""
    parts = [HEAD]
    for name, kind in SECTIONS.items():
        docs = attribute_docs(kind)
        heading = f"## [{name}]" if "." not in name else f"## [[{name}]]"
        parts += [heading, "", "| key | default | meaning |", "| --- | --- | --- |"]
        for field in fields(kind):
            parts.append(f"| `{field.name}` | {default_of(field)} | {docs.get(field.name, '')} |")
        parts.append("")
    Path("docs/configuration.md").write_text("\n".join(parts))


if __name__ == "__main__":
    main()
