"""Fixtures for all tests: the shipped brands, and temporary folders in place of the user's."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from crawler.cli import launch  # noqa: F401  numeric libraries read their numbers of threads, which it sets, when imported
from crawler.discovery import runner
from detector import masking
from detector.brands import BrandLibrary, load_library
from detector.config import default_brands_dir
from detector.store import schema
from tests.support.preloaded import PreloadedProcess
from tests.support.servers.brokers import _rabbit, _redis, rabbit_node, redis_url
from tests.support.store.databases import database, postgres
from tests.support.store.quick_schema import quick_upgrade
from tests.support.warm_cache import warming

__all__ = ["_rabbit", "_redis", "database", "postgres", "rabbit_node", "redis_url"]

# a run started in the background of a shell inherits an ignored SIGINT, and so would every process that a test interrupts
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent


@pytest.hookimpl(tryfirst=True)  # before -m selects by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files marked as heavy: a long one that began last would leave the other cores idle at the end.

    What needs a node of RabbitMQ, which takes ten seconds of a core to come up and go, is an ordeal; Redis is there for the others.
    """
    for item in items:
        if "rabbit_node" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.ordeal)
    items.sort(key=lambda item: item.get_closest_marker("heavy") is None)


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Fingerprints are cached in a folder of the test run: what was there before must not decide a test.

    One for all its workers: to fingerprint the shipped logos takes a quarter of a minute.
    """
    base = tmp_path_factory.getbasetemp()
    cache = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    cache.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        patch.delenv("CLONEWATCH_WORKSPACE", raising=False)
        # a run of a few tests in one process may not need the shipped logos at all
        with warming() if os.environ.get("PYTEST_XDIST_WORKER") == "gw0" else nullcontext():
            yield


@pytest.fixture(autouse=True, scope="session")
def _preloaded_discovery() -> Iterator[None]:
    """The process that discovery runs in is forked from one that has imported Scrapy already.

    The command line in a process of its own, which is tested too, begins it as users have it.
    """
    forking = SimpleNamespace(Popen=PreloadedProcess, PIPE=subprocess.PIPE, TimeoutExpired=subprocess.TimeoutExpired)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "subprocess", forking)
        yield


@pytest.fixture(autouse=True)
def _no_secrets_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the secrets of one test's configuration: to the next test they are ordinary words."""
    monkeypatch.setattr(masking, "_known", set())
    monkeypatch.setattr(masking, "_pattern", None)


@pytest.fixture(autouse=True, scope="session")
def _quick_schema() -> Iterator[None]:
    """New SQLite databases are made with the statements that the migrations came to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "upgrade", quick_upgrade)
        yield


@pytest.fixture(scope="session")
def shipped_library() -> BrandLibrary:
    """The brands of the repository."""
    return load_library([default_brands_dir()])


@pytest.fixture(scope="session")
def bench_folder() -> Path:
    """The labelled pages beside the checkout; tests that need them are skipped where they are not."""
    folder = ROOT.parent / "shared" / "bench"
    if not (folder / "clones").is_dir():
        pytest.skip("the labelled pages of ../shared/bench are not here")
    return folder
