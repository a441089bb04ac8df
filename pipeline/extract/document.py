"""From documents to rows: the parse, the extractors in their order, and ids that are the same on every machine.

Rows are plain dictionaries in the shape of `tables.EXTRACTED`. How each thing is found is in the other modules of this
package and in `pipeline.resolve`; files and processes are `pipeline.store` and `pipeline.assets`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.extract import reader
from pipeline.extract.figures import find_figures
from pipeline.extract.model import parse_all
from pipeline.extract.passage import Passage
from pipeline.extract.records import Attribution, Document, Figure, LocalActor, Mention, Span, Spending
from pipeline.extract.statements import find_statements
from pipeline.resolve.actors import resolve_actors, speaker_actor
from pipeline.resolve.currency import convert, convert_past
from pipeline.resolve.periods import years
from pipeline.resolve.spending import find_spending

TOGETHER, CHARACTERS = 64, 400_000
"""Documents, and their characters, that are parsed together: more would take memory and no less time."""

Row = dict[str, Any]
Rows = dict[str, list[Row]]


def row_id(*parts: object) -> str:
    """Return the id of a row: 16 hex digits of a SHA-256 over what makes it that row."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:16]


def extract(document: Document, nlp: Language, confidence: float = 0.0) -> Rows:
    """Extract everything from one document: rows for each of `tables.EXTRACTED`, by its name.

    Statements less likely to be right than `confidence` (0 to 1) are left out.

    Raises:
        ModelNotInstalled: the reader of statements or the appraiser of spending cannot be loaded.
    """
    return next(extract_all([document], nlp, confidence))


def extract_all(documents: Iterable[Document], nlp: Language, confidence: float = 0.0) -> Iterator[Rows]:
    """Yield what `extract` returns for each document, in their order; many are parsed together, which is quicker.

    Raises:
        ModelNotInstalled: the reader of statements or the appraiser of spending cannot be loaded.
    """
    for batch in _batches(documents):
        docs = parse_all(nlp, [document.text for document in batch])
        docs.reverse()
        for document in batch:
            yield _extract(document, docs.pop(), confidence)  # popped, so that no parse is kept longer than needed


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    for document in documents:
        batch.append(document)
        if len(batch) == TOGETHER or sum(len(one.text) for one in batch) >= CHARACTERS:
            yield batch
            batch = []
    if batch:
        yield batch


def _extract(document: Document, doc: Doc, confidence: float) -> Rows:
    found = find_statements(Passage(doc), reader.load())
    attributions = [one for one in found if one.confidence >= confidence]
    speakers = sorted({a.speaker for a in attributions if a.speaker is not None})
    mentions, actors = resolve_actors(document, doc, speakers)
    figures = find_figures(doc)
    known = {actor.actor_id: actor for actor in actors}
    spending = find_spending(document, doc, figures, mentions, known)
    statements = [_statement_row(document, a, mentions) for a in attributions]
    return {
        "extracted_mentions": [_mention_row(document, m) for m in mentions],
        "extracted_actors": [_actor_row(document, a) for a in actors],
        "extracted_statements": _unique(statements, "statement_id"),
        "extracted_figures": [_figure_row(document, f) for f in figures],
        "extracted_spending": _unique([_spending_row(document, s, statements) for s in spending], "spending_id"),
    }


def _unique(rows: Sequence[Row], key: str) -> list[Row]:
    return list({row[key]: row for row in reversed(rows)}.values())[::-1]


def _mention_row(document: Document, mention: Mention) -> Row:
    start, end = mention.span
    return {
        "mention_id": row_id(document.doc_id, "mention", start, end),
        "doc_id": document.doc_id,
        "start_char": start,
        "end_char": end,
        "text": mention.span.of(document.text),
        "mention_type": mention.mention_type,
        "entity_label": mention.entity_label,
        "actor_id": mention.actor_id,
    }


def _actor_row(document: Document, actor: LocalActor) -> Row:
    return {
        "doc_id": document.doc_id,
        "actor_id": actor.actor_id,
        "name": actor.name,
        "actor_type": actor.actor_type,
        "country": actor.country,
        "role": actor.role,
        "wikidata_id": actor.wikidata_id,
        "aliases": sorted(set(actor.aliases)),
        "named": actor.named,
        "placed": actor.placed,
        "listed": actor.listed,
    }


def _optional(span: Span | None, text: str) -> tuple[str | None, int | None, int | None]:
    return (None, None, None) if span is None else (span.of(text), span.start, span.end)


def _statement_row(document: Document, attribution: Attribution, mentions: Sequence[Mention]) -> Row:
    text = document.text
    speaker_text, speaker_start, speaker_end = _optional(attribution.speaker, text)
    cue_text, cue_start, cue_end = _optional(attribution.cue, text)
    return {
        "statement_id": row_id(document.doc_id, "statement", attribution.content, attribution.speaker, attribution.cue),
        "doc_id": document.doc_id,
        "speaker_id": None if attribution.speaker is None else speaker_actor(mentions, attribution.speaker),
        "speaker_text": speaker_text,
        "speaker_start": speaker_start,
        "speaker_end": speaker_end,
        "cue_text": cue_text,
        "cue_lemma": attribution.cue_lemma,
        "cue_class": attribution.cue_class,
        "cue_start": cue_start,
        "cue_end": cue_end,
        "content": " … ".join(span.of(text) for span in attribution.content),
        "content_spans": [{"start": span.start, "end": span.end} for span in attribution.content],
        "kind": attribution.kind,
        "medium": None if attribution.medium is None else attribution.medium.of(text),
        "published_on": document.published_on,
        "confidence": attribution.confidence,
        "negated": attribution.negated,
        "modality": attribution.modality,
    }


def _figure_id(document: Document, figure: Figure) -> str:
    return row_id(document.doc_id, "figure", figure.span.start, figure.span.end)


def _figure_row(document: Document, figure: Figure) -> Row:
    start, end = figure.span
    return {
        "figure_id": _figure_id(document, figure),
        "doc_id": document.doc_id,
        "start_char": start,
        "end_char": end,
        "text": figure.span.of(document.text),
        "kind": figure.kind,
        "low": figure.low,
        "high": figure.high,
        "qualifier": figure.qualifier,
        "unit": figure.unit,
        "sentence": figure.sentence.of(document.text),
    }


def _in_both_currencies(amount: float | None, spending: Spending, document: Document) -> Mapping[str, Any]:
    """Return a sum in euros and dollars: at the average of the past years that it is for, or at the day's rate."""
    converted, today = None, document.published_on
    if amount is not None and spending.measure == "amount" and today is not None:
        covered = years(spending.period)
        if covered is not None and covered[1] < today.year:
            converted = convert_past(amount, spending.figure.unit, *covered)
        converted = converted or convert(amount, spending.figure.unit, today)
    if converted is None:
        return {"eur": None, "usd": None, "rate_date": None}
    return {"eur": converted.eur, "usd": converted.usd, "rate_date": converted.rate_date}


def _claimed_in(start: int, end: int, statements: Sequence[Row]) -> str | None:
    """Return the innermost statement whose content holds the characters."""
    around = [
        (piece["end"] - piece["start"], row["statement_id"])
        for row in statements
        for piece in row["content_spans"]
        if piece["start"] <= start and end <= piece["end"]
    ]
    return min(around)[1] if around else None


def _spending_row(document: Document, spending: Spending, statements: Sequence[Row]) -> Row:
    figure = spending.figure
    start, end = spending.amount
    low = _in_both_currencies(figure.low, spending, document)
    high = _in_both_currencies(figure.high, spending, document)
    years = [int(year) for year in spending.period.split("-")] if spending.period else []
    return {
        "spending_id": row_id(document.doc_id, "spending", start, end),
        "doc_id": document.doc_id,
        "figure_id": _figure_id(document, figure),
        "start_char": start,
        "end_char": end,
        "amount_text": spending.amount.of(document.text),
        "measure": spending.measure,
        "low": figure.low,
        "high": figure.high,
        "qualifier": figure.qualifier,
        "currency": figure.unit if spending.measure == "amount" else None,
        "low_eur": low["eur"],
        "high_eur": high["eur"],
        "low_usd": low["usd"],
        "high_usd": high["usd"],
        "rate_date": low["rate_date"] or high["rate_date"],
        "spender_id": spending.spender_id,
        "spender": spending.spender,
        "recipient_id": spending.recipient_id,
        "recipient": spending.recipient,
        "flow": spending.flow,
        "status": spending.status,
        "item": spending.item,
        "period": spending.period,
        "period_start": min(years, default=None),
        "period_end": max(years, default=None),
        "statement_id": _claimed_in(start, end, statements),
        "evidence": figure.sentence.of(document.text),
        "confidence": spending.confidence,
    }
