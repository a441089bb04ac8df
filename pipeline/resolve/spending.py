"""Figures → spending records: which figures are defence money, who pays whom, for what, and how far it has come.

Here stands only the order of the decisions; each has its module: `defence` (is it defence spending), `flows` (kind,
status, item), `payers` (spender, recipient), `periods` (years). Exchange rates are in `pipeline.resolve.rates`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from spacy.tokens import Doc

from pipeline.extract.records import Document, Figure, LocalActor, Mention, Span, Spending
from pipeline.resolve import defence, flows, payers, periods
from pipeline.resolve.cues import Hit, Site, Words, plain_words, sites


def find_spending(
    document: Document,
    doc: Doc,
    figures: Sequence[Figure],
    mentions: Sequence[Mention],
    actors: Mapping[str, LocalActor],
) -> list[Spending]:
    """Find the defence spending among the figures of a document, in text order.

    `actors` are the document's actors by id; the ids of the records' spenders and recipients are keys of it, or None
    where the text names the party otherwise.
    """
    money = defence.without_conversions(
        document.text, sorted((f for f in figures if f.kind in ("money", "percent")), key=lambda f: f.span)
    )
    if not money:
        return []
    words = Words(doc)
    title = plain_words(doc.vocab, document.title) if document.title else None
    topic = defence.read_topic(words, title)
    cast = payers.Cast(words, mentions, actors, document.title)
    return _Reader(document, words, topic, cast, title).read(sites(words, money))


class _Reader:
    """One pass over the figures of a document; later figures see what earlier ones were."""

    def __init__(
        self, document: Document, words: Words, topic: defence.Topic, cast: payers.Cast, title: Words | None
    ) -> None:
        self.document = document
        self.words = words
        self.topic = topic
        self.cast = cast
        self.helped = payers.helped_state(cast)
        self.flow_hits = list(flows.flow_lexicon().find(words))
        self.last: tuple[Site, LocalActor | None, Spending] | None = None
        self.shares = 0
        self.speaks_of_shares = bool(defence.SHARES.search(document.text))
        self.status_hits = flows.status_hits(words)
        self.theme = flows.find_theme(self.flow_hits)
        self.stage = flows.find_stage(words, title)
        self.year = periods.budget_year(document.text, document.title, document.published_on)

    def read(self, places: list[Site]) -> list[Spending]:
        """Return the records of the figures at these places."""
        text = self.document.text
        records: list[Spending] = []
        seen: set[tuple[str, float | None, float | None, str | None, str | None]] = set()
        for site in places:
            values = self._features(site)
            if values is None:
                continue
            weight = defence.weigh(values)
            if weight <= 0:
                continue
            share = site.figure.kind == "percent"
            amount = (defence.share_span(text, site) if share else None) or site.figure.span
            record, spender = self._record(site, amount, share, weight)
            self.last = site, spender, record
            self.shares += share
            year = record.period if share else None
            key = (record.measure, record.figure.low, record.figure.high, record.spender, year)
            if key not in seen:
                seen.add(key)
                records.append(record)
        return records

    def _features(self, site: Site) -> dict[str, float] | None:
        """Return the features of a figure, or None where its form alone says that it is no spending."""
        text = self.document.text
        values = defence.features(site, self._near(self.topic.hits, site), self.topic)
        last = self.last[0] if self.last else None
        if last is not None and last.sentence == site.sentence:
            values["same_sentence"] = 1.0
        elif last is not None and last.paragraph == site.paragraph:
            values["same_paragraph"] = 1.0
        if site.figure.kind == "money":
            return values
        if defence.share_span(text, site) is not None:
            return values | {"gdp": 1.0}
        if not self.speaks_of_shares or not defence.may_be_share(text, site):
            return None
        share_before = last is not None and self.last is not None and self.last[2].measure == "share_of_gdp"
        near = share_before and last is not None and last.paragraph == site.paragraph
        return values | {"bare_percent": 1.0, "share_before": 1.0 if near else 0.5 if self.shares else 0.0}

    def _near(self, hits: Sequence[Hit], site: Site) -> list[Hit]:
        low, high = site.reach
        first = bisect_left(hits, low, key=lambda h: h.start)
        return list(hits[first : bisect_left(hits, high, key=lambda h: h.start)])

    def _own_budget(self, flow: str, ahead: int | None) -> bool:
        """Return whether money of that flow, so many years ahead, may belong to the budget the document is about."""
        today, budget = self.document.published_on, periods.years(self.year)
        if today is None or budget is None or flow not in ("budget", "procurement", "investment"):
            return False
        return ahead is None or today.year + ahead == budget[0]

    def _years_ahead(self, site: Site) -> int | None:
        """Return how many years after publication the period named beside the figure begins."""
        today = self.document.published_on
        named = periods.years(periods.find_period(self.words, site, today, level=True, signed=False))
        return named[0] - today.year if named and today else None

    def _record(
        self, site: Site, amount: Span, share: bool, weight: float
    ) -> tuple[Spending, LocalActor | None]:
        words = self.words
        previous, before = None, None
        if self.last is not None and self.last[0].paragraph == site.paragraph:
            previous, before = self.last[1:]
        given = payers.is_given(self.cast, site, self.helped)
        flow = flows.find_flow(
            words,
            site,
            self._near(self.flow_hits, site),
            share=share,
            theme=self.theme,
            given=given,
            previous=before.flow if before is not None else None,
        )
        ahead = self._years_ahead(site)
        status = flows.find_status(
            words,
            site,
            self._near(self.status_hits, site),
            flow,
            share=share,
            stage=self.stage,
            previous=before.status if before is not None else None,
            ahead=ahead,
            own_budget=self._own_budget(flow, ahead),
        )
        spender = payers.find_spender(self.cast, site, flow, previous, self.helped)
        recipient = payers.find_recipient(self.cast, site, flow, spender, self.helped)
        item = None if share else flows.find_item(words, site, flow)
        period = periods.find_period(
            words,
            site,
            self.document.published_on,
            level=flow in ("budget", "aid"),
            signed=status == "signed" or (flow == "procurement" and status in ("planned", "spent")),
        )
        together = before is not None and self.last is not None and self.last[0].sentence == site.sentence
        if period is None and before is not None and together and before.status == status:
            period = before.period
        if period is None and flow in ("budget", "procurement", "investment"):
            stage = max(self.stage, key=lambda label: self.stage[label], default=None)
            if status in ("approved", "proposed") and stage in ("approved", "proposed"):
                period = self.year
        payer = self.cast.party(spender) if spender else None
        record = Spending(
            figure=site.figure,
            amount=amount,
            measure="share_of_gdp" if share else "amount",
            spender_id=payer.actor_id if payer else None,
            spender=payer.name if payer else None,
            recipient_id=recipient.actor_id if recipient else None,
            recipient=recipient.name if recipient else None,
            flow=flow,
            status=status,
            item=words.doc[item[0] : item[1]].text if item else None,
            period=period,
            confidence=round(min(0.95, max(0.3, 0.5 + weight / 10)), 2),
        )
        return record, spender
