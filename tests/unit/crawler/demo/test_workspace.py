"""The demo makes its folder anew each time, and never deletes what it did not make."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.demo.server import DemoServers
from crawler.demo.workspace import MARKER, fresh_workspace
from detector.brands import load_library
from detector.config import load_config
from detector.errors import UsageError


@pytest.fixture(scope="module")
def servers() -> Iterator[DemoServers]:
    with DemoServers() as running:
        yield running


def test_the_configuration_is_one_that_the_product_takes(servers: DemoServers, tmp_path: Path) -> None:
    config = load_config(fresh_workspace(tmp_path / "demo", servers))
    assert config.capture.resolve == servers.resolve
    assert config.capture.allow_private == ("127.0.0.0/8",)
    assert config.discover.nameservers == (servers.nameserver,)
    assert config.discover.url_ports == (servers.https_port,)
    assert [feed.location for feed in config.discover.feeds] == list(servers.feed_urls)
    assert config.brands[1] == str(tmp_path / "demo" / "brands")


def test_the_copied_brands_sign_in_where_the_servers_are(servers: DemoServers, tmp_path: Path) -> None:
    folder = fresh_workspace(tmp_path / "demo", servers)
    addresses = {url for brand in load_library([folder / "brands"]) for url in brand.signin_urls}
    assert len(addresses) == 4
    assert all(f".test:{servers.https_port}/" in url for url in addresses)


def test_a_second_demo_starts_from_nothing(servers: DemoServers, tmp_path: Path) -> None:
    folder = fresh_workspace(tmp_path / "demo", servers)
    (folder / "clonewatch.sqlite").write_bytes(b"of the first run")
    assert fresh_workspace(folder, servers) == folder
    assert not (folder / "clonewatch.sqlite").exists()
    assert (folder / MARKER).is_file()


def test_an_empty_folder_is_taken(servers: DemoServers, tmp_path: Path) -> None:
    assert (fresh_workspace(tmp_path, servers) / MARKER).is_file()


def test_somebody_elses_folder_is_left_as_it_is(servers: DemoServers, tmp_path: Path) -> None:
    (tmp_path / "photographs.zip").write_bytes(b"precious")
    with pytest.raises(UsageError, match="not made by the demo"):
        fresh_workspace(tmp_path, servers)
    assert [path.name for path in tmp_path.iterdir()] == ["photographs.zip"]


def test_neither_files_nor_links_are_followed(servers: DemoServers, tmp_path: Path) -> None:
    made = fresh_workspace(tmp_path / "made", servers)
    (tmp_path / "link").symlink_to(made)
    (tmp_path / "file").write_text("x")
    for name in ("link", "file"):
        with pytest.raises(UsageError):
            fresh_workspace(tmp_path / name, servers)
    assert (made / MARKER).is_file()
