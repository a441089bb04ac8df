"""Every table's columns, declared once: name, type, nullability, key, description.

Writers are validated against it, and Dagster's column schema, DuckDB's comments and `docs/tables.md` are generated from
it. No query belongs here (they are in `sql/`), and no row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

SPAN_LIST = 'STRUCT("start" INTEGER, "end" INTEGER)[]'

ARROW: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "UBIGINT": pa.uint64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR[]": pa.list_(pa.string()),
    "INTEGER[]": pa.list_(pa.int32()),
    SPAN_LIST: pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32())])),
}
"""DuckDB type name → the Arrow type that extraction writes."""

ACTOR_TYPES = (
    "person",
    "state",
    "bloc",
    "government_body",
    "armed_force",
    "company",
    "media",
    "party",
    "organisation",
    "group",
)


@dataclass(frozen=True)
class Column:
    """One column: its DuckDB type, whether it may be null, what it references and which values it may take."""

    name: str
    type: str
    description: str
    nullable: bool = False
    references: str | None = None  # "table.column"
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Span:
    """Columns that point into `documents.text`, and the column that must equal the text there."""

    start: str
    end: str
    text: str


@dataclass(frozen=True)
class Table:
    """One table: its columns, its key, and the spans that tie its rows to the documents."""

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    layer: str = "core"
    """core: what the texts say; mart: questions answered; index: what macros look up, in the database alone; extracted:
    files between two steps."""
    spans: tuple[Span, ...] = field(default=())

    def __getitem__(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)

    def arrow_schema(self) -> pa.Schema:
        """Return the schema of the Parquet files of this table."""
        return pa.schema([pa.field(c.name, ARROW[c.type], nullable=c.nullable) for c in self.columns])


def _c(
    name: str, type_: str, description: str, *, null: bool = False, ref: str | None = None, values: tuple[str, ...] = ()
) -> Column:
    return Column(name, type_, description, null, ref, values)


_DOC = _c("doc_id", "VARCHAR", "the document", ref="documents.doc_id")
_START = _c("start_char", "INTEGER", "first character in documents.text, counted from 0")
_END = _c("end_char", "INTEGER", "the character after the last")
_TEXT = _c("text", "VARCHAR", "the words of the text, character for character")
_ACTOR = _c("actor_id", "VARCHAR", "the actor", ref="actors.actor_id")
_ROLE = _c("role", "VARCHAR", "the office as the text gives it")
_CONFIDENCE = _c("confidence", "DOUBLE", "0 to 1")
MODALITIES = ("actual", "future", "hypothetical")
KINDS = ("direct", "indirect", "mixed")
FLOWS = ("budget", "procurement", "aid", "investment", "loan")
STATUSES = ("proposed", "planned", "approved", "signed", "spent")
MEASURES = ("amount", "share_of_gdp")
SKIPPED = ("unsupported_language",)
HEALTH = ("new", "ok", "dry", "failing", "paused")
OUTCOMES = ("new", "unchanged", "failed")
ACTIONS = ("merge", "split", "rename", "retype", "relocate", "block")

_SOURCE_COLUMNS = (
    _c("doc_id", "VARCHAR", "hex of a hash of the content and of its place in the inbox"),
    _c("external_id", "VARCHAR", "the source's own id", null=True),
    _c("source", "VARCHAR", "the outlet", null=True),
    _c("url", "VARCHAR", "where it was published", null=True),
    _c("title", "VARCHAR", "the headline", null=True),
    _c("author", "VARCHAR", "the byline", null=True),
    _c("language", "VARCHAR", "ISO 639-1", null=True),
    _c("published_on", "DATE", "day of publication"),
    _c("date_basis", "VARCHAR", "where the date comes from", values=("metadata", "text", "file", "ingest")),
    _c("text", "VARCHAR", "the cleaned text; all offsets point into it"),
    _c("word_count", "INTEGER", "words of the text, divided by blanks"),
    _c("raw_uri", "VARCHAR", "path inside the inbox, with the line of a JSONL file, or the URL"),
    _c("raw_sha256", "VARCHAR", "the raw bytes: warehouse/raw/ab/abcd…"),
    _c("text_sha256", "VARCHAR", "hash of the text with case and blanks folded: equal for exact duplicates"),
    _c("extra", "VARCHAR", "further keys of the source, as JSON", null=True),
    _c("feed", "VARCHAR", "the feed that it came from (feeds.yaml); null for a file of an inbox", null=True),
    _c("retrieved_at", "TIMESTAMP", "when it was fetched or archived, UTC; null for other files", null=True),
    _c("ingested_at", "TIMESTAMP", "when it was first read, UTC"),
)

DOCUMENTS = Table(
    "documents",
    "One row a document that was read.",
    (
        *_SOURCE_COLUMNS,
        _c(
            "duplicate_of",
            "VARCHAR",
            "the first copy of the same text or of nearly the same (light edits, cuts, of which the whole is the "
            "original); null for originals",
            null=True,
            ref="documents.doc_id",
        ),
        _c("version", "INTEGER", "which of document_versions it is; 1 for a text that never changed"),
        _c("skipped", "VARCHAR", "why extraction left it out; null if it was read", null=True, values=SKIPPED),
    ),
    ("doc_id",),
)
DOCUMENT_VERSIONS = Table(
    "document_versions",
    "One row a version of an article that was retrieved more than once with another text: what its publisher changed. "
    "`documents` and all other tables hold the last one.",
    (
        _c("url", "VARCHAR", "the article's address"),
        _c("version", "INTEGER", "1 for the first text that was retrieved"),
        _c("doc_id", "VARCHAR", "the document; in documents if it is the last version"),
        _c("retrieved_at", "TIMESTAMP", "when this text was first retrieved, UTC"),
        _c("title", "VARCHAR", "the headline", null=True),
        _c("text", "VARCHAR", "the text of this version"),
        _c("word_count", "INTEGER", "words of the text, divided by blanks"),
        _c("is_last", "BOOLEAN", "whether it is the last"),
    ),
    ("url", "version"),
)
REJECTED_DOCUMENTS = Table(
    "rejected_documents",
    "One row an input that could not be read, and why.",
    (
        _c("rejection_id", "VARCHAR", "hex of a hash of place, reason and bytes"),
        _c("raw_uri", "VARCHAR", "path inside the inbox, with the line of a JSONL file, or the URL"),
        _c("external_id", "VARCHAR", "the source's own id", null=True),
        _c("reason", "VARCHAR", "a short code: empty, not_text, bad_json, too_large, unsupported_language, …"),
        _c("detail", "VARCHAR", "the reason in words", null=True),
        _c("raw_sha256", "VARCHAR", "the raw bytes, null where they could not be read", null=True),
        _c("ingested_at", "TIMESTAMP", "when it was first read, UTC"),
    ),
    ("rejection_id",),
)
_FEED_COLUMNS = (
    _c("feed", "VARCHAR", "its name in feeds.yaml"),
    _c("url", "VARCHAR", "its address"),
    _c("publisher", "VARCHAR", "who publishes it"),
    _c("licence", "VARCHAR", "on what terms, as its card says", null=True),
    _c("expected_per_day", "DOUBLE", "articles that its card expects; fewer in a week are a warning, 0 expects none"),
    _c("health", "VARCHAR", "how it does; dry: it answers, but gives less than its card expects", values=HEALTH),
    _c("articles_last_week", "BIGINT", "articles taken up in the week before it was last asked"),
    _c("failures", "INTEGER", "failures in a row; after ten it is paused"),
    _c("reason", "VARCHAR", "of the last failure, a short code", null=True),
    _c("detail", "VARCHAR", "the reason in words", null=True),
    _c("last_asked", "TIMESTAMP", "UTC, as of this publish; ./run status has the moment", null=True),
    _c("last_answer", "TIMESTAMP", "UTC", null=True),
)
FEEDS = Table(
    "feeds",
    "One row a feed of feeds.yaml: its card, how it does, and what came of it.",
    (
        *_FEED_COLUMNS,
        _c("document_count", "BIGINT", "articles in documents"),
        _c("first_document", "TIMESTAMP", "when its first article was fetched, UTC", null=True),
        _c("last_document", "TIMESTAMP", "when its last article was fetched, UTC", null=True),
    ),
    ("feed",),
)
FEED_ROUNDS = Table(
    "feed_rounds",
    "One row a time that a feed was asked, as of this publish.",
    (
        _c("feed", "VARCHAR", "its name in feeds.yaml"),
        _c("asked_at", "TIMESTAMP", "UTC"),
        _c("outcome", "VARCHAR", "what came of it", values=OUTCOMES),
        _c("status", "INTEGER", "of HTTP, if there was an answer", null=True),
        _c("reason", "VARCHAR", "of a failure, a short code", null=True),
        _c("detail", "VARCHAR", "the reason in words, or what is wrong with the feed", null=True),
        _c("listed", "INTEGER", "articles that it listed"),
        _c("articles", "INTEGER", "articles taken up"),
        _c("failed", "INTEGER", "articles whose page could not be had"),
        _c("seconds", "DOUBLE", "what it took"),
    ),
    ("feed", "asked_at"),
)
MENTIONS = Table(
    "mentions",
    "One row a place where a text names an actor.",
    (
        _c("mention_id", "VARCHAR", "document and span"),
        _DOC,
        _START,
        _END,
        _TEXT,
        _c("mention_type", "VARCHAR", "how it is named", values=("name", "nominal", "pronoun")),
        _c("entity_label", "VARCHAR", "the label of the recogniser: PERSON, GPE, ORG, …"),
        _c("actor_id", "VARCHAR", "who is meant, null if unknown", null=True, ref="actors.actor_id"),
    ),
    ("mention_id",),
    spans=(Span("start_char", "end_char", "text"),),
)
ACTORS = Table(
    "actors",
    "One row a person, state, body or group that the texts name.",
    (
        _c("actor_id", "VARCHAR", "a readable slug: kaja-kallas, EST, nato"),
        _c("name", "VARCHAR", "canonical name in English"),
        _c("actor_type", "VARCHAR", "what it is", values=ACTOR_TYPES),
        _c("country", "VARCHAR", "ISO 3166-1 alpha-3; of a person, the state they serve", null=True),
        _c("role", "VARCHAR", "the latest office", null=True),
        _c("wikidata_id", "VARCHAR", "null if unknown", null=True),
        _c("aliases", "VARCHAR[]", "the names that the texts use"),
        _c("named", "BOOLEAN", "false for whom the texts only describe ('a senior official'): whoever is called so"),
        _c("first_seen", "DATE", "first day of publication", null=True),
        _c("last_seen", "DATE", "last day of publication", null=True),
        _c("document_count", "BIGINT", "documents that name the actor, duplicates left out"),
        _c("mention_count", "BIGINT", "mentions, duplicates left out"),
        _c("statement_count", "BIGINT", "statements made, duplicates left out"),
    ),
    ("actor_id",),
)
APPEARANCES = Table(
    "appearances",
    "One row a document and an actor in it: what the document says of the actor, how often it names and quotes it.",
    (
        _DOC,
        _ACTOR,
        _c("local_id", "VARCHAR", "the id that it would have if there were no other document: of a surname alone, say"),
        _c("name", "VARCHAR", "the fullest name that the document has for it"),
        _c("actor_type", "VARCHAR", "what the document takes it for", values=ACTOR_TYPES),
        _c("country", "VARCHAR", "alpha-3; of a person, the state they serve", null=True),
        _c("role", "VARCHAR", "the office as the document gives it", null=True),
        _c("wikidata_id", "VARCHAR", "null if unknown", null=True),
        _c("named", "BOOLEAN", "false where the document only describes it ('a senior official')"),
        _c("placed", "BOOLEAN", "whether the text gives the country, and not only its context"),
        _c("described", "BOOLEAN", "false where nothing but the id is known"),
        _c("names", "VARCHAR[]", "the names that the document uses, and name"),
        _c("mention_count", "BIGINT", "its mentions there"),
        _c("name_count", "BIGINT", "those that are names, no pronouns or descriptions"),
        _c("statement_count", "BIGINT", "its statements there"),
        _c("said_count", "BIGINT", "those that are said, no belief or intention"),
        _c("direct_count", "BIGINT", "those that are said in direct speech alone"),
        _c("published_on", "DATE", "day of publication of the document"),
        _c("is_original", "BOOLEAN", "false where the document is a duplicate of another"),
    ),
    ("doc_id", "actor_id"),
)
ACTOR_ROLES = Table(
    "actor_roles",
    "One row an office that an actor held in the texts.",
    (
        _ACTOR,
        _ROLE,
        _c("country", "VARCHAR", "the state served, alpha-3", null=True),
        _c("first_seen", "DATE", "first day of publication"),
        _c("last_seen", "DATE", "last day of publication"),
        _c("document_count", "BIGINT", "documents that give the role"),
    ),
    ("actor_id", "role", "country"),
)
ACTOR_REDIRECTS = Table(
    "actor_redirects",
    "One row an id that means another actor now: a surname alone, a merged id, an id of an earlier publish, a name of "
    "several (a row each).",
    (
        _c("from_id", "VARCHAR", "the id that is no actor's any more"),
        _c("actor_id", "VARCHAR", "who is meant by it, null if nobody", null=True, ref="actors.actor_id"),
        _c("reason", "VARCHAR", "why", values=("linked", "split", "merged", "blocked", "replaced")),
    ),
    ("from_id", "actor_id"),
)
_CORRECTION_COLUMNS = (
    _c("line", "INTEGER", "line of the file of corrections"),
    _c("action", "VARCHAR", "what it does", values=ACTIONS),
    _c("actor_id", "VARCHAR", "the actor that it corrects"),
    _c("value", "VARCHAR", "the actor_id, name, type or country given instead", null=True),
    _c("because", "VARCHAR", "the reason that the user gives", null=True),
)
ACTOR_CORRECTIONS = Table(
    "actor_corrections",
    "One row an actor that a user has corrected by hand.",
    (*_CORRECTION_COLUMNS, _c("document_count", "BIGINT", "documents in which it has an effect")),
    ("line", "actor_id"),
)
BLOC_MEMBERS = Table(
    "bloc_members",
    "One row a state's membership in a bloc, from the reference tables.",
    (
        _c("bloc_id", "VARCHAR", "the bloc's actor_id: nato, european-union"),
        _c("country", "VARCHAR", "ISO 3166-1 alpha-3"),
        _c("member_since", "DATE", "first day; null if it was a member from the start or the day is not recorded",
           null=True),
        _c("member_until", "DATE", "last day, null if it still is one", null=True),
    ),
    ("bloc_id", "country"),
)
TERMS_OF_OFFICE = Table(
    "terms_of_office",
    "One row a term of a high office, from the reference tables; incomplete: a gap says nothing.",
    (
        _c("actor_id", "VARCHAR", "the person, as in actors if a text names them"),
        _c("name", "VARCHAR", "the person's name"),
        _c("office", "VARCHAR", "the office: president, prime minister, defence minister, …"),
        _c("country", "VARCHAR", "ISO 3166-1 alpha-3, null for NATO, the EU and the UN", null=True),
        _c("since", "DATE", "the day they took office"),
        _c("until", "DATE", "the day they left, null if they still hold it", null=True),
    ),
    ("actor_id", "office", "since"),
)
_STATEMENT_COLUMNS = (
    _c("statement_id", "VARCHAR", "document, content and cue"),
    _DOC,
    _c("speaker_id", "VARCHAR", "who speaks, null if unnamed", null=True, ref="actors.actor_id"),
    _c("speaker_text", "VARCHAR", "the words for the speaker", null=True),
    _c("speaker_start", "INTEGER", "first character of the speaker", null=True),
    _c("speaker_end", "INTEGER", "the character after the last", null=True),
    _c("cue_text", "VARCHAR", "the words that attribute: stated, according to", null=True),
    _c("cue_lemma", "VARCHAR", "base form of the cue", null=True),
    _c("cue_class", "VARCHAR", "say, deny, accuse, promise, warn, demand, think, plan, …"),
    _c("cue_start", "INTEGER", "first character of the cue", null=True),
    _c("cue_end", "INTEGER", "the character after the last", null=True),
    _c("content", "VARCHAR", "what is said; pieces joined by ' … '"),
    _c("content_spans", SPAN_LIST, "the pieces of the content"),
    _c("kind", "VARCHAR", "by the quotation marks", values=KINDS),
    _c("medium", "VARCHAR", "where it was said, if the sentence says so", null=True),
    _c("published_on", "DATE", "day of publication of the document"),
    _CONFIDENCE,
    _c("negated", "BOOLEAN", "whether the cue is negated: did not rule out"),
    _c("modality", "VARCHAR", "whether it was said, will be, or only may be", values=MODALITIES),
)
STATEMENTS = Table(
    "statements",
    "One row a statement that a text attributes to a speaker.",
    _STATEMENT_COLUMNS,
    ("statement_id",),
    spans=(Span("speaker_start", "speaker_end", "speaker_text"), Span("cue_start", "cue_end", "cue_text")),
)
STATEMENT_MENTIONS = Table(
    "statement_mentions",
    "One row an actor that a statement speaks about.",
    (
        _c("statement_id", "VARCHAR", "the statement", ref="statements.statement_id"),
        _c("actor_id", "VARCHAR", "the actor spoken about", ref="actors.actor_id"),
        _c("mention_count", "BIGINT", "mentions inside the content"),
    ),
    ("statement_id", "actor_id"),
)
FIGURES = Table(
    "figures",
    "One row a quantity: money, a percentage or a count.",
    (
        _c("figure_id", "VARCHAR", "document and span"),
        _DOC,
        _START,
        _END,
        _TEXT,
        _c("kind", "VARCHAR", "what is measured", values=("money", "percent", "count")),
        _c("low", "DOUBLE", "lower bound in full units, null if open", null=True),
        _c("high", "DOUBLE", "upper bound in full units, null if open", null=True),
        _c("qualifier", "VARCHAR", "the word of the text: over, about, up to", null=True),
        _c("unit", "VARCHAR", "ISO 4217, 'percent', or the words for the thing counted"),
        _c("sentence", "VARCHAR", "the sentence around it"),
    ),
    ("figure_id",),
    spans=(Span("start_char", "end_char", "text"),),
)
_SPENDING_COLUMNS = (
    _c("spending_id", "VARCHAR", "document and span of the amount"),
    _DOC,
    _c("figure_id", "VARCHAR", "the number behind it", ref="figures.figure_id"),
    _c("start_char", "INTEGER", "first character of the amount"),
    _c("end_char", "INTEGER", "the character after the last"),
    _c("amount_text", "VARCHAR", "the amount with qualifier and currency, character for character"),
    _c("measure", "VARCHAR", "money, or a share of GDP in percent", values=MEASURES),
    _c("low", "DOUBLE", "lower bound, null if open", null=True),
    _c("high", "DOUBLE", "upper bound, null if open", null=True),
    _c("qualifier", "VARCHAR", "the word of the text: over, about, up to", null=True),
    _c("currency", "VARCHAR", "ISO 4217, null for a share", null=True),
    _c("low_eur", "DOUBLE", "lower bound in euros at the rate of rate_date", null=True),
    _c("high_eur", "DOUBLE", "upper bound in euros", null=True),
    _c("low_usd", "DOUBLE", "lower bound in US dollars", null=True),
    _c("high_usd", "DOUBLE", "upper bound in US dollars", null=True),
    _c("rate_date", "DATE", "the day of the rate; for a sum of past years, the last day of their average", null=True),
    _c("spender_id", "VARCHAR", "who pays", null=True, ref="actors.actor_id"),
    _c("spender", "VARCHAR", "the payer's name", null=True),
    _c("recipient_id", "VARCHAR", "who gets the money, the goods or the aid", null=True, ref="actors.actor_id"),
    _c("recipient", "VARCHAR", "the recipient's name, or the words of the text", null=True),
    _c("flow", "VARCHAR", "what kind of spending", values=FLOWS),
    _c("status", "VARCHAR", "how far it has come", values=STATUSES),
    _c("item", "VARCHAR", "what is bought or funded", null=True),
    _c("period", "VARCHAR", "YYYY or YYYY-YYYY", null=True),
    _c("period_start", "INTEGER", "first year", null=True),
    _c("period_end", "INTEGER", "last year", null=True),
    _c(
        "statement_id",
        "VARCHAR",
        "the statement that claims it, null if the outlet itself does",
        null=True,
        ref="statements.statement_id",
    ),
    _c("evidence", "VARCHAR", "the sentence"),
    _CONFIDENCE,
)
DEFENCE_SPENDING = Table(
    "defence_spending",
    "One row a figure that is defence money.",
    _SPENDING_COLUMNS,
    ("spending_id",),
    spans=(Span("start_char", "end_char", "amount_text"),),
)

_COUNT = _c("statement_count", "BIGINT", "statements")
STATEMENTS_BY_ACTOR_MONTH = Table(
    "statements_by_actor_month",
    "Statements a speaker and month.",
    (
        _ACTOR,
        _c("name", "VARCHAR", "the speaker"),
        _c("month", "DATE", "first day of the month"),
        _COUNT,
        _c("direct_count", "BIGINT", "of them direct speech"),
        _c("document_count", "BIGINT", "documents they stand in"),
    ),
    ("actor_id", "month"),
    "mart",
)
ACTOR_NETWORK = Table(
    "actor_network",
    "Who speaks about whom, and who is named with whom.",
    (
        _c("source_id", "VARCHAR", "the speaker, or the first of two named together", ref="actors.actor_id"),
        _c("target_id", "VARCHAR", "the one spoken about, or the second", ref="actors.actor_id"),
        _c("relation", "VARCHAR", "how they are tied", values=("speaks_about", "named_with")),
        _c("weight", "BIGINT", "statements (speaks_about) or documents (named_with)"),
        _c("document_count", "BIGINT", "documents behind it"),
    ),
    ("source_id", "target_id", "relation"),
    "mart",
)
SPENDING_BY_COUNTRY_YEAR = Table(
    "spending_by_country_year",
    "Defence money a country, year, flow and status, as the texts report it (not a total: reports overlap).",
    (
        _c("country", "VARCHAR", "the spender's state, alpha-3"),
        _c("year", "INTEGER", "first year of the period, else the year of publication"),
        _c("flow", "VARCHAR", "what kind of spending", values=FLOWS),
        _c("status", "VARCHAR", "how far it has come", values=STATUSES),
        _c("record_count", "BIGINT", "reported figures"),
        _c("largest_eur", "DOUBLE", "the largest single figure in euros", null=True),
        _c("sum_eur", "DOUBLE", "sum of distinct figures in euros", null=True),
        _c("largest_share_of_gdp", "DOUBLE", "the largest share of GDP, percent", null=True),
    ),
    ("country", "year", "flow", "status"),
    "mart",
)
SPENDING_CONFLICTS = Table(
    "spending_conflicts",
    "Two figures for the same spender, flow, measure and period that disagree.",
    (
        _c("spender_id", "VARCHAR", "who pays", ref="actors.actor_id"),
        _c("flow", "VARCHAR", "what kind of spending", values=FLOWS),
        _c("measure", "VARCHAR", "money or share of GDP", values=MEASURES),
        _c("period", "VARCHAR", "YYYY or YYYY-YYYY"),
        _c("spending_id_a", "VARCHAR", "one record", ref="defence_spending.spending_id"),
        _c("spending_id_b", "VARCHAR", "the other", ref="defence_spending.spending_id"),
        _c("amount_a", "VARCHAR", "one amount"),
        _c("amount_b", "VARCHAR", "the other"),
        _c("source_a", "VARCHAR", "outlet of the one", null=True),
        _c("source_b", "VARCHAR", "outlet of the other", null=True),
        _c("speaker_id_a", "VARCHAR", "who claims the one, null if the outlet does", null=True, ref="actors.actor_id"),
        _c("speaker_id_b", "VARCHAR", "who claims the other", null=True, ref="actors.actor_id"),
        _c("evidence_a", "VARCHAR", "the sentence of the one"),
        _c("evidence_b", "VARCHAR", "the sentence of the other"),
        _c("ratio", "DOUBLE", "the larger over the smaller, bound against bound"),
    ),
    ("spending_id_a", "spending_id_b"),
    "mart",
)
SPENDING_VS_OFFICIAL = Table(
    "spending_vs_official",
    "Reported budgets beside official military expenditure.",
    (
        _c("spending_id", "VARCHAR", "the claim", ref="defence_spending.spending_id"),
        _c("country", "VARCHAR", "the spender's state, alpha-3"),
        _c("year", "INTEGER", "the year compared"),
        _c("measure", "VARCHAR", "money or share of GDP", values=MEASURES),
        _c("claimed", "DOUBLE", "US dollars, or percent of GDP"),
        _c("official", "DOUBLE", "the same from the reference table"),
        _c("ratio", "DOUBLE", "claimed over official"),
        _c("official_source", "VARCHAR", "where the official figure comes from"),
    ),
    ("spending_id",),
    "mart",
)
STATEMENT_TOKENS = Table(
    "statement_tokens",
    "One row a word and a statement that has it, for the search; ask it with `search_statements('…')`. In the database "
    "alone: what it is made of, `statements` holds.",
    (
        _c("token", "VARCHAR", "the word as the search compares it: no capitals, no accents, no plural"),
        _c("statement_id", "VARCHAR", "the statement", ref="statements.statement_id"),
        _c("occurrences", "BIGINT", "how often it stands there"),
        _c("length", "BIGINT", "words of the statement"),
    ),
    ("token", "statement_id"),
    "index",
)
TOKEN_STATISTICS = Table(
    "token_statistics",
    "One row a word of the statements: how common it is.",
    (
        _c("token", "VARCHAR", "the word as the search compares it"),
        _c("statement_count", "BIGINT", "statements that have it, duplicates left out"),
        _c("occurrences", "BIGINT", "how often it stands in them"),
    ),
    ("token",),
    "mart",
)
DATA_QUALITY = Table(
    "data_quality",
    "Every check's latest result.",
    (
        _c("table_name", "VARCHAR", "the table that was checked"),
        _c("check_name", "VARCHAR", "the check"),
        _c("passed", "BOOLEAN", "the result"),
        _c("blocking", "BOOLEAN", "whether a failure stops the publish"),
        _c("value", "DOUBLE", "what was counted: rows that break the rule, unless the description says otherwise"),
        _c("description", "VARCHAR", "what the check asks"),
        _c("details", "VARCHAR[]", "the rows or groups behind the value, each with its own: 'Harbour Post: 0.25'"),
    ),
    ("table_name", "check_name"),
    "mart",
)

PUBLISHED: tuple[Table, ...] = (
    DOCUMENTS,
    DOCUMENT_VERSIONS,
    REJECTED_DOCUMENTS,
    FEEDS,
    FEED_ROUNDS,
    MENTIONS,
    ACTORS,
    APPEARANCES,
    ACTOR_ROLES,
    ACTOR_REDIRECTS,
    ACTOR_CORRECTIONS,
    BLOC_MEMBERS,
    TERMS_OF_OFFICE,
    STATEMENTS,
    STATEMENT_MENTIONS,
    FIGURES,
    DEFENCE_SPENDING,
    STATEMENTS_BY_ACTOR_MONTH,
    ACTOR_NETWORK,
    SPENDING_BY_COUNTRY_YEAR,
    SPENDING_CONFLICTS,
    SPENDING_VS_OFFICIAL,
    STATEMENT_TOKENS,
    TOKEN_STATISTICS,
    DATA_QUALITY,
)
"""The tables that analysts see, in an order in which each comes after those it references."""

EXPORTED: tuple[Table, ...] = tuple(table for table in PUBLISHED if table.layer != "index")
"""Those of them that are published as Parquet too."""


def without_references(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return the columns for a file that is written before the tables that they reference exist."""
    return tuple(Column(c.name, c.type, c.description, c.nullable, None, c.values) for c in columns)


SOURCE_DOCUMENTS = Table(
    "source_documents", "Documents as ingest read them.", without_references(_SOURCE_COLUMNS), ("doc_id",), "extracted"
)
EXTRACTED_MENTIONS = Table(
    "extracted_mentions",
    MENTIONS.description,
    without_references(MENTIONS.columns),
    MENTIONS.key,
    "extracted",
    MENTIONS.spans,
)
EXTRACTED_ACTORS = Table(
    "extracted_actors",
    "One row an actor and document, as that document knows it.",
    (
        _c("doc_id", "VARCHAR", "the document"),
        _c("actor_id", "VARCHAR", "slug by this document alone"),
        _c("name", "VARCHAR", "the fullest name in the document"),
        _c("actor_type", "VARCHAR", "what it is", values=ACTOR_TYPES),
        _c("country", "VARCHAR", "alpha-3", null=True),
        _c("role", "VARCHAR", "the office in this document", null=True),
        _c("wikidata_id", "VARCHAR", "null if unknown", null=True),
        _c("aliases", "VARCHAR[]", "names in this document"),
        _c("named", "BOOLEAN", "whether the document gives a name, and no mere description"),
        _c("placed", "BOOLEAN", "whether the words at the name give the country; else it comes from the context"),
        _c("listed", "BOOLEAN", "whether the reference tables know it"),
    ),
    ("doc_id", "actor_id"),
    "extracted",
)
EXTRACTED_STATEMENTS = Table(
    "extracted_statements",
    STATEMENTS.description,
    without_references(_STATEMENT_COLUMNS),
    STATEMENTS.key,
    "extracted",
    STATEMENTS.spans,
)
EXTRACTED_FIGURES = Table(
    "extracted_figures",
    FIGURES.description,
    without_references(FIGURES.columns),
    FIGURES.key,
    "extracted",
    FIGURES.spans,
)
EXTRACTED_SPENDING = Table(
    "extracted_spending",
    DEFENCE_SPENDING.description,
    without_references(_SPENDING_COLUMNS),
    DEFENCE_SPENDING.key,
    "extracted",
    DEFENCE_SPENDING.spans,
)
EXTRACTED_FINGERPRINTS = Table(
    "extracted_fingerprints",
    "One row a document: hashes by which copies of its text are found (see pipeline.ingest.duplicates).",
    (
        _c("doc_id", "VARCHAR", "the document"),
        _c("word_count", "INTEGER", "words, divided by all that is no letter or digit"),
        _c("shingle_count", "INTEGER", "different runs of three words"),
        _c("shingles", "INTEGER[]", "the lowest of their hashes"),
        _c("edge_shingles", "INTEGER[]", "those of them that stand only where datelines and credits do"),
        _c("numbers", "INTEGER[]", "the numbers between the edges"),
        _c("repeated", "INTEGER[]", "the words that are repeated between the edges"),
        _c("vocabulary", "INTEGER[]", "what the numbers and repeated words of a copy may be"),
    ),
    ("doc_id",),
    "extracted",
)

EXTRACTED: tuple[Table, ...] = (
    EXTRACTED_MENTIONS,
    EXTRACTED_ACTORS,
    EXTRACTED_STATEMENTS,
    EXTRACTED_FIGURES,
    EXTRACTED_SPENDING,
    EXTRACTED_FINGERPRINTS,
)
"""The files that extraction writes for each batch; `sql/` turns them into the published tables."""

FEED_STATES = Table(
    "feed_states", "One row a feed: its card, and what its state says.", _FEED_COLUMNS, ("feed",), "extracted"
)
KNOWN_ROUNDS = Table("known_rounds", FEED_ROUNDS.description, FEED_ROUNDS.columns, FEED_ROUNDS.key, "extracted")
CORRECTIONS = Table(
    "corrections",
    "One row an actor that the user's file corrects, and the documents in which a split holds (see corrections.Where).",
    (
        *_CORRECTION_COLUMNS,
        _c("documents", "VARCHAR[]", "doc_ids, external_ids or raw_uris; empty for any"),
        _c("sources", "VARCHAR[]", "outlets; empty for any"),
        _c("name", "VARCHAR", "the actor's name in the document", null=True),
        _c("country", "VARCHAR", "its country there", null=True),
        _c("role", "VARCHAR", "a part of its role there", null=True),
        _c("since", "DATE", "first day of publication", null=True),
        _c("until", "DATE", "last day of publication", null=True),
    ),
    ("line", "actor_id"),
    "extracted",
)
OFFICIAL_EXPENDITURE = Table(
    "official_expenditure",
    "One row a state's official military expenditure of a year, from the reference tables.",
    (
        _c("iso3", "VARCHAR", "the state, alpha-3"),
        _c("year", "INTEGER", "the year"),
        _c("share_of_gdp", "DOUBLE", "percent of GDP", null=True),
        _c("usd", "DOUBLE", "US dollars", null=True),
        _c("source", "VARCHAR", "where it comes from"),
    ),
    ("iso3", "year"),
    "extracted",
)
LAST_ACTORS = Table(
    "last_actors", "The actors of the last publish, for what became of their ids.",
    without_references((_ACTOR, ACTORS["mention_count"])), ("actor_id",), "extracted",
)
LAST_MENTIONS = Table(
    "last_mentions", "The mentions of the last publish, for what became of their actors.",
    without_references((MENTIONS["mention_id"], MENTIONS["actor_id"])), ("mention_id",), "extracted",
)
LAST_REDIRECTS = Table(
    "last_redirects", "The redirects of the last publish.", without_references(ACTOR_REDIRECTS.columns), ("from_id",),
    "extracted",
)
LAST: dict[str, Table] = {"actors": LAST_ACTORS, "mentions": LAST_MENTIONS, "actor_redirects": LAST_REDIRECTS}
"""Published table → what the next build reads of it."""

_WEEK = _c("week", "BIGINT", "of the earlier text, counted from 1 January 1970")
_PAIR = (
    _c("smaller_id", "VARCHAR", "the document with fewer shingles"),
    _c("larger_id", "VARCHAR", "the other"),
    _WEEK,
)
KNOWN_WEEKS = Table(
    "known_weeks",
    "The weeks of the last build, as copy_weeks has them.",
    (_WEEK, _c("state", "UBIGINT", "a hash of the texts of four weeks")),
    ("week",),
    "extracted",
)
KNOWN_COMPARISONS = Table(
    "known_comparisons",
    "Pairs of texts that the last build compared, as copy_comparisons has them.",
    (
        *_PAIR,
        _c("size", "DOUBLE", "shingles of the smaller, to those of the larger"),
        *(
            _c(name, "BIGINT", "see copy_comparisons")
            for name in ("expected", "found", "number_count", "repeated_count", "other_numbers", "other_words")
        ),
    ),
    ("smaller_id", "larger_id"),
    "extracted",
)
KNOWN_NEAR_COPIES = Table(
    "known_near_copies",
    "Pairs of near-copies of the last build, as near_copies has them.",
    (
        *_PAIR,
        _c("is_part", "BOOLEAN", "whether the smaller is a mere part"),
        _c("is_near", "BOOLEAN", "whether they are near-copies, or only not far from it"),
    ),
    ("smaller_id", "larger_id"),
    "extracted",
)
REMEMBERED: dict[str, Table] = {
    "copy_weeks": KNOWN_WEEKS,
    "copy_comparisons": KNOWN_COMPARISONS,
    "near_copies": KNOWN_NEAR_COPIES,
}
"""Intermediate table whose rows follow from the documents they name → what the next build reads of it."""

BY_DOCUMENT: dict[str, str] = {
    **dict.fromkeys(
        ("documents", "mentions", "statements", "figures", "appearances", "statement_mentions", "statement_tokens"),
        "document_states",
    ),
    "defence_spending": "spending_states",
}
"""Table whose rows each belong to a document → the query that tells whether what decides them has changed."""

INGESTED: tuple[Table, ...] = (SOURCE_DOCUMENTS, REJECTED_DOCUMENTS)


def all_tables() -> Iterator[Table]:
    """Yield every declared table once."""
    yield from {table.name: table for table in (*INGESTED, *EXTRACTED, *PUBLISHED)}.values()
