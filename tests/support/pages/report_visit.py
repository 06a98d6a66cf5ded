"""Visits to the report in a real browser, with all that it asks for or complains about."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Dialog, Page

NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"


@dataclass
class Visit:
    """A page and everything that it asked for or complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def wait_until_true(page: Page, condition: str) -> None:
    """Ask until ``condition`` holds; not ``wait_for_function``, whose polls use ``eval``, which the report's CSP forbids."""
    deadline = time.monotonic() + 120
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, f"this never came true: {condition}"
        page.wait_for_timeout(50)


def visit_page(context: BrowserContext, path: Path) -> Visit:
    visit = Visit(context.new_page())
    visit.page.on("request", lambda request: visit.requests.append(request.url))
    visit.page.on("console", lambda message: visit.complaints.append(message.text))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))

    def refuse(dialog: Dialog) -> None:
        visit.complaints.append("dialog")
        dialog.dismiss()

    visit.page.on("dialog", refuse)
    visit.page.goto(path.as_uri())
    # not "networkidle": on a loaded machine it may never be told.  A lazy picture in sight is waited for as well
    wait_until_true(
        visit.page,
        """document.readyState === "complete" && [...document.images].every((image) => image.complete
           || image.getBoundingClientRect().top > innerHeight || image.getClientRects().length === 0)""",
    )
    return visit


def shown_hosts(page: Page) -> list[str]:
    return page.locator(".case:not([hidden]) .host").all_text_contents()


def copied_text(page: Page, selector: str) -> str:
    """Return what a copy button hands over, seen by pasting it into the search of a fresh field."""
    page.click(selector)
    page.wait_for_selector(".toast:not([hidden])")
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'paste'}))")
    page.focus("#paste")
    page.keyboard.press("Control+v")
    text = page.input_value("#paste")
    page.evaluate("document.getElementById('paste').remove()")
    return text


CONTRAST = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const node of document.querySelectorAll('body *')) {
    if (!node.checkVisibility() || node.closest('svg, .dismissed, .off, script, option')) continue;
    if (!Array.from(node.childNodes).some((child) => child.nodeType === 3 && child.data.trim())) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(`${node.tagName}.${node.className} ${ratio.toFixed(2)}`);
  }
  return bad;
}"""
