"""Installations of software that anybody may run, and copies of their pages."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.model import Capture, Form, Outcome, PageFacts
from detector.signals import CaptureView
from detector.signals.platform import SoftwareSignal


@pytest.mark.parametrize(
    ("url", "actions", "brand", "measure"),
    [
        ("https://blog.example/wp-login.php", ["https://blog.example/wp-login.php"], "wordpress", 1.0),
        ("https://x.example/a/wp-login.php?redirect_to=%2F", ["https://x.example/a/wp-login.php"], "wordpress", 1.0),
        ("https://git.example/users/sign_in", ["https://git.example/users/sign_in"], "gitlab", 1.0),
        ("https://m.example/owa/auth/logon.aspx?url=x", ["https://m.example/owa/auth.owa"], "outlook", 0.4),
        ("https://sts.example/adfs/ls/?wa=wsignin1.0", ["https://sts.example/adfs/ls/"], "microsoft", 0.4),
        ("https://blog.example/wp-login.php", ["https://blog.example/post.php"], "wordpress", 0.0),
        ("https://blog.example/wp-login.php", ["https://other.example/wp-login.php"], "wordpress", 0.0),
        (
            "https://blog.example/wp-login.php",
            ["https://blog.example/wp-login.php", "https://evil.example/"],
            "wordpress",
            0.0,
        ),
        ("https://blog.example/wp-login.php", [], "wordpress", 0.0),
        ("https://blog.example/login.html", ["https://blog.example/wp-login.php"], "wordpress", 0.0),
        ("https://blog.example/wp-login.php", ["https://blog.example/wp-login.php"], "paypal", 0.0),
        ("http://[::1", ["http://[::1"], "wordpress", 0.0),
    ],
)
def test_measure(shipped_library: BrandLibrary, url: str, actions: list[str], brand: str, measure: float) -> None:
    facts = PageFacts(text="Log in", forms=tuple(Form(action, "post") for action in actions), url=url)
    seen = CaptureView(Capture(url, Outcome.OK, final_url=url, facts=facts), lambda: None)
    assert SoftwareSignal(shipped_library).look(seen, shipped_library[brand]).measure == measure


def test_innocence_is_no_suspicion(shipped_library: BrandLibrary) -> None:
    url = "https://blog.example/wp-login.php"
    seen = CaptureView(
        Capture(url, Outcome.OK, final_url=url, facts=PageFacts(forms=(Form(url, "post"),), url=url)), lambda: None
    )
    assert not SoftwareSignal(shipped_library).suspects(seen)
