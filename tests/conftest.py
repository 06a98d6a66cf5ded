"""What all tests share: the shipped brands, and folders that touch nobody's home."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from detector.brands import BrandLibrary, load_library
from detector.config import default_brands_dir
from tests.broker_support import rabbit_node, redis_url
from tests.database_support import database, postgres

__all__ = ["database", "postgres", "rabbit_node", "redis_url"]

# a run started in the background of a shell inherits an ignored SIGINT, and so would every process that a test interrupts
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Fingerprints are cached in a folder of the test run: what was there before must not decide a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("CLONEWATCH_WORKSPACE", raising=False)
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
