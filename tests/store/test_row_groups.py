"""Parquet files put together from others: the rows of both, in their order, for every reader."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import tables
from pipeline.store import duck, row_groups
from pipeline.store.files import as_arrow
from pipeline.store.row_groups import NotAlike

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.none() | st.text(max_size=9),
            "size": st.none() | st.integers(-(2**62), 2**62),
            "share": st.floats(allow_nan=False),
            "spans": st.lists(
                st.fixed_dictionaries({"start": st.integers(0, 99), "end": st.integers(0, 99)}), max_size=3
            ),
            "sure": st.booleans(),
        }
    ),
    max_size=30,
)
SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("size", pa.int64()),
        ("share", pa.float64()),
        ("spans", pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64())]))),
        ("sure", pa.bool_()),
    ]
)


def written(rows: list[dict[str, object]], path: Path) -> Path:
    """Write rows as DuckDB does."""
    with duckdb.connect() as connection:
        connection.register("rows", pa.Table.from_pylist(rows, SCHEMA))
        duck.write_parquet(connection, "rows", path)
    return path


@settings(max_examples=40, deadline=None)
@given(one=ROWS, other=ROWS, third=ROWS)
def test_rows_stand_one_after_the_other(
    one: list[dict[str, object]], other: list[dict[str, object]], third: list[dict[str, object]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Whatever the rows, DuckDB and Arrow read those of the first file, then those of what was appended, and again."""
    folder = tmp_path_factory.mktemp("groups")
    parts = [written(rows, folder / f"{number}.parquet") for number, rows in enumerate((one, other, third))]
    row_groups.append(parts[0], parts[1], folder / "two.parquet")
    row_groups.append(folder / "two.parquet", parts[2], folder / "all.parquet")
    assert pq.read_table(folder / "all.parquet").to_pylist() == [*one, *other, *third]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW written AS FROM read_parquet('{folder / 'all.parquet'}')")
        assert connection.sql("FROM written").to_arrow_table().to_pylist() == [*one, *other, *third]
        known = sum(row["size"] is not None for row in [*one, *other, *third])
        assert connection.sql("SELECT count(size) FROM written").fetchall() == [(known,)]
    footer, _ = row_groups.footer(folder / "all.parquet")
    assert row_groups.rows(footer) == len(one) + len(other) + len(third)


@pytest.mark.parametrize("table", tables.EXPORTED, ids=lambda table: table.name)
def test_a_footer_is_written_as_it_was_read(table: tables.Table, tmp_path: Path) -> None:
    """Of every table that is published, to the last byte: nothing in a footer is lost for want of knowing it."""
    with duckdb.connect() as connection:
        connection.register("rows", as_arrow(table, []))
        duck.write_parquet(connection, "rows", tmp_path / "one.parquet")
    footer, begin = row_groups.footer(tmp_path / "one.parquet")
    assert row_groups.struct_bytes(footer) == (tmp_path / "one.parquet").read_bytes()[begin:-8]


def test_places_of_every_page_are_moved(tmp_path: Path) -> None:
    """Row groups are found by their places alone: filters by minimum and maximum, and dictionaries, still hold."""
    rows = [{"name": f"n{n % 7}", "size": n, "share": n / 2, "spans": [], "sure": n % 2 == 0} for n in range(5000)]
    first, second = (written(part, tmp_path / f"{n}.parquet") for n, part in enumerate((rows[:3000], rows[3000:])))
    row_groups.append(first, second, tmp_path / "all.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW written AS FROM read_parquet('{tmp_path / 'all.parquet'}')")
        assert connection.sql("SELECT share FROM written WHERE size = 4321").fetchall() == [(2160.5,)]
        assert connection.sql("SELECT count(*) FROM written WHERE name = 'n3'").fetchall() == [(714,)]
    assert pq.ParquetFile(tmp_path / "all.parquet").metadata.num_row_groups == 2


def test_files_of_other_columns_or_writers_are_refused(tmp_path: Path) -> None:
    """What was not written alike is not put together, and what is no Parquet file is named."""
    first = written([], tmp_path / "one.parquet")
    pq.write_table(pa.table({"other": [1]}), tmp_path / "other.parquet")
    (tmp_path / "text.parquet").write_text("not a table, but long enough to hold a footer")
    (tmp_path / "short.parquet").write_text("PAR1")
    with pytest.raises(NotAlike, match="not written alike"):
        row_groups.append(first, tmp_path / "other.parquet", tmp_path / "all.parquet")
    for name in ("text", "short"):
        with pytest.raises(NotAlike, match=rf"{name}\.parquet is no Parquet file"):
            row_groups.append(first, tmp_path / f"{name}.parquet", tmp_path / "all.parquet")
    assert not (tmp_path / "all.parquet").exists()
