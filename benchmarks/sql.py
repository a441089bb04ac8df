"""The example questions on a warehouse of a million statements, invented, and five of them in pandas too.

    ./run bench sql [--statements 1000000]

Names, words and sums are drawn by a hash of the row, so that two runs ask the same rows; words and speakers by Zipf's
law. A question is asked as an analyst asks it, read-only and with all of its rows; pandas has its frames in memory
before the clock starts. What extraction costs is `refresh`'s business.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import duckdb

from pipeline import query, tables
from pipeline.settings import ROOT, Settings
from pipeline.store import staging

STATEMENTS_A_DOCUMENT = 10
STATEMENTS_A_SUM = 10
ACTORS = 20_000
WORDS = 50_000
REPEATS = 3
EXAMPLES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "sql" / "examples").glob("*.sql"))}

DRAWING = (
    "CREATE TEMP MACRO draw(row_number, what, n) AS CAST(hash(hash(row_number, what)) % n AS BIGINT)",
    "CREATE TEMP MACRO drawn(row_number, what, given) AS given[1 + draw(row_number, what, len(given))]",
    """CREATE TEMP MACRO person(number) AS CASE number
        WHEN 0 THEN 'anda-krumina' WHEN 1 THEN 'kaja-kallas' WHEN 2 THEN 'UKR' WHEN 3 THEN 'nato' WHEN 4 THEN 'POL'
        WHEN 5 THEN 'EST' ELSE 'person-' || number END""",
    f"""CREATE TEMP MACRO somebody(row_number, what) AS
        person(CAST(floor(pow({ACTORS}, draw(row_number, what, 1000000) / 1e6)) AS BIGINT) - 1)""",
    f"""CREATE TEMP MACRO word(row_number, place) AS CASE draw(row_number, place, 400)
        WHEN 0 THEN 'attack' WHEN 1 THEN 'Article 5'
        ELSE 'w' || CAST(floor(pow({WORDS}, draw(row_number, place + 100, 1000000) / 1e6)) AS BIGINT) END""",
)
"""What a row holds, by its number and by what is drawn."""

ROWS = {
    "documents": """
        SELECT 'd' || i AS doc_id, 'outlet ' || draw(i, 1, 40) AS source, 'news/' || i || '.txt' AS raw_uri,
            DATE '2022-01-01' + CAST(draw(i, 2, 1500) AS INTEGER) AS published_on, repeat('text ', 200) AS text,
            CASE WHEN draw(i, 3, 50) = 0 THEN 'd0' END AS duplicate_of
        FROM range($documents) AS rows(i)""",
    "rejected_documents": """
        SELECT 'r' || i AS rejection_id, 'empty' AS reason, i || '.txt' AS raw_uri
        FROM range(1000) AS rows(i)""",
    "actors": """
        SELECT person(i) AS actor_id,
            CASE i WHEN 0 THEN 'Anda Krūmiņa' WHEN 1 THEN 'Kaja Kallas'
                ELSE 'Name' || i || ' Family' || i % 5000 END AS name,
            CASE WHEN i IN (2, 4, 5) THEN 'state' ELSE 'person' END AS actor_type,
            CASE i WHEN 2 THEN 'UKR' WHEN 4 THEN 'POL' WHEN 5 THEN 'EST'
                ELSE drawn(i, 4, ['EST', 'LVA', 'POL', 'DEU', 'NOR']) END AS country,
            'minister' AS role, [name] AS aliases, 1 AS statement_count
        FROM range($actors) AS rows(i)""",
    "actor_roles": """
        SELECT person(i) AS actor_id, drawn(i, part, ['minister', 'judge', 'mayor', 'envoy']) || i % 300 AS role,
            'EST' AS country, DATE '2022-01-01' AS first_seen, DATE '2024-01-01' AS last_seen, 1 AS document_count
        FROM range($actors) AS rows(i), range(2) AS parts(part)""",
    "bloc_members": "SELECT 'nato' AS bloc_id, unnest(['EST', 'LVA', 'POL', 'DEU', 'NOR']) AS country",
    "terms_of_office": """
        SELECT person(i) AS actor_id, 'Name' || i AS name, 'minister' AS office, DATE '2023-01-01' AS since
        FROM range(400) AS rows(i)""",
    "statements": """
        SELECT 's' || i AS statement_id, document.doc_id, document.published_on, somebody(i, 5) AS speaker_id,
            'she' AS speaker_text, 'said' AS cue_text,
            drawn(i, 6, ['say', 'say', 'say', 'think', 'warn', 'deny']) AS cue_class,
            list_reduce(list_transform(range(20), lambda place: word(i, place)), lambda a, b: a || ' ' || b) AS content,
            [{'start': CAST(i % 10 AS INTEGER), 'end': CAST(i % 10 + 90 AS INTEGER)}] AS content_spans,
            drawn(i, 7, ['direct', 'indirect', 'mixed']) AS kind, 0.8 AS confidence, false AS negated
        FROM range($statements) AS rows(i) JOIN documents AS document ON document.doc_id = 'd' || i // $per_document""",
    "statement_mentions": """
        SELECT DISTINCT 's' || i AS statement_id, somebody(i, 8) AS actor_id, 1 AS mention_count
        FROM range($statements) AS rows(i)""",
    "mentions": """
        SELECT 'm' || i AS mention_id, 'd' || i // $per_document AS doc_id, somebody(i, 9) AS actor_id,
            'name' AS mention_type
        FROM range($statements) AS rows(i)""",
    "appearances": """
        SELECT doc_id, actor_id, count(*) FILTER (cue_class IS NULL) AS name_count,
            count(*) FILTER (cue_class <> 'think') AS said_count,
            count(*) FILTER (cue_class <> 'think' AND kind = 'direct') AS direct_count,
            any_value(document.published_on) AS published_on, bool_and(document.duplicate_of IS NULL) AS is_original
        FROM (
            SELECT doc_id, actor_id, NULL AS cue_class, NULL AS kind FROM mentions
            UNION ALL
            SELECT doc_id, speaker_id, cue_class, kind FROM statements
        )
        JOIN documents AS document USING (doc_id)
        GROUP BY doc_id, actor_id""",
    "defence_spending": """
        SELECT 'p' || i AS spending_id, 'd' || i AS doc_id,
            CASE draw(i, 10, 20) WHEN 0 THEN drawn(i, 17, ['UKR', 'POL', 'EST'])
                ELSE person(i % $actors) END AS spender_id,
            'payer' AS spender, 'UKR' AS recipient_id,
            CAST(i % 500 AS INTEGER) AS start_char, CAST(i % 500 + 9 AS INTEGER) AS end_char,
            'sum of ' || i AS amount_text, 'amount' AS measure, 1e6 * (1 + draw(i, 11, 5000)) AS low, low AS high,
            'EUR' AS currency, low AS low_eur, low AS high_eur, low AS low_usd, low AS high_usd,
            drawn(i, 12, ['budget', 'aid', 'loan', 'procurement']) AS flow,
            drawn(i, 13, ['planned', 'signed', 'spent']) AS status, CAST(2022 + draw(i, 14, 4) AS VARCHAR) AS period,
            CAST(period AS INTEGER) AS period_start, period_start AS period_end, 's' || i AS statement_id,
            'The sentence around it.' AS evidence, draw(i, 15, 1000) / 1e3 AS confidence,
            drawn(i, 16, ['tanks', 'drones', 'ships', NULL]) AS item
        FROM range($sums) AS rows(i)""",
    "data_quality": "SELECT 'documents' AS table_name, 'columns' AS check_name, false AS passed, true AS blocking",
}
"""Table → its rows. The others are made from these by `sql/`, or are empty."""

MARTS = (
    "statements_by_actor_month", "actor_network", "spending_by_country_year", "spending_conflicts",
    "spending_vs_official", "statement_tokens", "token_statistics",
)  # fmt: skip


def build(folder: Path, statements: int) -> tuple[Path, dict[str, float]]:
    """Make the warehouse; return its database and the seconds that each mart took."""
    settings = Settings(warehouse=folder, corrections=folder / "none.yaml")
    numbers = {
        "statements": statements,
        "documents": statements // STATEMENTS_A_DOCUMENT,
        "per_document": STATEMENTS_A_DOCUMENT,
        "sums": statements // STATEMENTS_A_SUM,
        "actors": ACTORS,
    }
    seconds = {}
    with staging.open_staging(settings, fresh=True) as connection:
        staging.attach_inputs(connection, settings)
        for macro in DRAWING:
            connection.execute(macro)
        for table in tables.PUBLISHED:
            if table.name not in MARTS:
                staging.create(connection, table)
        for name, sql in ROWS.items():
            given = {key: value for key, value in numbers.items() if f"${key}" in sql}
            connection.execute(f"INSERT INTO {name} BY NAME {sql}", given)
        staging.create_macros(connection, settings.sql_folder, on_tables=False)
        for name, sql in staging.queries(settings.sql_folder).items():
            if name in MARTS:
                start = time.perf_counter()
                staging.build_table(connection, name, sql)
                seconds[name] = time.perf_counter() - start
        staging.create_macros(connection, settings.sql_folder, on_tables=True)
    return staging.database(settings), seconds


def timed(action: Callable[[], int]) -> tuple[float, int]:
    """Return the median of the seconds that an action takes, and the rows that it finds."""
    seconds = []
    rows = 0
    for _ in range(REPEATS):
        start = time.perf_counter()
        rows = action()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), rows


def answered(connection: duckdb.DuckDBPyConnection, question: str) -> int:
    """Answer a question as an Arrow table; return its rows."""
    return int(connection.sql(question).to_arrow_table().num_rows)


def in_pandas(connection: duckdb.DuckDBPyConnection) -> dict[str, Callable[[], int]]:
    """Return five of the questions as an analyst would write them in pandas; each returns the rows of its answer."""
    documents = connection.sql("SELECT * EXCLUDE (text, word_count, extra, ingested_at) FROM documents").df()
    originals = documents[documents["duplicate_of"].isna()].drop(columns="published_on")
    statements = connection.sql("SELECT * EXCLUDE (content_spans) FROM statements").df()
    mentions = connection.sql("FROM statement_mentions").df()
    actors = connection.sql("SELECT actor_id, name, role, country FROM actors").df()
    spending = connection.sql("FROM defence_spending").df()
    people = actors.rename(columns={"actor_id": "speaker_id"})

    def quotes_of_a_speaker() -> int:
        quoted = statements[statements["kind"].isin(["direct", "mixed"])]
        hers = quoted.merge(people[people["name"] == "Anda Krūmiņa"], on="speaker_id").merge(originals, on="doc_id")
        return len(hers.sort_values(["published_on", "doc_id"]))

    def indirect_on_article_5() -> int:
        indirect = statements[statements["kind"] == "indirect"]
        found = indirect[indirect["content"].str.contains("article 5", case=False, regex=False)]
        joined = found.merge(originals, on="doc_id").merge(people, on="speaker_id", how="left")
        return len(joined.sort_values("published_on"))

    def who_spoke_most_about() -> int:
        about = mentions[mentions["actor_id"] == "UKR"].drop(columns="actor_id").merge(statements, on="statement_id")
        joined = about.merge(originals, on="doc_id").merge(people, on="speaker_id")
        joined["direct"] = joined["kind"] == "direct"
        grouped = joined.groupby(["speaker_id", "name", "role"]).agg(
            statements=("statement_id", "size"), direct=("direct", "sum"), documents=("doc_id", "nunique")
        )
        return len(grouped.sort_values("statements", ascending=False).head(20))

    def warnings_by_month() -> int:
        warned = statements[statements["cue_class"].isin(["warn", "accuse", "deny"])]
        joined = warned.merge(originals, on="doc_id").merge(people, on="speaker_id", how="left")
        joined["month"] = joined["published_on"].dt.to_period("M")
        joined["speaker"] = joined["name"].fillna(joined["speaker_text"])
        grouped = joined.groupby(["month", "cue_class", "speaker"])["content"].agg(["size", "min"])
        return len(grouped.sort_index())

    def spending_of_a_state() -> int:
        payers = actors[actors["country"] == "POL"].rename(columns={"actor_id": "spender_id"})
        joined = spending.merge(payers[["spender_id"]], on="spender_id").merge(documents, on="doc_id")
        joined = joined[joined["duplicate_of"].isna()]
        first = joined["period_start"].fillna(joined["published_on"].dt.year)
        last = joined["period_end"].fillna(first)
        return len(joined[(first <= 2026) & (last >= 2022)].sort_values(["published_on", "spending_id"]))

    return {
        action.__name__: action
        for action in (
            quotes_of_a_speaker, indirect_on_article_5, who_spoke_most_about, warnings_by_month, spending_of_a_state,
        )
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench sql", description=__doc__.split("\n")[0])
    parser.add_argument("--statements", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="communique-bench-") as folder:
        database, built = build(Path(folder), options.statements)
        print(f"{options.statements:,} statements, a database of {database.stat().st_size / 1e6:,.0f} MB")
        print(f"    all marts built in {sum(built.values()):.1f} s, the search's in {built['statement_tokens']:.1f} s")
        with closing(query.connect(database)) as connection:
            found = {name: timed(partial(answered, connection, question)) for name, question in EXAMPLES.items()}
            for name, (seconds, rows) in sorted(found.items(), key=lambda item: -item[1][0]):
                print(f"    {seconds:8.3f} s  {rows:>9,} rows  {name}")
            times = [seconds for seconds, _ in found.values()]
            print(f"{len(times)} questions: median {statistics.median(times):.3f} s, largest {max(times):.3f} s")
            for name, action in in_pandas(connection).items():
                seconds, rows = timed(action)
                same = "" if rows == found[name][1] else f"  (pandas finds {rows:,} rows)"
                print(f"    pandas {seconds:.3f} s, {seconds / found[name][0]:.1f} times as long: {name}{same}")


if __name__ == "__main__":
    main()
