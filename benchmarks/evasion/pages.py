"""Sign-in pages of our own design, in five layouts, for any company's name and logo."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

LAYOUTS = ("card", "columns", "bar", "narrow", "plain")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Parts of a sign-in page; texts are HTML."""

    name: str
    logo: str
    title: str
    heading: str
    lead: str
    footer: str
    layout: str = "card"
    style: str = ""
    """More rules for the style sheet."""
    attributes: str = ""
    """Of the ``html`` element."""
    before: str = ""
    after: str = ""
    below_form: str = ""
    labels: tuple[str, str, str] = field(default=("Email address", "Password", "Sign in"))

    def render(self) -> str:
        """The document."""
        return (
            f'<!doctype html><html lang="en" {self.attributes}><head><meta charset="utf-8"><title>{self.title}</title>'
            f"<style>{BASE}{LAYOUT_STYLES[self.layout]}{self.style}</style></head><body>{self.before}"
            f"{self._body()}{self.after}</body></html>"
        )

    def _body(self) -> str:
        first, second, button = (html.escape(label) for label in self.labels)
        form = (
            f'<form method="post" action="next.php"><label>{first}<input type="email" name="login"></label>'
            f'<label>{second}<input type="password" name="pass"></label><button>{button}</button>'
            f'<p class="small"><a href="#forgot">Forgot your password?</a></p></form>{self.below_form}'
        )
        return (
            f'<header>{self.logo}</header><main><section class="intro"><h1>{self.heading}</h1><p>{self.lead}</p></section>'
            f'<section class="form">{form}</section></main><footer>{self.footer}</footer>'
        )


BASE = """
*{box-sizing:border-box}body{margin:0;font:16px/1.5 Arial,Helvetica,sans-serif;color:#222;background:#fff}
label{display:block;margin:12px 0;font-size:14px}input{display:block;width:100%;height:40px;border:1px solid #aaa;
border-radius:4px;padding:0 10px;font-size:15px}button{width:100%;height:42px;border:0;border-radius:4px;background:#1f5fbf;
color:#fff;font-size:16px}.small{font-size:13px}footer{font-size:12px;color:#777}h1{font-size:24px;font-weight:600}
img,svg,canvas{vertical-align:middle}
"""
LAYOUT_STYLES = {
    "card": """body{background:#f2f3f5}header{text-align:center;padding:48px 0 18px}main{width:380px;margin:0 auto;
padding:20px 28px;background:#fff;border-radius:8px;box-shadow:0 1px 6px #0003}footer{text-align:center;padding:24px}""",
    "columns": """header{padding:22px 60px}main{display:flex;gap:60px;padding:40px 60px}.intro{width:48%;padding-top:40px}
.form{width:36%}footer{padding:30px 60px;border-top:1px solid #ddd}""",
    "bar": """header{padding:12px 40px;background:#fff;border-bottom:1px solid #ddd}main{width:520px;margin:36px auto}
footer{text-align:center;padding:30px;background:#f7f7f7}""",
    "narrow": """body{width:420px;margin:0 auto;padding:0 20px}header{padding:30px 0}footer{padding:40px 0}""",
    "plain": """*{box-sizing:content-box}body{margin:8px;font:16px Times,serif}header{padding:0}
input{width:170px;height:auto;border-radius:0;padding:1px;display:inline}
button{width:auto;height:auto;color:#000;background:#eee;border:1px solid #888;border-radius:0}""",
}


def sheet_for(name: str, logo: str, layout: str) -> Sheet:
    """An ordinary sign-in page of a company."""
    shown = html.escape(name)
    return Sheet(
        name=name,
        logo=logo,
        title=f"{shown} - Sign in",
        heading=f"Sign in to {shown}",
        lead=f"Use your {shown} account to go on. If you have not used it on this device before, we will ask you to confirm.",
        footer=f'© 2026 {shown}. All rights reserved. · <a href="#privacy">Privacy</a> · <a href="#terms">Terms</a>',
        layout=layout,
    )
