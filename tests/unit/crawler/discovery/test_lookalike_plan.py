"""The brands whose lookalike names are looked up: none of the shipped ones unless somebody asks; and what is said before."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.discovery import lookalike_plan
from crawler.discovery.lookalike_plan import announcement, duration, plan_lookalikes
from detector.brands import BrandLibrary, load_library
from detector.config import Config, DiscoverConfig
from detector.errors import ConfigError

CHOICES = [
    # configuration, --brand, brands of the run
    ((), (), ["own", "team"]),
    (("*",), (), ["bank", "own", "post", "team"]),
    (("post",), (), ["post"]),
    (("post", "own"), (), ["own", "post"]),
    (("post", "*"), (), ["bank", "own", "post", "team"]),
    ((), ("bank",), ["bank"]),
    (("*",), ("bank", "own"), ["bank", "own"]),
]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BrandLibrary:
    """Two shipped brands, one of a team's folder, and one of the workspace."""
    for place in ("shipped/bank", "shipped/post", "team/team", "ws/brands/own"):
        name = Path(place).name
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "brand.toml").write_text(f'name = "{name}"\ndomains = ["{name}-site.example"]\n')
    (tmp_path / "link").symlink_to(tmp_path / "shipped")
    monkeypatch.setattr(lookalike_plan, "default_brands_dir", lambda: tmp_path / "link")
    return load_library([tmp_path / "shipped", tmp_path / "team", tmp_path / "ws" / "brands"])


def config(*brands: str) -> Config:
    return Config(discover=DiscoverConfig(lookalike_brands=brands))


@pytest.mark.parametrize(("listed", "ids", "brands"), CHOICES)
def test_brands_of_a_run(
    library: BrandLibrary, listed: tuple[str, ...], ids: tuple[str, ...], brands: list[str]
) -> None:
    plan = plan_lookalikes(config(*listed), library, ids)
    assert [brand.id for brand in plan.brands] == brands
    assert plan.most_names == 5000 * len(brands)


def test_the_announcement_counts_names_and_time(library: BrandLibrary) -> None:
    said = announcement(config(), library, (), ())
    assert said == "Looking up 10,000 lookalike names at most, of 2 brands: about 10 s at 1,000 names a second."
    assert "about 20 s" in announcement(config("*"), library, ("feeds", "permutations"), ())
    assert announcement(config(), library, ("feeds", "links"), ()) == "Asking 2 sources: feeds, links."


def test_where_no_brand_is_chosen_it_says_how_to_choose(library: BrandLibrary) -> None:
    shipped = BrandLibrary([library["bank"], library["post"]])
    plan = plan_lookalikes(config(), shipped)
    assert plan.brands == ()
    for way in ("--brand ID", "clonewatch brands add", "discover.lookalike_brands", '"*": all 2 brands'):
        assert way in plan.sentence


def test_an_unknown_brand_is_refused_by_name(library: BrandLibrary) -> None:
    with pytest.raises(ConfigError, match=r"discover\.lookalike_brands: there is no brand 'bnak'"):
        plan_lookalikes(config("bank", "bnak"), library)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "1 s"), (0.4, "1 s"), (10, "10 s"), (119, "119 s"), (740, "12 min"), (7300, "2 h")]
)
def test_a_duration_in_one_figure(seconds: float, said: str) -> None:
    assert duration(seconds) == said
