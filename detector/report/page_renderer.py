"""Templates, stylesheet and scripts as one renderer; autoescape is on for everything, undefined names are errors."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import fields
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from detector.present.views import CaseNeighbours, CaseView, ListView, RowView

_PACKAGE = "detector.report"


class Renderer:
    """Renders pages.  ``fingerprint`` changes when any template, script or the stylesheet does."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader(_PACKAGE),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "ensure_ascii": False}
        self._environment.filters["many"] = "{:,}".format
        self.css = _asset("report.css")
        self.stylesheet = f"report-{hashlib.sha256(self.css.encode()).hexdigest()[:12]}.css"
        self._scripts = {page: _asset("common.js") + _asset(f"{page}.js") for page in ("list", "case")}
        templates = "".join(_text("templates", name) for name in sorted(self._environment.list_templates()))
        everything = templates + self.css + "".join(self._scripts.values())
        self.fingerprint = hashlib.sha256(everything.encode()).hexdigest()[:16]

    def case(self, case: CaseView, near: CaseNeighbours) -> str:
        """The page of one case."""
        return self._page("case", "../", case=case, near=near)

    def list(self, view: ListView) -> str:
        """The list page."""
        return self._page("list", "", list=view, data=_rows(view.rows))

    def _page(self, page: str, root: str, **values: object) -> str:
        script = self._scripts[page]
        template = self._environment.get_template("index.html" if page == "list" else f"{page}.html")
        return template.render(
            policy=policy(script),
            script=Markup(script),  # nosec B704  # noqa: S704 - our own file, pinned by the policy's hash
            stylesheet=self.stylesheet,
            root=root,
            **values,
        )


def _rows(rows: Sequence[RowView]) -> dict[str, object]:
    """All rows as the page's script takes them: names once, values in their order."""
    names = [field.name for field in fields(RowView)]
    return {"names": names, "rows": [[getattr(row, name) for name in names] for row in rows]}


def policy(script: str) -> str:
    """The Content-Security-Policy of a page whose only script is ``script``, inline.

    The script is allowed by its hash alone: no file, no handler attribute and no other element can run.  ``file:``
    stands beside ``'self'`` for styles and pictures, as browsers disagree whether an opaque ``file:`` origin equals
    itself (CSP Level 3, "Does url match expression in origin with redirect count?").
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'self' file:; img-src 'self' file:; "
        "base-uri 'none'; form-action 'none'"
    )


def _asset(name: str) -> str:
    return _text("assets", name)


def _text(folder: str, name: str) -> str:
    return resources.files(_PACKAGE).joinpath(folder, name).read_text("utf-8")
