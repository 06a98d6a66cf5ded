"""Pages of organisations, places and people whose names hold a brand's word: home page, sign-in, contact and shop."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from detector.model import Form, ImageBox, InputField, PageFacts
from detector.model.page import Box

KINDS = ("home", "sign-in", "contact", "shop")
SMALL = re.compile(r"\b(of|the|and|de|la|le|du|des|del|der|das|et|y|for|in|at|on|aus)\b", re.IGNORECASE)
PASSWORD = (InputField("email", "email", "Email"), InputField("password", "password", "Password"))


def pages_of(name: str, number: int) -> Iterator[tuple[str, PageFacts]]:
    """Make the four pages of one holder, with their kinds; ``number`` chooses host name and look."""
    host = hosts_of(name)[number % 4]
    for place, kind in enumerate(KINDS):
        yield kind, _page(name, host, kind, (number + place) % 3)


LOOKS = 5


def sign_in_page(name: str, look: int) -> PageFacts:
    """Make a sign-in page of a holder in one of :data:`LOOKS` other looks; the first is on a host name that says nothing."""
    words = re.findall("[a-z0-9]+", unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower())
    host = (
        "site.example",
        f"{''.join(words)}.com",
        f"{words[0]}{words[1]}.example",
        f"{'-'.join(words)}.org",
        f"{''.join(word[0] for word in words)}.net",
    )[look]
    title = (name, f"{name} – Log in", name.upper(), "Member Sign In", f"Login · {name}")[look]
    first = (name, name.upper(), f"{name}\nSince 1987", f"Welcome to {name}!", "Menu")[look]
    last = (
        f"© {name} 2026",
        f"© 2026 {name}, Inc.",
        f"Copyright {name}",
        f"© 2026 by {name}. Powered by WordPress.",
        f"2026 © {name}",
    )[look]
    body = f"Home\nServices\nLog in to your account\nUsername\nPassword\nLog in\nNew to {name}? Register here.\nCall us at 555 0100"
    return PageFacts(
        title=title,
        text=f"{first}\n{body}\n{last}",
        inputs=(InputField("text", "user", "Username"), InputField("password", "pw", "Password")),
        forms=(Form(f"https://{host}/login", "post"),),
        images=(ImageBox("img", Box(20, 10, 200, 60), f"{name} logo", f"https://{host}/logo.svg"),),
        url=f"https://{host}/login",
    )


def hosts_of(name: str) -> tuple[str, str, str, str]:
    """Host names that the holder may have: its words in one, with hyphens, without small words, and its initials."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"['.,]", "", plain)
    words = re.findall(r"[a-z0-9]+", plain)
    content = [word for word in words if not SMALL.fullmatch(word)]
    initials = "".join(word[0] for word in content)
    short = initials if len(initials) > 2 else "".join(content)
    return (
        f"www.{''.join(words)[:60]}.org",
        f"www.{'-'.join(content)[:60]}.com",
        f"{''.join(content)[:60]}.example",
        f"www.{short}.org",
    )


def _page(name: str, host: str, kind: str, look: int) -> PageFacts:
    base = f"https://{host}"
    titles = {
        "home": (f"{name}", f"{name} | Home", f"Welcome to {name}"),
        "sign-in": (f"Sign in | {name}", f"{name} - Member login", f"Log in to {name}"),
        "contact": (f"Contact us - {name}", f"{name} | Contact", f"How to find {name}"),
        "shop": (f"Shop | {name}", f"Checkout - {name}", f"{name} Online Shop"),
    }
    footer = (
        f"© 2026 {name}",
        f"Copyright © 2026 {name}. All rights reserved.",
        f"© 2019-2026 {name} · Privacy · Terms",
    )[look]
    bodies = {
        "home": f"Welcome to {name}\nNews\nEvents\nWe look forward to your visit.\nSubscribe to our newsletter\nYour email",
        "sign-in": f"Sign in to your {name} account\nEmail\nPassword\nSign in\nForgot your password?\nCreate an account",
        "contact": f"Contact {name}\nWrite to us or call between 9 and 5.\nName\nEmail\nMessage\nSend",
        "shop": f"{name} Shop\nYour basket\nOne item, 24.00\nCard number\nExpiry\nCVC\nPay now",
    }
    inputs = {
        "home": (InputField("email", "newsletter", "Your email"),),
        "sign-in": PASSWORD,
        "contact": (
            InputField("text", "name", "Name"),
            InputField("email", "email", "Email"),
            InputField("textarea", "message", "Message"),
        ),
        "shop": (InputField("text", "cardnumber", "Card number"), InputField("text", "cvc", "CVC")),
    }
    file = re.sub(r"[^a-z0-9]+", "-", name.lower())
    logo = ImageBox("img", Box(40, 20, 180, 48), f"{name} logo" if look == 1 else name, f"{base}/img/{file}-logo.png")
    return PageFacts(
        title=titles[kind][look],
        text=f"{name}\nHome  About  Contact\n{bodies[kind]}\n{footer}",
        images=(logo,),
        inputs=inputs[kind],
        forms=(Form(f"{base}/{kind}", "post"),),
        links=(f"{base}/", f"{base}/about", "https://www.facebook.com/page"),
        icons=(f"{base}/favicon.ico",),
        url=f"{base}/{'' if kind == 'home' else kind}",
    )
