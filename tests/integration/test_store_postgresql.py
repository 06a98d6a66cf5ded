"""Faults of a store on a server: be down, go away, come back, and let several writers in at once."""

from __future__ import annotations

import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from detector.errors import StoreError
from detector.model import utcnow
from detector.store import Store
from detector.store.backlog import lease_recovery, turns
from detector.store.migrations import VERSION_TABLE
from detector.store.models import TableBase
from tests.support.program import clonewatch
from tests.support.servers.postgres import Server, running
from tests.support.store.builders import CLEAR, candidate, capture, flagged, open_at_once, python

pytestmark = pytest.mark.usefixtures("postgres")

ADD_AND_WORK = """
import random, sys, time
from detector.model import Phone, PhoneSource
from detector.store import Store, text_key
from tests.support.store.builders import NOW, candidate, capture, flagged
urls = [f"https://h{number}.example/" for number in range(40)]
phones = [Phone(f"+1800555{number:04}", "x", PhoneSource.TEXT, "US") for number in range(12)]
random.seed(int(sys.argv[2]))
with Store.open(sys.argv[1], lease_seconds=0.01, max_attempts=1000) as store:
    store.sources.put("here", text_key(sys.argv[2]), "")
    while any(store.sources.get("here", text_key(str(number))) is None for number in range(4)):
        time.sleep(0.01)
    for turn in range(12):
        new = [f"https://t{turn}-{number}.example/" for number in range(400)]
        random.shuffle(new)
        some = [*random.sample(urls, 30), *new]
        brands = random.choice(["paypal", "dhl"]),
        store.backlog.add([candidate(url, brands=brands, reasons=(str(turn),)) for url in some])
        store.probes.add(new, "x", NOW)
        for claim in store.backlog.claim(5):
            shown = tuple(random.sample(phones, 6))
            store.finish(claim, capture(claim.candidate.url, phones=shown), flagged())
        taken, _ = store.probes.take(20, NOW)
        store.probes.release(taken, NOW)
print("done")
"""


def test_migrations_build_exactly_the_models(postgres: Server) -> None:
    engine = create_engine(postgres.new_database("migrated"))
    with engine.connect() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, TableBase.metadata) == []
    engine.dispose()


def test_programs_that_open_an_empty_database_at_once_all_find_it(postgres: Server) -> None:
    url = postgres.new_database()
    assert open_at_once(url) == ["was here"] * 6


def test_a_schema_newer_than_the_program(postgres: Server) -> None:
    url = postgres.new_database("migrated")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"schema 9999.*a newer clonewatch wrote it"):
        Store.open(url)


@pytest.mark.ordeal
def test_writers_of_the_same_rows_do_not_wait_in_a_circle(postgres: Server) -> None:
    url = postgres.new_database("migrated")
    processes = [python(ADD_AND_WORK, url, str(number)) for number in range(4)]
    said = [process.communicate()[0] for process in processes]
    assert said == ["done\n"] * 4
    with Store.open(url) as store:
        counts = store.counts()
    assert counts["done"] == counts["captures"] > 40
    assert counts["quarantined"] == 0


def test_a_reader_sees_one_state_throughout(postgres: Server) -> None:
    with Store.open(postgres.new_database("migrated")) as store:
        store.record(capture(), CLEAR)
        with store._database.read() as connection:
            count = text("SELECT count(*) FROM captures")
            before = connection.execute(count).scalar()
            writer = threading.Thread(target=lambda: store.record(capture("https://other.example/"), flagged()))
            writer.start()
            writer.join()
            assert connection.execute(count).scalar() == before == 1
        assert store.counts()["captures"] == 2


def test_a_server_that_goes_away_and_comes_back() -> None:
    with running() as server:
        store = Store.open(server.url())
        store.backlog.add([candidate()])
        server.stop()
        with pytest.raises(StoreError, match="cannot be used"):
            store.record(capture(), CLEAR)
        with pytest.raises(
            StoreError, match=r"database postgresql.* cannot be used \(.*what was stored before is safe"
        ):
            Store.open(server.url())
        server.start()
        assert store.counts()["due"] == 1
        [claim] = store.backlog.claim(1)
        store.finish(claim, capture(claim.candidate.url), flagged())
        assert store.counts()["done"] == 1
        store.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("/nowhere?", 'database "nowhere" does not exist'),
        ("postgresql+psycopg://stranger@", 'role "stranger" does not exist'),
    ],
)
def test_a_database_or_a_user_that_is_not_there(postgres: Server, change: str, said: str) -> None:
    url = postgres.url()
    url = url.replace("/postgres?", change) if "?" in change else url.replace("postgresql+psycopg://postgres@", change)
    with pytest.raises(StoreError, match=said):
        Store.open(url)


def test_the_commands_work_in_it(postgres: Server, tmp_path: Path) -> None:
    url = postgres.new_database()
    (tmp_path / "clonewatch.toml").write_text(f'[store]\ndatabase = "{url}"\n', encoding="utf-8")
    with Store.open(url) as store:
        store.record(capture("https://paypal-login.example/"), flagged())
    listed = clonewatch("cases", "list", "--workspace", str(tmp_path))
    assert listed.returncode == 0, listed.stderr
    assert "paypal-login" in listed.stdout
    assert not (tmp_path / "clonewatch.sqlite").exists()


def test_a_dump_is_a_backup(postgres: Server, tmp_path: Path) -> None:
    url = postgres.new_database("migrated")
    with Store.open(url) as store:
        store.backlog.add(candidate(f"https://h{number}.example/") for number in range(5))
        for claim in store.backlog.claim(2):
            store.finish(claim, capture(claim.candidate.url), flagged())
        before, seen = store.counts(), [shown.url for _, shown, _ in store.captures.stream()]
    dump = tmp_path / "store.dump"
    dump.touch()
    dump.chmod(0o666)
    _tool(postgres, "pg_dump", "-Fc", "-f", str(dump), url.partition("@/")[2].partition("?")[0])
    with Store.open(url) as store:
        store.backlog.add([candidate("https://after-the-dump.example/")])
    restored = postgres.new_database()
    _tool(postgres, "pg_restore", "--exit-on-error", "-d", restored.partition("@/")[2].partition("?")[0], str(dump))
    with Store.open(restored) as store:
        assert store.counts() == before
        assert [shown.url for _, shown, _ in store.captures.stream()] == seen
        # sequences came along: what is added now gets a number of its own
        assert store.backlog.add([candidate("https://new.example/")]) == 1


def _tool(server: Server, program: str, *words: str) -> None:
    command = [str(server.programs / program), "-h", str(server.folder), "-U", "postgres", *words]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("known", [False, True], ids=["statistics of before", "statistics of now"])
def test_a_claim_reads_the_heads_of_indexes(postgres: Server, known: bool) -> None:
    """Whatever PostgreSQL believes of the tables: a flood of rows comes faster than its statistics."""
    url, rows = postgres.new_database(), 3000
    with Store.open(url) as store:
        store.backlog.add(
            candidate(
                f"https://h{number}.example/",
                source=f"s{number % 3}",
                brands=(f"b{number % 2}",),
                due=utcnow() + timedelta(days=9 if number % 2 else -1),
            )
            for number in range(rows)
        )
    engine = create_engine(url)
    if known:
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
    asked = {
        "longest due": turns._LONGEST_DUE,
        "urgent": turns._URGENT,
        "of a source": turns._URGENT_OF_SOURCE.params(source="s1"),
        "of a brand": turns._DUE_OF_BRAND.params(brand="b0"),
        "of a brand that waits": turns._DUE_OF_BRAND.params(brand="b1"),
        "these": turns._THESE.params(these=list(range(1, 21))),
        "leases": lease_recovery._LEASES,
        "expired": lease_recovery._EXPIRED,
        "come": lease_recovery._COME,
        "next source": turns._NEXT_SOURCE.params(last="s0"),
        "next brand": turns._NEXT_BRAND.params(last="b0"),
    }
    read: dict[str, float] = {}
    for what, query in asked.items():
        bound = query.params(now=utcnow(), limit=8, chosen=[-1], full=["none"])
        said = bound.compile(engine, compile_kwargs={"literal_binds": True, "render_postcompile": True})
        with engine.begin() as connection:
            assert len(connection.execute(lease_recovery._LEASES_BY_INDEX).all()) == 1, (
                "a row also where nothing is leased"
            )
            [plan] = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {said}").scalar_one()
        read[what] = _touched(plan["Plan"])
    engine.dispose()
    assert {what: count for what, count in read.items() if count > rows / 10} == {}
    assert read["of a brand that waits"] == 0


def _touched(node: dict[str, Any]) -> float:
    """Rows that a plan reads, most of any of its steps."""
    read = float((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
    return max([read, *map(_touched, node.get("Plans", []))])
