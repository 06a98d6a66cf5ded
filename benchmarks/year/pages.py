"""Documents of the year, in designs of our own: sign-in pages, support scams, and what honest people put on the web."""

from __future__ import annotations

import html
import random
from dataclasses import dataclass

from benchmarks.year.numbers import Number
from benchmarks.year.plan import Kind, Place

LANGUAGES = {"US": "en-US", "CA": "en-CA", "GB": "en-GB", "AU": "en-AU", "DE": "de", "ES": "es"}
SIGN_IN = {
    "en": ("Sign in", "Email or phone", "Password", "Forgot your password?", "Your session has expired. Confirm your account."),
    "de": ("Anmelden", "E-Mail-Adresse", "Passwort", "Passwort vergessen?", "Ihre Sitzung ist abgelaufen. Melden Sie sich neu an."),
    "es": ("Iniciar sesión", "Correo electrónico", "Contraseña", "¿La olvidaste?", "Tu sesión ha caducado. Confirma tu cuenta."),
    "fr": ("Se connecter", "Adresse e-mail", "Mot de passe", "Oublié ?", "Votre session a expiré. Confirmez votre compte."),
}  # fmt: skip
"""Button, both fields, the link below them and the pretext, by language."""
SCARE = {
    "en": (
        "{brand} Support: your computer is locked",
        "Error 0x{code}: your computer has been locked because of suspicious activity",
        "Do not switch it off. Your passwords and card numbers are being stolen. Call {brand} support at once",
        "Call now",
    ),
    "de": (
        "{brand} Support: Ihr Computer ist gesperrt",
        "Fehler 0x{code}: Ihr Computer wurde wegen verdächtiger Aktivität gesperrt",
        "Schalten Sie ihn nicht aus. Ihre Passwörter werden gestohlen. Rufen Sie sofort den {brand} Support an",
        "Jetzt anrufen",
    ),
    "es": (
        "Soporte de {brand}: su equipo está bloqueado",
        "Error 0x{code}: su equipo ha sido bloqueado por actividad sospechosa",
        "No lo apague. Están robando sus contraseñas y tarjetas. Llame de inmediato al soporte de {brand}",
        "Llame ahora",
    ),
}
"""Title, alarm, threat and button, by language."""
FIRMS = ("Bramble", "Tarrow", "Oldfield", "Pennick", "Sorrel", "Wexley", "Hartnell", "Corvane", "Mirren", "Dunlow")
TRADES = (
    "Bakery",
    "Bicycles",
    "Joinery",
    "Flowers",
    "Dental care",
    "Choir",
    "Bookshop",
    "Gardens",
    "Pottery",
    "Swimming club",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """The looks of a brand on the sites: its name and the path of its logo on every host."""

    id: str
    name: str
    logo: str


def document(place: Place, brand: Shown | None, others: tuple[Shown, ...]) -> str:
    """The front page of a clone, a scam or an ordinary site; ``others``: brands that innocent pages show."""
    chance = random.Random(place.number)
    if place.kind is Kind.CLONE and brand is not None:
        return _clone(brand, chance)
    if place.kind is Kind.SCAM and brand is not None:
        return _scam(brand, place.numbers, chance)
    return chance.choice((_shop, _news, _portal, _club, _club, _for_sale))(others, chance)


def _page(language: str, title: str, style: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css"><style>{style}</style>'
        f"</head><body>{body}</body></html>"
    )


def _logo(brand: Shown, height: int, alt: str | None = None) -> str:
    said = html.escape(brand.name if alt is None else alt)
    return f'<img src="{brand.logo}" alt="{said}" style="height:{height}px;max-width:320px;object-fit:contain">'


def _clone(brand: Shown, chance: random.Random) -> str:
    language = chance.choice(("en", "en", "en", "de", "es", "fr"))
    button, login, word, forgot, lead = SIGN_IN[language]
    name, hue = html.escape(brand.name), chance.randrange(360)
    # one in five says its brand by the logo alone
    spoken = chance.random() < 0.8
    title = f"{button} - {brand.name}" if spoken else button
    head = _logo(brand, chance.choice((32, 44, 56)), None if spoken else "")
    form = (
        f'<form method="post" action="{chance.choice(("post.php", "login", "/api/next", "step2.html"))}">'
        f'<p><input type="text" name="user" placeholder="{login}"></p>'
        f'<p><input type="password" name="pass" placeholder="{word}"></p><p><button>{button}</button></p></form>'
        f'<p><a href="#help">{forgot}</a></p>'
    )
    heading = f"<h1>{button}</h1><p>{lead if chance.random() < 0.5 else ''}</p>"
    footer = f"<footer>© {chance.randrange(2023, 2027)} {name if spoken else ''}</footer>"
    layouts = (
        f"<main class=box>{head}{heading}{form}</main>{footer}",
        f"<header>{head}</header><main class=box>{heading}{form}</main>{footer}",
        f"<div class=two><section>{head}<p>{lead}</p></section><section class=box>{heading}{form}</section></div>{footer}",
        f"<header class=bar>{head}</header><div class=hero></div><main class=over>{heading}{form}</main>{footer}",
    )
    style = f"button{{background:hsl({hue} 70% 40%);color:#fff}}.hero{{background:hsl({hue} 60% 88%)}}"
    return _page(language, title, style, chance.choice(layouts))


def _scam(brand: Shown, numbers: tuple[Number, ...], chance: random.Random) -> str:
    first, second = numbers
    language = LANGUAGES[first.land]
    title, error, lead, call = SCARE[language[:2]]
    name, code = html.escape(brand.name), f"{chance.randrange(0x10000000, 0x80000000):08X}"
    title, lead = title.format(brand=brand.name), lead.format(brand=name)
    body = (
        f"<div class=alarm><header>{_logo(brand, 40)}</header><h1>{error.format(code=code)}</h1><p>{lead}: "
        f'<a href="tel:{first.e164}">{first.shown}</a></p><p class=big>{call}: {second.shown}</p>'
        f"<p><button>OK</button> <button>{call}</button></p></div>"
    )
    if chance.random() < 0.3:
        body += f"<script>alert({title!r})</script>"
    if chance.random() < 0.3:
        body += (
            "<script>document.addEventListener('click', () => document.documentElement.requestFullscreen())</script>"
        )
    colour = chance.choice(("#0b3d91", "#8b0000", "#f3f3f3", "#222"))
    ink = "#222" if colour == "#f3f3f3" else "#fff"
    return _page(language, title, f"body{{background:{colour};color:{ink}}}", body)


def _firm(chance: random.Random) -> tuple[str, str]:
    return f"{chance.choice(FIRMS)} {chance.choice(FIRMS)}", chance.choice(TRADES)


def _shop(others: tuple[Shown, ...], chance: random.Random) -> str:
    firm, trade = _firm(chance)
    goods = "".join(
        f'<li><img src="/photo{chance.randrange(8)}.png" alt=""><p>No. {n}</p><p>{chance.randrange(5, 90)}.90</p></li>'
        for n in range(6)
    )
    paid = "".join(_logo(each, 24) for each in others)
    body = (
        f"<header class=bar><b>{firm} {trade}</b></header><ul class=goods>{goods}</ul>"
        f"<footer>We take {paid}<p>© {firm} {trade}</p></footer>"
    )
    return _page("en", f"{firm} {trade}: shop", "", body)


def _news(others: tuple[Shown, ...], chance: random.Random) -> str:
    firm, _ = _firm(chance)
    about = others[0]
    name = html.escape(about.name)
    body = (
        f"<header class=bar><b>The {firm} Courier</b></header><article><h1>{name} opens an office in the old harbour</h1>"
        f"{_logo(about, 60)}<p>{name} said on Tuesday that it would bring forty jobs to the town.</p>"
        f"<p>{'The council welcomed the plan. ' * chance.randrange(5, 25)}</p></article><footer>© The {firm} Courier</footer>"
    )
    return _page("en", f"{about.name} opens an office - The {firm} Courier", "", body)


def _portal(others: tuple[Shown, ...], chance: random.Random) -> str:
    firm, trade = _firm(chance)
    ways = "".join(
        f"<p><button>{_logo(each, 20, '')} Continue with {html.escape(each.name)}</button></p>" for each in others
    )
    body = (
        f"<main class=box><h1>{firm} {trade}</h1><p>Sign in to your {firm} account.</p><form method=post action=/session>"
        f"<p><input name=user placeholder=E-mail></p><p><input type=password name=pass placeholder=Password></p>"
        f"<p><button>Sign in</button></p></form>{ways}</main><footer>© {firm} {trade}</footer>"
    )
    return _page("en", f"Sign in - {firm} {trade}", "", body)


def _club(others: tuple[Shown, ...], chance: random.Random) -> str:
    firm, trade = _firm(chance)
    body = (
        f'<header class=bar><b>{firm} {trade}</b></header><article><img src="/photo{chance.randrange(8)}.png" alt="">'
        f"<p>{'We meet every Thursday at six in the hall behind the church. ' * chance.randrange(1, 9)}</p>"
        f"<p>Open from {chance.randrange(6, 10)} to {chance.randrange(3, 7)}.</p></article><footer>{firm} {trade}</footer>"
    )
    return _page("en", f"{firm} {trade}", "", body)


def _for_sale(others: tuple[Shown, ...], chance: random.Random) -> str:
    return _page(
        "en",
        "This domain is for sale",
        "",
        "<main class=box><h1>This domain is for sale</h1><p>Make an offer.</p></main>",
    )


STYLE = """*{box-sizing:border-box}body{margin:0;font:16px/1.5 Arial,Helvetica,sans-serif;color:#222}
footer{padding:24px;font-size:12px}header{padding:18px 32px}.bar{border-bottom:1px solid #ddd}
.box{width:400px;margin:48px auto;padding:28px;border:1px solid #ddd}.two{display:flex;gap:40px;padding:60px}
.two section{flex:1}.hero{height:180px}.over{width:420px;margin:-80px auto 40px;padding:24px;background:#fff}
input{width:100%;height:40px;padding:0 10px;border:1px solid #999;border-radius:4px}
button{min-height:40px;padding:0 22px;border:0;border-radius:4px}article{max-width:720px;margin:24px auto}
.goods{display:grid;grid-template-columns:repeat(3,1fr);gap:18px;padding:24px;list-style:none}.goods img{width:100%}
.alarm{max-width:820px;margin:40px auto;padding:24px;border:3px solid currentcolor}.big{font-size:34px;font-weight:700}"""
"""Of all pages."""
