"""Pages that show brands' logos for innocent reasons; none of them imitates anybody."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.evasion.marks import Mark, img, row
from benchmarks.evasion.pages import BASE, LAYOUTS, Sheet, sheet_for

Maker = Callable[[Mark, Sequence[Mark], int], str]
"""(company that shows it, brands that are shown, number of the variant) -> document."""


def _own(company: Mark, number: int) -> Sheet:
    logo = f"{img(company.address, company.canvas, company.name)} <b style='font-size:22px'>{company.name}</b>"
    return sheet_for(company.name, logo, LAYOUTS[number % len(LAYOUTS)])


def _small(mark: Mark, height: int = 22, **more: str) -> str:
    scale = height / mark.size[1]
    return img(mark.address, (round(mark.canvas[0] * scale), round(mark.canvas[1] * scale)), more.get("alt", mark.name))


def _article(company: Mark, title: str, body: str, *, aside: str = "") -> str:
    names = zip("abcd", ("Home", "News", "About us", "Contact"), strict=True)
    links = " · ".join(f'<a href="#{to}">{name}</a>' for to, name in names)
    nav = f"<nav>{links}</nav>"
    style = "header{padding:18px 60px;border-bottom:1px solid #ddd}main{width:760px;margin:20px auto}footer{padding:30px 60px}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)} - {company.name}</title>'
        f"<style>{BASE}{style}</style></head><body>"
        f"<header>{img(company.address, company.canvas, company.name)} <b>{company.name}</b>{nav}</header>"
        f"<main><h1>{html.escape(title)}</h1>{body}</main>{aside}"
        f"<footer>© 2026 {company.name}. All rights reserved.</footer></body></html>"
    )


PROSE = (
    "We looked at this for three weeks with the help of our readers and of two people who work in the field. What we found is less "
    "spectacular than the headlines, and more useful. "
)


def _social(company: Mark, brands: Sequence[Mark], number: int) -> str:
    buttons = "".join(
        '<p style="border:1px solid #ccc;border-radius:4px;padding:8px;text-align:center">'
        f"{_small(b, 20, alt='')} Continue with {b.name}</p>"
        for b in brands[:3]
    )
    return replace(_own(company, number), below_form=f"<p class=small>or</p>{buttons}").render()


def _only_social(company: Mark, brands: Sequence[Mark], number: int) -> str:
    first = brands[0]
    button = (
        '<p style="border:1px solid #ccc;padding:10px;text-align:center">'
        f"{_small(first, 24, alt='')} Sign in with {first.name}</p>"
    )
    sheet = replace(_own(company, number), before="", below_form=button)
    document = sheet.render()
    start, end = document.index("<form"), document.index("</form>") + len("</form>")
    return document[:start] + document[end:]


def _payment(company: Mark, brands: Sequence[Mark], number: int) -> str:
    marks = row(_small(b, 26) for b in brands[:4])
    form = (
        '<form action="/pay" method="post"><label>Name on card<input name="holder"></label>'
        '<label>Card number<input name="cardnumber" autocomplete="cc-number"></label>'
        '<label>Security code<input name="cvc"></label><button>Pay 48.00</button></form>'
    )
    accepted = ", ".join(b.name for b in brands[:4])
    order = "<p>Your order: 1 lamp, oak. Delivery in three days.</p>"
    body = f"{order}<p>We accept {accepted}.</p><p>{marks}</p>{form}"
    return _article(company, "Checkout", body)


def _share(company: Mark, brands: Sequence[Mark], number: int) -> str:
    icons = row(f'<a href="#share">{_small(b, 20, alt="Share on " + b.name)}</a>' for b in brands[:5])
    follow = " · ".join(f'<a href="#f">Follow us on {b.name}</a>' for b in brands[:3])
    return _article(company, "How we repaired the old mill", f"<p>{PROSE * 6}</p><p>Share: {icons}</p><p>{follow}</p>")


def _trusted(company: Mark, brands: Sequence[Mark], number: int) -> str:
    wall = row(_small(b, 34, alt="") for b in brands[:6])
    sheet = _own(company, number)
    return replace(sheet, after=f'<div style="text-align:center;padding:30px"><p>Trusted by</p>{wall}</div>').render()


def _news(company: Mark, brands: Sequence[Mark], number: int) -> str:
    b = brands[0]
    titles = (
        f"{b.name} warns customers of fake sign-in pages",
        f"{b.name} reports record quarter",
        f"What the new {b.name} logo says about the company",
    )
    text = f"<p>{img(b.address, (b.canvas[0] * 2, b.canvas[1] * 2), b.name)}</p><p>{b.name} said on Tuesday. {PROSE * 5}</p>"
    news = (
        '<form><label>Get our newsletter<input type="email" name="newsletter" placeholder="Your email"></label>'
        "<button>Subscribe</button></form>"
    )
    return _article(company, titles[number % 3], text + news)


def _reseller(company: Mark, brands: Sequence[Mark], number: int) -> str:
    b = brands[0]
    body = (
        f"<p>{img(b.address, b.canvas, b.name)}</p><p>{company.name} is an authorised reseller of {b.name}. {PROSE * 2}</p>"
        f"<p>{b.name} and its logo are trademarks of their owner. We are independent and not affiliated with {b.name}.</p>"
        '<form action="/ask"><label>Your name<input name="name"></label><label>Message<textarea name="message"></textarea></label>'
        "<button>Ask for an offer</button></form>"
    )
    return _article(company, f"{b.name} products", body)


def _status(company: Mark, brands: Sequence[Mark], number: int) -> str:
    lines = "".join(
        f"<p>{_small(b, 22)} {b.name}: {'operational' if i else 'outage since 08:14'}</p>"
        for i, b in enumerate(brands[:6])
    )
    return _article(company, f"Is {brands[0].name} down? Current outages and status", lines + f"<p>{PROSE}</p>")


def _badges(company: Mark, brands: Sequence[Mark], number: int) -> str:
    badges = row(
        '<span style="background:#000;color:#fff;padding:8px;border-radius:6px">'
        f"{_small(b, 20, alt='')} Get it on {b.name}</span>"
        for b in brands[:2]
    )
    return replace(_own(company, number), after=f'<div style="text-align:center">{badges}</div>').render()


def _integrations(company: Mark, brands: Sequence[Mark], number: int) -> str:
    cards = "".join(
        '<div style="display:inline-block;width:220px;border:1px solid #ddd;margin:8px;padding:14px">'
        f"{_small(b, 36)}<h3>{b.name}</h3><p class=small>Connect {company.name} with {b.name}.</p></div>"
        for b in brands[:6]
    )
    return _article(company, "Integrations", cards)


def _shop(company: Mark, brands: Sequence[Mark], number: int) -> str:
    b = brands[0]
    items = "".join(
        f'<div style="display:inline-block;width:230px;margin:8px"><div style="height:110px;background:#eee"></div>{_small(b, 18)} '
        f"{b.name} model {k}, refurbished<br>{90 + 17 * k}.00</div>"
        for k in range(6)
    )
    login = (
        '<form action="/login"><label>Email<input type="email" name="email"></label>'
        '<label>Password<input type="password" name="password"></label><button>Log in</button></form>'
    )
    return _article(company, f"Refurbished {b.name} devices", items + (login if number % 2 else ""))


def _forum(company: Mark, brands: Sequence[Mark], number: int) -> str:
    b = brands[0]
    posts = "".join(
        f"<p><b>user{k}</b>: My {b.name} account asks for the password again and again. {PROSE}</p>" for k in range(4)
    )
    return _article(company, f"Cannot sign in to {b.name} since the update", posts)


def _job(company: Mark, brands: Sequence[Mark], number: int) -> str:
    b = brands[0]
    body = f"<p>{_small(b, 40)}</p><p>{b.name} is hiring a data engineer in Lisbon. {PROSE * 3}</p><a href='#apply'>Apply now</a>"
    return _article(company, f"Data engineer at {b.name}", body)


def _review(company: Mark, brands: Sequence[Mark], number: int) -> str:
    a, b = brands[0], brands[1]
    body = f"<p>{row([_small(a, 44), 'versus', _small(b, 44)])}</p><p>{a.name} or {b.name}? {PROSE * 5}</p>"
    return _article(company, f"{a.name} vs {b.name}: our review and the alternatives", body)


KINDS: dict[str, Maker] = {
    "social sign-in": _social,
    "social sign-in only": _only_social,
    "payment marks": _payment,
    "share buttons": _share,
    "trusted-by wall": _trusted,
    "news": _news,
    "reseller": _reseller,
    "status page": _status,
    "store badges": _badges,
    "integrations": _integrations,
    "shop": _shop,
    "forum": _forum,
    "job advert": _job,
    "review": _review,
}
