"""One bad row of a table costs itself only, and is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sources.feeds import FeedReader
from crawler.sources.feeds.csv_rows import rows_of, split_row

PLAIN = ["id,url,state", *(f"{number},http://n{number}.example/a,online" for number in range(1, 401))]
QUOTED = ["id,url,state", *(f'"{number}","http://n{number}.example/a","online"' for number in range(1, 401))]
BARE = PLAIN[1:]
NOTED = ["id,url,note", *(f'{number},http://n{number}.example/a,"seen, today"' for number in range(1, 401))]


def read(lines: list[str]) -> tuple[list[str], FeedReader]:
    reader = FeedReader([("\n".join(lines) + "\n").encode()], limit=10_000_000)
    return [record.url for record in reader.records()], reader


@pytest.mark.parametrize("table", [PLAIN, QUOTED, BARE, NOTED], ids=["plain", "quoted", "no header", "quoted notes"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("http://n10.example/a", 'http://n10.example/a"'),
        ("http://n10.example/a", '"http://n10.example/a'),
        ("http://n10.example/a", 'http://n10.example/a"b'),
        ("http://n10.example/a", 'http://n10.example/"a"'),
        ("10,", '"10,'),
        ("online", 'online"'),
        ("today", 'to"day'),
        ("http://n10.example/a", 'http://n10.example/a""'),
        ("http://n10.example/a", 'http://n10.example/"",""'),
        ("http://n10.example/a", ""),
        ("http://n10.example/a", "http://www.n10 .example/"),
    ],
)  # fmt: skip
def test_a_bad_row_hides_no_other(table: list[str], old: str, new: str) -> None:
    place = next(at for at, line in enumerate(table) if line.strip('"').startswith("10"))
    if old not in table[place]:
        return  # this table has no such cell
    found, reader = read([*table[:place], table[place].replace(old, new, 1), *table[place + 1 :]])
    others = {f"http://n{number}.example/a" for number in range(1, 401) if number != 10}
    assert others <= set(found)
    assert all(url.startswith("http://n10.example") for url in set(found) - others)
    assert reader.fault is None
    if len(found) < 400:
        assert "row 10 (" in reader.remarks.sentence()


def test_the_example_names_its_row() -> None:
    for table in (PLAIN, QUOTED):
        found, reader = read([*table[:10], table[10].replace("/a", '/a"', 1), *table[11:]])
        assert len(found) == 400
        assert reader.remarks.sentence().startswith("row 10 (line 11)")


def test_cells_that_go_on_in_the_next_lines() -> None:
    found, reader = read(["id,url,note", '1,http://a.example/,"two', 'or ""three""', 'lines"', "2,http://b.example/,x"])
    assert found == ["http://a.example/", "http://b.example/"]
    assert reader.junk == 0


def test_a_comma_in_an_address_that_is_not_quoted() -> None:
    rows = [f"{number},http://n{number}.example/,2026-01-0{number}" for number in range(1, 4)]
    found, reader = read(
        ["id,url,date", *rows, "4,http://n4.example/a,b,c,2026-01-04", "5,http://n5.example/,2026-01-05"]
    )
    assert found[3:] == ["http://n4.example/a,b,c", "http://n5.example/"]
    assert reader.junk == 0
    last, _ = read(["id,url", "1,http://n1.example/", "2,http://n2.example/a,b"])
    assert last == ["http://n1.example/", "http://n2.example/a,b"]
    notes, _ = read(["url,note", "http://n1.example/,a shop", "http://n2.example/,a shop, closed"])
    assert "http://n2.example/" in notes or len(notes) == 1
    doubt, reader = read(["url,path", "http://n1.example/,word", "http://n2.example/a,b,word"])
    assert doubt == ["http://n1.example/"]
    assert "row 2 (line 3)" in reader.remarks.sentence()
    assert "quotation marks" in reader.remarks.sentence()


def test_entities_and_blanks_in_feeds_are_whole() -> None:
    found, _ = read(
        ["id,url", "1,http://a.example/?a=1&amp;b=2", "2,http://a.example/&#108;ogin", "3,http://a.example/pay pal/x"]
    )
    assert found == ["http://a.example/?a=1&amp;b=2", "http://a.example/&#108;ogin", "http://a.example/pay pal/x"]


@given(st.lists(st.text(alphabet='a",;\n\\', max_size=8), max_size=6))
def test_any_lines_are_split(lines: list[str]) -> None:
    rows = list(rows_of(enumerate("\n".join(lines).split("\n"), 1)))
    assert [row.line for row in rows] == sorted({row.line for row in rows})


@given(st.lists(st.text(alphabet='a",b ', max_size=6), min_size=1, max_size=5))
def test_quoted_cells_are_what_they_were(cells: list[str]) -> None:
    written = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    assert split_row(written, ",") == ([cell.strip() for cell in cells], False, False)
