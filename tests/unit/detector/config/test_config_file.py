"""``clonewatch.toml``: what is refused, and at which line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from detector.config import CONFIG_NAME, Config, default_brands_dir, load_config, sections, tables_of
from detector.errors import ConfigError

FEEDS = '[[discover.feeds]]\nname = "a"\nlocation = "a.txt"\n\n[[discover.feeds]]\nname = "b"\nlocation = "b.txt"\n'


def test_defaults_where_there_is_no_file(tmp_path: Path) -> None:
    assert load_config(tmp_path) == Config()
    assert Config().brand_folders() == (default_brands_dir(),)
    assert (default_brands_dir() / "paypal" / "brand.toml").is_file()


def test_every_table_of_the_file_is_an_attribute_of_the_configuration() -> None:
    assert list(sections()) == [name for name in Config.__dataclass_fields__ if name != "brands"]
    assert list(tables_of(sections()["discover"])) == ["feeds", "name_lists", "mailboxes"]
    assert list(tables_of(sections()["schedule"])) == ["jobs"]
    assert tables_of(sections()["capture"]) == {}


def test_a_file_that_says_something(tmp_path: Path) -> None:
    (tmp_path / "clonewatch.toml").write_text(
        f'brands = ["mine"]\n{FEEDS}[capture]\nslots = 9\nallow_private = ["10.0.0.0/8"]\n'
    )
    config = load_config(tmp_path)
    assert (config.capture.slots, [feed.name for feed in config.discover.feeds]) == (9, ["a", "b"])
    assert config.brand_folders() == (Path("mine"),)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("[capture]\nslots = = 2\n", 2, "not valid TOML"),
        ("[capture]\n\nslotz = 2\n", 3, "unknown key 'slotz' in [capture]; known: "),
        ("# head\n[captures]\n", 2, "unknown key 'captures'; known: capture, detect, discover,"),
        ("capture = 3\n", 1, "capture must be a table: [capture]"),
        ('[detect]\nflag_at = 0.9\n[capture]\nslots = "two"\n', 4, "capture.slots: Expected `int`, got `str`"),
        (f'{FEEDS}max_entries = "all"\n', 8, "discover.feeds[1].max_entries: Expected `int`, got `str`"),
        (f"{FEEDS}colour = 1\n", 8, "unknown key 'colour' in [discover.feeds]; known: authorization, brand_field,"),
        ('[capture]\nslots = 2\nallow_private = ["home"]\n', 3, "capture.allow_private: 'home' is not a CIDR block"),
        ("[store]\n[capture]\ntotal_seconds = 0\n", 3, "capture.total_seconds must be above 0"),
        ("[detect]\nreview_at = 0.9\n", 2, "detect.review_at (0.9) must not be above detect.flag_at (0.8)"),
        ("[broker]\nurl = 'http://b'\n", 2, "broker.url must begin with amqp://"),
        ('[discover]\nfeeds = [{name = "a", colour = 1}]\n', 2, "unknown key 'colour' in [discover.feeds]; known: "),
        ("\n[schedule]\njobs = [{hour = 3}]\n", 3, "unknown key 'hour' in [schedule.jobs]; known: "),
        (
            f"# head\n\nbrands = {'[' * 5000}{']' * 5000}\n[capture]\nslots = 2\n",
            3,
            "not valid TOML: its tables or lists nest too deeply",
        ),
    ],
)
def test_an_error_names_file_and_line(tmp_path: Path, text: str, line: int, problem: str) -> None:
    path = tmp_path / "clonewatch.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path)
    assert str(caught.value).startswith(f"{path}:{line}: {problem}")


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "clonewatch.toml").write_bytes(b"[capture]\nprofile = '\xff'\n")
    with pytest.raises(ConfigError, match=r"clonewatch\.toml:2: not valid TOML: not UTF-8"):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ('name = "a b"\nprobability = 0.9', "expected a name of letters, digits, - and _"),
        ('name = ""\nprobability = 0.9', "expected a name of letters, digits, - and _"),
        ('name = "sure"\nprobability = 0', "sure: probability must be above 0 and at most 1"),
        ('name = "sure"\nprobability = 98', "sure: probability must be above 0 and at most 1"),
        ('name = "sure"', "missing required field `probability`"),
        ('name = "sure"\nprobability = 0.9\nbrand = "x"', "unknown key 'brand' in [takedown.without_review]"),
        (
            'name = "sure"\nprobability = 0.9\n[[takedown.without_review]]\nname = "sure"\nprobability = 0.8',
            "two rules are called sure",
        ),
    ],
)
def test_a_rule_of_release_that_cannot_be_meant_is_refused(tmp_path: Path, rule: str, problem: str) -> None:
    (tmp_path / CONFIG_NAME).write_text(f"[[takedown.without_review]]\n{rule}\n")
    with pytest.raises(ConfigError, match=re.escape(problem)):
        load_config(tmp_path)
