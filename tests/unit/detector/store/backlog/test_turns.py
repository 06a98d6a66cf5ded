"""Order of claims: urgent first, a share for every brand, a limit for each site."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from detector.model import utcnow
from detector.store import Store
from detector.store.backlog.turns import OF_A_BRAND
from detector.store.migrations import VERSION_TABLE
from tests.support.store.builders import LATER, NOW, candidate

DAY = timedelta(days=1)


def hosts(store: Store, limit: int) -> list[str]:
    return [claim.candidate.url.split("/")[2] for claim in store.backlog.claim(limit)]


def test_a_flood_of_urgent_addresses_does_not_starve_the_rest(database: str) -> None:
    with Store.open(database, fair_share=0.25) as store:
        store.backlog.add(
            candidate(f"https://flood{number}.example/", priority=0.9, source="feeds:noisy") for number in range(200)
        )
        store.backlog.add(
            candidate(f"https://old{number}.example/", priority=0.1, due=NOW - DAY) for number in range(10)
        )
        first = hosts(store, 40)
        assert sum(host.startswith("old") for host in first) >= 7  # of ten turns half, and their source's
        assert first[0].startswith("flood"), "the urgent ones are handed out first"


def test_every_source_has_its_turns_whatever_another_reports(database: str) -> None:
    with Store.open(database, fair_share=0.3) as store:
        store.backlog.add(
            candidate(f"https://flood{number}.example/", priority=0.9, due=NOW - DAY, source="feeds:noisy")
            for number in range(400)
        )
        for source in ("ct_logs", "reports:customers"):
            store.backlog.add(
                candidate(f"https://{source[:2]}{number}.example/", priority=0.2 + number / 100, source=source)
                for number in range(20)
            )
        claimed = [host for _ in range(20) for host in hosts(store, 5)]
        # of 100 turns 30 are shared out, a third of them by source
        assert sum(host.startswith("ct") for host in claimed) >= 3
        assert sum(host.startswith("re") for host in claimed) >= 3
        assert next(host for host in claimed if host.startswith("ct")) == "ct19.example", "its most urgent first"


def test_every_brand_has_its_turns_whatever_another_suffers(database: str) -> None:
    with Store.open(database, fair_share=0.3) as store:
        store.backlog.add(
            candidate(f"https://flood{number}.example/", priority=0.9, due=NOW - DAY, brands=("paypal",))
            for number in range(400)
        )
        for brand in ("bank-a", "bank-b"):
            store.backlog.add(
                candidate(f"https://{brand}{number}.example/", priority=0.2, brands=(brand,)) for number in range(20)
            )
        claimed = [host for _ in range(20) for host in hosts(store, 5)]
        assert sum(host.startswith("bank-a") for host in claimed) >= 2
        assert sum(host.startswith("bank-b") for host in claimed) >= 2


def test_a_brand_whose_urgent_names_wait_for_later_days_has_its_turn(database: str) -> None:
    with Store.open(database, fair_share=0.3) as store:
        store.backlog.add(
            candidate(f"https://flood{number}.example/", priority=0.8, due=NOW - DAY) for number in range(200)
        )
        store.backlog.add(
            candidate(f"https://later{number}.example/", priority=0.9, brands=("bank",), due=utcnow() + DAY)
            for number in range(OF_A_BRAND + 10)
        )
        store.backlog.add(
            candidate(f"https://bank{number}.example/", priority=0.1 + number / 10, brands=("bank",))
            for number in range(3)
        )
        claimed = [host for _ in range(20) for host in hosts(store, 5)]
        found = [host for host in claimed if host.startswith("bank")]
        assert found == ["bank2.example", "bank1.example", "bank0.example"]
        assert not any(host.startswith("later") for host in claimed)


def test_turns_pass_over_those_who_have_nothing_due(database: str) -> None:
    with Store.open(database, fair_share=1.0) as store:
        store.backlog.add(
            candidate(
                f"https://later{number}.example/", source=f"source{number}", brands=(f"b{number}",), due=utcnow() + DAY
            )
            for number in range(9)
        )
        store.backlog.add([candidate("https://now.example/", source="z-last", brands=("z",))])
        assert hosts(store, 3) == ["now.example"]
        assert hosts(store, 3) == []


def test_a_share_below_one_turn_comes_in_its_time(database: str) -> None:
    with Store.open(database, fair_share=0.2) as store:
        store.backlog.add(candidate(f"https://flood{number}.example/", priority=0.9) for number in range(200))
        store.backlog.add([candidate("https://old.example/", priority=0.1, due=NOW - DAY)])
        assert any("old.example" in hosts(store, 1) for _ in range(150))


def test_without_a_share_the_order_is_strict(database: str) -> None:
    with Store.open(database) as store:
        store.backlog.add(candidate(f"https://urgent{number}.example/", priority=0.9) for number in range(5))
        store.backlog.add([candidate("https://old.example/", priority=0.1, due=NOW - DAY)])
        assert "old.example" not in hosts(store, 5)


@pytest.mark.parametrize(
    ("crowd", "limited"),
    [
        ([f"https://one.example/{number}" for number in range(300)], True),
        ([f"https://h{number}.farm.example/" for number in range(12)], True),
        ([f"https://shop{number}.blogspot.com/" for number in range(12)], False),
        ([f"https://10.0.0.1:{8000 + number}/" for number in range(12)], True),
    ],
)
def test_a_site_is_not_crowded_and_others_have_their_turn(database: str, crowd: list[str], limited: bool) -> None:
    with Store.open(database, per_site=2) as store:
        store.backlog.add(candidate(url, priority=0.9) for url in crowd)
        store.backlog.add(candidate(f"https://other{number}.test/", priority=0.1) for number in range(3))
        claims = store.backlog.claim(5)
        others = [claim for claim in claims if "other" in claim.candidate.url]
        assert (len(claims), len(others)) == ((5, 3) if limited else (5, 0))
        if limited:
            assert store.backlog.claim(5) == [], "until a look at the site has ended"
            store.backlog.release(claims[0])
            assert len(store.backlog.claim(5)) == 1


def test_brands_and_messages_keep_to_it_too(database: str) -> None:
    with Store.open(database, per_site=1, fair_share=0.5) as store:
        urls = [f"https://one.example/{number}" for number in range(4)]
        store.backlog.add(candidate(url, brands=("paypal",), due=NOW - LATER) for url in urls)
        assert len(store.backlog.claim(3, brands=["paypal"])) == 1
        assert store.backlog.dispatch(3, DAY) == []


OLDER_DELIVERIES = """
CREATE TABLE deliveries (
    id INTEGER NOT NULL, destination TEXT NOT NULL, case_id INTEGER NOT NULL, capture_id INTEGER NOT NULL, reference TEXT NOT NULL,
    at BIGINT NOT NULL, CONSTRAINT pk_deliveries PRIMARY KEY (id),
    CONSTRAINT fk_deliveries_case_id FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT fk_deliveries_capture_id FOREIGN KEY (capture_id) REFERENCES captures (id),
    CONSTRAINT uq_deliveries_destination_case_id UNIQUE (destination, case_id)
)
"""


def test_rows_of_an_older_store_have_their_turns_too(database: str) -> None:
    with Store.open(database) as store:
        store.backlog.add(
            candidate(f"https://h{number}.example/", source=source)
            for number, source in enumerate(('it\'s "x"', "ct_logs"))
        )
        store.backlog.add([candidate("https://h1.example/", source="feeds:later")])
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_backlog_source"))
        connection.execute(text("DROP INDEX ix_backlog_brands_due"))
        connection.execute(text("ALTER TABLE backlog DROP COLUMN source"))
        connection.execute(text("DROP TABLE journal"))
        connection.execute(text("ALTER TABLE cases DROP COLUMN named"))
        connection.execute(text("DELETE FROM chain_heads WHERE name = 'journal'"))
        connection.execute(text("DROP TABLE deliveries"))
        connection.execute(text(OLDER_DELIVERIES))
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0006'"))
    with Store.open(database, fair_share=1.0) as store:
        assert len(store.backlog.claim(2)) == 2
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT source FROM backlog ORDER BY id")).scalars().all()
    engine.dispose()
    assert sorted(rows) == ["ct_logs", 'it\'s "x"']
