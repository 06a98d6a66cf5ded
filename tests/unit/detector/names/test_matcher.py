"""Which brands a name speaks of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.hosts import inner_url
from detector.model import Brand
from detector.names.matcher import SELECT, NameMatch, NameMatcher

BRANDS = (
    Brand(id="amazon", name="Amazon", names=("Amazon", "アマゾン"), domains=("amazon.com", "amazon.co.jp")),
    Brand(id="apple", name="Apple", names=("Apple", "Apple ID"), domains=("apple.com", "icloud.com"), ambiguous=True),
    Brand(id="chase", name="Chase", names=("Chase",), domains=("chase.com",), ambiguous=True),
    Brand(id="dhl", name="DHL", names=("DHL",), domains=("dhl.com", "dhl.de")),
    Brand(id="ebay", name="eBay", names=("eBay",), domains=("ebay.com",)),
    Brand(id="google", name="Google", names=("Google",), domains=("google.com", "blogspot.com")),
    Brand(id="ing", name="ING", names=("ING",), domains=("ing.com",), ambiguous=True),
    Brand(id="line", name="LINE", names=("LINE",), domains=("line.me",), ambiguous=True),
    Brand(id="microsoft", name="Microsoft", names=("Microsoft",), domains=("microsoft.com", "live.com")),
    Brand(id="paypal", name="PayPal", names=("PayPal",), domains=("paypal.com", "paypalobjects.com")),
    Brand(id="steam", name="Steam", names=("Steam",), domains=("steampowered.com", "steamcommunity.com")),
    Brand(id="t-mobile", name="T-Mobile", names=("T-Mobile",), domains=("t-mobile.com",)),
)
MATCHER = NameMatcher(BRANDS)


def top(name: str) -> NameMatch:
    matches = MATCHER.match(name)
    assert matches, f"{name} matched nothing"
    return matches[0]


@pytest.mark.parametrize(
    ("name", "brand", "kind"),
    [
        ("paypa1.com", "paypal", "homoglyph"),
        ("rnicrosoft.com", "microsoft", "homoglyph"),
        ("annazon-login.top", "amazon", "homoglyph"),
        ("xn--pypal-4ve.com", "paypal", "homoglyph"),
        ("xn--80ak6aa92e.com", "apple", "homoglyph"),
        ("app1e.com", "apple", "homoglyph"),
        ("secureamazonlogin.com", "amazon", "combosquat"),
        ("paypal-support.com", "paypal", "combosquat"),
        ("support-paypal.net", "paypal", "combosquat"),
        ("paypalsecure.com", "paypal", "combosquat"),
        ("chase-login.net", "chase", "combosquat"),
        ("dhlparcel.nl", "dhl", "combosquat"),
        ("t-mobile-login.com", "t-mobile", "combosquat"),
        ("appleid-verify.com", "apple", "combosquat"),
        ("paypal-login.github.io", "paypal", "combosquat"),
        ("steamcommunlty.com", "steam", "homoglyph"),
        ("amzaon-account.com", "amazon", "typo"),
        ("microsofft.com", "microsoft", "typo"),
        ("paypal.com.evil.xyz", "paypal", "subdomain"),
        ("apple.com-support-id.info", "apple", "subdomain"),
        ("amazon.secure-login.example", "amazon", "subdomain"),
        ("http://evil.example/paypal/login.php", "paypal", "path"),
        ("https://evil.example/a/paypal.com/x", "paypal", "path"),
        ("http://192.0.2.7/chiPayPal/login.php", "paypal", "path"),
        ("paypal-login.blogspot.com", "paypal", "combosquat"),
    ],
)
def test_lookalikes_are_selected_for_the_right_brand(name: str, brand: str, kind: str) -> None:
    match = top(name)
    assert (match.brand, match.kind) == (brand, kind)
    assert match.score >= SELECT
    assert match.sentence.endswith(".")


@pytest.mark.parametrize(
    "name",
    [
        "amazonite.com", "pineapple.com", "chaseburger.com", "purchase.com", "connecting.com", "online-shop.de", "onlinefree.net",
        "shipping.com", "chase.org", "line.example", "ing.example", "example.com", "e-connecting.net", "appie.com", "goggles.com",
    ],
)  # fmt: skip
def test_ordinary_names_are_not_selected(name: str) -> None:
    assert all(match.score < SELECT for match in MATCHER.match(name))


@pytest.mark.parametrize(
    "name", ["www.paypal.com", "https://signin.amazon.co.jp/paypal/login.php", "t-mobile.com", "LIVE.com."]
)
def test_owned_names_give_nothing(name: str) -> None:
    assert MATCHER.match(name) == []


def test_where_anybody_can_publish_only_the_owner_is_left_out() -> None:
    assert [match.brand for match in MATCHER.match("google-paypal-login.blogspot.com")] == ["paypal"]


def test_one_match_a_brand_and_the_best_first() -> None:
    matches = MATCHER.match("paypal.com.amazon-login.top/paypal/")
    assert [match.brand for match in matches] == ["paypal", "amazon"]
    assert matches[0].score > matches[1].score


def test_a_sentence_names_what_was_swapped() -> None:
    assert top("rnicrosoft.com").sentence == "`rnicrosoft` looks like microsoft: `rn` for m."


def test_a_name_in_another_script_is_found() -> None:
    label = "アマゾン-login".encode("punycode").decode()
    assert top(f"xn--{label}.com").brand == "amazon"


def test_risky_endings_and_hosters_raise_the_score() -> None:
    assert top("paypal-login.top").score > top("paypal-login.org").score
    assert top("paypal-login.github.io").score > top("paypal-login.org").score


@given(st.text(max_size=80))
def test_any_text_is_taken(text: str) -> None:
    for match in MATCHER.match(text):
        assert 0 < match.score <= 1


@pytest.mark.parametrize(
    ("name", "brand", "where"),
    [
        ("line8121.top", "line", "name"),
        ("h-appleverifyxnxx.example", "apple", "name"),
        ("amazon-co-jp.example", "amazon", "name"),
        ("amazon982568.example", "amazon", "name"),
        ("paypal.shop.example", "paypal", "subdomain"),
        ("dhl.shop.example", "dhl", "subdomain"),
        ("apple.com.jp.shop.example", "apple", "subdomain"),
        ("apple.shop.top", "apple", "subdomain"),
        ("amazom.shop.example", "amazon", "subdomain"),
        ("shop.example/we/DHL/", "dhl", "path"),
        ("shop.example/AutoDHL/207caa", "dhl", "path"),
        ("shop.example/wp-admin/dhlpp.php", "dhl", "path"),
        ("shop.example/BHAPaypal/", "paypal", "path"),
        ("shop.example/Microsoftxxx/900", "microsoft", "path"),
        ("192.0.2.7/line/login.php", "line", "path"),
        ("shop.example/away?to=https%3A%2F%2Fpaypal-login.top%2F", "paypal", "path"),
        ("www.google.com/url?q=https://paypal-login.top/", "paypal", "path"),
    ],
)
def test_what_stands_beside_a_name_makes_it_worth_a_look(name: str, brand: str, where: str) -> None:
    match = top(name)
    assert (match.brand, match.where) == (brand, where)
    assert match.score >= SELECT, match


@pytest.mark.parametrize(
    "name",
    [
        "amazonite.com",
        "pineapple.com",
        "chaseburger.com",
        "line.shop.example",
        "lineage2.com",
        "google.shop.example",
        "shop.example/news/how-paypal-changed-the-way-people-pay",
        "shop.example/online/lineup/applesauce.html",
        "www.google.com/url?q=https://shop.example/",
        "ingress.example",
        "studio-dhlvx.example",
    ],
)
def test_what_stands_in_the_name_by_chance_or_by_right_is_not(name: str) -> None:
    assert not [match for match in MATCHER.match(name) if match.score >= SELECT]


def test_a_lure_in_the_path_completes_a_name_in_the_host() -> None:
    alone, beside = top("ebay9.example"), top("ebay9.example/hl/login/index.html")
    assert alone.score < SELECT <= beside.score
    assert beside.sentence == f"{alone.sentence} The path contains login."


@pytest.mark.parametrize(
    ("rest", "inner"),
    [
        ("/url?q=https://a.example/b&sa=D", "https://a.example/b"),
        ("/?u=https%3A%2F%2Fa.example%2Fb%3Fc&x=1", "https://a.example/b?c"),
        ("/?u=https%253A%252F%252Fa.example", "https://a.example"),
        ("/HTTP://A.example/", "HTTP://A.example/"),
        ("/http/a.example", None),
        ("", None),
    ],
)
def test_an_address_inside_an_address(rest: str, inner: str | None) -> None:
    assert inner_url(rest) == inner


@given(st.lists(st.text(alphabet="abcdeglmnoprstuy0123456789-.", min_size=1, max_size=60), max_size=4))
def test_any_host_is_taken(labels: list[str]) -> None:
    for match in MATCHER.match(".".join(labels)):
        assert 0 < match.score <= 1


def test_a_long_hostile_name_ends() -> None:
    assert MATCHER.match("login" * 12 + ".com/" + "login-" * 2000) == []


@pytest.mark.parametrize(
    ("name", "brand"),
    [
        ("linefdagfdgdf.com", "line"),
        ("dhjksfline.com", "line"),
        ("line-rfdf.com", "line"),
        ("apple-vbnorqp.com", "apple"),
    ],
)
def test_an_everyday_name_among_letters_that_nobody_chose_deserves_a_look(name: str, brand: str) -> None:
    match = top(name)
    assert match.brand == brand
    assert match.score >= SELECT
    assert "beside letters that form no word" in match.sentence


@pytest.mark.parametrize("name", ["fdgqxonline.com", "sydneyairline.com", "dancers-line.com", "goldapple.example"])
def test_the_same_within_or_beside_words_does_not(name: str) -> None:
    assert all(match.score < SELECT for match in MATCHER.match(name))


def test_an_everyday_name_above_a_path_that_asks_for_something_deserves_a_look() -> None:
    assert all(match.score < SELECT for match in MATCHER.match("https://orchard-apple.example/"))
    match = top("https://orchard-apple.example/user/login.php")
    assert (match.brand, match.score >= SELECT) == ("apple", True)
    assert "The path contains login" in match.sentence


def test_an_everyday_name_that_a_hyphenated_label_begins_with_deserves_a_look_and_one_at_its_end_does_not() -> None:
    assert top("line-serve.com").score >= SELECT
    assert top("serve-line.com").score < SELECT
