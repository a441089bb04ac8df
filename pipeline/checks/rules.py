"""The checks of every table, made from its declaration, and those that only one table needs.

A check is a query that counts rows which break a rule. Those that guard correctness block the publish; the others warn
with a number. Running them and keeping their results is `runner`'s business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pipeline.store.duck import literal
from pipeline.store.staging import BUILT
from pipeline.tables import Span, Table


@dataclass(frozen=True)
class Check:
    """One rule: `sql` yields one number; the check passes while it is at most `limit`.

    `details`, if there is such a query, yields (label, number) for the rows or groups behind it.
    Where `by_row` holds, a row breaks the rule by itself or by others of its key, whatever the other rows are.
    """

    table: str
    name: str
    description: str
    sql: str
    blocking: bool = True
    limit: float = 0
    details: str = ""
    by_row: bool = False


def _schema(table: Table) -> Iterator[Check]:
    """Types, nulls, keys, vocabulary and references of one table, all from its declaration."""
    name = table.name
    declared = " UNION ALL ".join(
        f"SELECT {position} AS i, {literal(c.name)} AS n, {literal(c.type)} AS t"
        for position, c in enumerate(table.columns)
    )
    yield Check(
        name,
        "columns",
        "columns that differ from the declaration in name, order or type",
        f"""SELECT count(*) FROM ({declared}) d FULL JOIN (
                SELECT column_index - 1 AS i, column_name AS n, data_type AS t FROM duckdb_columns()
                WHERE database_name = current_database() AND table_name = {literal(name)}
            ) a USING (i) WHERE d.n IS DISTINCT FROM a.n OR d.t IS DISTINCT FROM a.t""",
    )
    required = [column.name for column in table.columns if not column.nullable]
    yield Check(
        name,
        "nulls",
        "nulls where there must be a value",
        f"SELECT {' + '.join(f'count(*) FILTER ({c} IS NULL)' for c in required)} FROM {name}",
        by_row=True,
    )
    key = ", ".join(table.key)
    yield Check(
        name,
        "key",
        f"rows that repeat another's ({key})",
        f"SELECT (SELECT count(*) FROM {name}) - (SELECT count(*) FROM (SELECT DISTINCT {key} FROM {name}))",
        by_row=True,
    )
    limited = [column for column in table.columns if column.values]
    if limited:
        breaches = " + ".join(
            f"count(*) FILTER ({c.name} NOT IN ({', '.join(map(literal, c.values))}))" for c in limited
        )
        yield Check(
            name, "vocabulary", "values outside the declared vocabulary", f"SELECT {breaches} FROM {name}", by_row=True
        )
    links = [(column.name, column.references) for column in table.columns if column.references]
    if links:
        parts = [
            f"(SELECT count(*) FROM {name} AS here WHERE here.{column} IS NOT NULL AND NOT EXISTS "
            f"(SELECT 1 FROM {target.split('.')[0]} AS there WHERE there.{target.split('.')[1]} = here.{column}))"
            for column, target in links
        ]
        to_itself = any(target.split(".")[0] == name for _, target in links)
        yield Check(
            name,
            "references",
            "references to rows that are not there",
            f"SELECT {' + '.join(parts)}",
            by_row=not to_itself,
        )


def _span(table: Table, span: Span) -> Check:
    return Check(
        table.name,
        f"span_{span.text}",
        f"rows whose {span.text} is not what stands in the document at {span.start} to {span.end}",
        f"""SELECT count(*) FROM {table.name} AS t LEFT JOIN documents AS d USING (doc_id)
            WHERE (t.{span.text} IS NOT NULL OR t.{span.start} IS NOT NULL OR t.{span.end} IS NOT NULL)
            AND substr(d.text, t.{span.start} + 1, t.{span.end} - t.{span.start}) IS DISTINCT FROM t.{span.text}""",
        by_row=True,
    )


_CONTENT = Check(
    "statements",
    "span_content",
    "statements whose content is not what stands in the document at its spans",
    """WITH pieces AS (
           SELECT statement_id, doc_id, content, unnest(content_spans) AS piece,
                  generate_subscripts(content_spans, 1) AS position
           FROM statements
       ), joined AS (
           SELECT p.statement_id, any_value(p.content) AS content, string_agg(
               substr(d.text, p.piece."start" + 1, p.piece."end" - p.piece."start"), ' … ' ORDER BY p.position
           ) AS found
           FROM pieces AS p JOIN documents AS d USING (doc_id) GROUP BY p.statement_id
       )
       SELECT (SELECT count(*) FROM joined WHERE content IS DISTINCT FROM found)
            + (SELECT count(*) FROM statements) - (SELECT count(*) FROM joined)""",
    by_row=True,
)


_FEEDS = Check(
    "feeds",
    "health",
    "feeds that fail, are paused, or gave less in a week than their cards expect",
    "SELECT count(*) FROM feeds WHERE health NOT IN ('new', 'ok')",
    blocking=False,
    details="SELECT feed || ' is ' || health, CASE health WHEN 'dry' THEN articles_last_week ELSE failures END "
    "FROM feeds WHERE health NOT IN ('new', 'ok') ORDER BY feed",
)


def _ranges(today: date) -> Iterator[Check]:
    for name in ("figures", "defence_spending"):
        yield Check(
            name,
            "bounds",
            "rows whose low exceeds their high, or that have neither",
            f"SELECT count(*) FROM {name} WHERE low > high OR (low IS NULL AND high IS NULL)",
            by_row=True,
        )
    yield Check(
        "defence_spending",
        "share_of_gdp",
        "shares of GDP outside 0 to 60 percent",
        "SELECT count(*) FROM defence_spending WHERE measure = 'share_of_gdp' "
        "AND (coalesce(low, high) < 0 OR coalesce(high, low) > 60)",
        by_row=True,
    )
    yield Check(
        "defence_spending",
        "period",
        "periods that end before they begin",
        "SELECT count(*) FROM defence_spending WHERE period_start > period_end",
        by_row=True,
    )
    yield Check(
        "defence_spending",
        "evidence",
        "rows whose amount does not stand in the sentence that is its evidence",
        "SELECT count(*) FROM defence_spending WHERE NOT contains(evidence, amount_text)",
        by_row=True,
    )
    yield Check(
        "documents",
        "published_on",
        "documents from the future",
        f"SELECT count(*) FROM documents WHERE published_on > DATE {literal(today.isoformat())} + 1",
        by_row=True,
    )
    for name in ("statements", "defence_spending"):
        yield Check(
            name,
            "confidence",
            "confidences outside 0 to 1",
            f"SELECT count(*) FROM {name} WHERE confidence NOT BETWEEN 0 AND 1",
            by_row=True,
        )


def _listed(table: str, name: str, description: str, found: str) -> Check:
    """Return the check that warns of what a query finds, which yields (label, number), the largest numbers first."""
    counted = f"SELECT count(*) FROM ({found})"
    return Check(table, name, description, counted, False, details=f"FROM ({found}) ORDER BY 2 DESC, 1")


_WARNINGS = (
    Check(
        "statements",
        "without_speaker",
        "share of statements without a known speaker; warns above 0.5",
        "SELECT coalesce(avg((speaker_id IS NULL)::INT), 0) FROM statements",
        blocking=False,
        limit=0.5,
    ),
    Check(
        "defence_spending",
        "without_spender",
        "share of spending without a known payer; warns above 0.5",
        "SELECT coalesce(avg((spender_id IS NULL)::INT), 0) FROM defence_spending",
        blocking=False,
        limit=0.5,
        details="SELECT coalesce(source, 'no source'), avg((spender_id IS NULL)::INT) FROM defence_spending "
        "JOIN documents USING (doc_id) GROUP BY 1 ORDER BY count(*) DESC, 1",
    ),
    Check(
        "rejected_documents",
        "rejected_share",
        "share of inputs that were rejected; warns above 0.25",
        "SELECT r / greatest(r + d, 1) FROM (SELECT (SELECT count(*) FROM rejected_documents) AS r, "
        "(SELECT count(*) FROM documents) AS d)",
        blocking=False,
        limit=0.25,
    ),
    Check(
        "documents",
        "undated",
        "share of documents whose date is only that of the file or of its arrival; warns above 0.5",
        "SELECT coalesce(avg((date_basis IN ('file', 'ingest'))::INT), 0) FROM documents",
        blocking=False,
        limit=0.5,
    ),
    Check(
        "defence_spending",
        "unconverted",
        "share of amounts without a rate to euros; warns above 0.1",
        "SELECT coalesce(avg((low_eur IS NULL AND high_eur IS NULL)::INT), 0) FROM defence_spending "
        "WHERE measure = 'amount'",
        blocking=False,
        limit=0.1,
    ),
    _listed(
        "defence_spending",
        "implausible",
        "amounts above two trillion euros, more than the world spends",
        """SELECT spending_id, greatest(low_eur, high_eur) AS eur FROM defence_spending
           WHERE greatest(low_eur, high_eur) > 2e12""",
    ),
    _listed(
        "defence_spending",
        "budget_of_a_giant",
        "budgets above 60 percent of the largest official expenditure of any state, that state aside, in dollars",
        """SELECT spending_id, coalesce(low_usd, high_usd) AS usd FROM defence_spending
           WHERE flow = 'budget' AND item IS NULL AND regexp_matches(spender_id, '^[A-Z]{3}$')
           AND spender_id <> (SELECT arg_max(iso3, usd) FROM official_expenditure)
           AND coalesce(low_usd, high_usd) > 0.6 * (SELECT max(usd) FROM official_expenditure)""",
    ),
    _listed(
        "defence_spending",
        "contract_above_budget",
        "contracts of a state above its largest official expenditure of a year, in dollars",
        """SELECT spending_id, coalesce(low_usd, high_usd) AS usd FROM defence_spending
           WHERE flow = 'procurement' AND coalesce(low_usd, high_usd) > (
               SELECT max(usd) FROM official_expenditure AS own WHERE own.iso3 = defence_spending.spender_id)""",
    ),
)

_TYPES = """
    SELECT actor_id, count(DISTINCT actor_type) AS types
    FROM appearances
    WHERE described AND named AND is_original
    GROUP BY actor_id
    HAVING min(doc_id) <> max(doc_id)"""

_ALIASES = """
    SELECT alias, count(DISTINCT actor_id) AS actor_count
    FROM (SELECT actor_id, lower(strip_accents(unnest(aliases))) AS alias FROM actors WHERE named)
    GROUP BY alias"""

_IDENTITY = (
    Check(
        "actors",
        "one_type",
        "share of the actors of two or more documents whom these take for different types; warns above 0.05",
        f"SELECT coalesce(avg((types > 1)::INT), 0) FROM ({_TYPES})",
        blocking=False,
        limit=0.05,
        details=f"SELECT actor_id, types FROM ({_TYPES}) WHERE types > 1 ORDER BY types DESC, actor_id",
    ),
    _listed(
        "actors",
        "twins",
        "actors that share name, type and country with another: merge them in seeds/corrections.yaml",
        """SELECT string_agg(actor_id, ' = ' ORDER BY actor_id) AS actor_ids, count(*) AS actor_count FROM actors
           GROUP BY lower(strip_accents(name)), actor_type, country HAVING count(*) > 1""",
    ),
    Check(
        "actors",
        "ambiguous_aliases",
        "share of the names that are aliases of two or more actors; warns above 0.05",
        f"SELECT coalesce(avg((actor_count > 1)::INT), 0) FROM ({_ALIASES})",
        blocking=False,
        limit=0.05,
        details=f"SELECT alias, actor_count FROM ({_ALIASES}) WHERE actor_count > 1 ORDER BY actor_count DESC, alias",
    ),
    _listed(
        "actors",
        "sudden_merges",
        "actors of ten or more mentions in the last publish whose id now means another actor (actor_redirects)",
        """SELECT concat(before.actor_id, ' → ', redirect.actor_id) AS merge, before.mention_count
           FROM last_actors AS before
           JOIN actor_redirects AS redirect ON redirect.from_id = before.actor_id AND redirect.actor_id IS NOT NULL
           WHERE before.mention_count >= 10""",
    ),
    Check(
        "mentions",
        "without_actor",
        "share of mentions that mean no known actor; warns above 0.1",
        "SELECT coalesce(avg((actor_id IS NULL)::INT), 0) FROM mentions",
        blocking=False,
        limit=0.1,
    ),
    Check(
        "actor_corrections",
        "idle",
        "corrections that change nothing in any document",
        "SELECT count(*) FROM actor_corrections WHERE document_count = 0",
        blocking=False,
        details="SELECT concat('line ', line, ', ', action, ' ', actor_id), document_count FROM actor_corrections "
        "WHERE document_count = 0 ORDER BY line, actor_id",
    ),
)

VOLUME_TABLES = ("documents", "mentions", "statements", "figures", "defence_spending")
VOLUME_LIMIT = 0.2


def volume(table: str) -> str:
    """Return what the volume check of a table asks."""
    return f"share of the rows of {table} lost since the last publish; warns above {VOLUME_LIMIT}"


def checks(today: date) -> list[Check]:
    """Return every check that is a query on the staging tables alone."""
    found = [check for table in BUILT for check in _schema(table)]
    found += [_span(table, span) for table in BUILT for span in table.spans]
    return [*found, _CONTENT, _FEEDS, *_ranges(today), *_WARNINGS, *_IDENTITY]


def declared(today: date) -> list[tuple[str, str, str, bool]]:
    """Return (table, name, description, blocking) of every check, those on volume among them."""
    found = [(check.table, check.name, check.description, check.blocking) for check in checks(today)]
    return found + [(table, "volume", volume(table), False) for table in VOLUME_TABLES]
