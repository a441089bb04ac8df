"""Figures → spending records: which figures are defence money, who pays whom, for what, and how far it has come.

Here stands only the order of the decisions; each has its module that offers the options: `defence` (is it defence
spending), `flows` (kind, status), `payers` (spender, recipient), `items`, `periods`. `linear` chooses among them by
learned weights, for the first three together with `appraisal`. Exchange rates are in `pipeline.resolve.currency`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence

from spacy.tokens import Doc

from pipeline.extract.records import Document, Figure, LocalActor, Mention, Span, Spending
from pipeline.resolve import defence, flows, items, payers, periods
from pipeline.resolve.appraisal import Together
from pipeline.resolve.cast import Cast, buys
from pipeline.resolve.cues import Hit, Site, Words, plain_words, sites
from pipeline.resolve.flows import Before
from pipeline.resolve.linear import Chooser, Features, Option, T, learned
from pipeline.resolve.notices import contracting_office


def find_spending(
    document: Document,
    doc: Doc,
    figures: Sequence[Figure],
    mentions: Sequence[Mention],
    actors: Mapping[str, LocalActor],
    *,
    chooser: Chooser | None = None,
) -> list[Spending]:
    """Find the defence spending among the figures of a document, in text order.

    `actors` are the document's actors by id; the ids of the records' spenders and recipients are keys of it, or None
    where the text names the party otherwise. `chooser` decides; without one, the two learned models do.

    Raises:
        ModelNotInstalled: the encoder cannot be loaded.
    """
    candidates = [f for f in figures if f.kind == "money" or defence.is_share(document.text, f)]
    money = defence.without_conversions(document.text, sorted(candidates, key=lambda f: f.span))
    if not money:
        return []
    words = Words(doc)
    title = plain_words(doc.vocab, document.title) if document.title else None
    topic = defence.read_topic(words, title)
    cast = Cast(words, mentions, actors, document.title)
    places = defence.possible(document.text, sites(words, money))
    if chooser is None:
        chooser = Together(learned(), document, [site.figure for site in places], mentions)
    return _Reader(document, words, topic, cast, title=title, chooser=chooser).read(places)


class _Reader:
    """One pass over the figures of a document; later figures see what earlier ones were."""

    def __init__(
        self,
        document: Document,
        words: Words,
        topic: defence.Topic,
        cast: Cast,
        *,
        title: Words | None,
        chooser: Chooser,
    ) -> None:
        self.document = document
        self.words = words
        self.topic = topic
        self.cast = cast
        self.chooser = chooser
        self.helped = payers.helped_state(cast)
        self.flow_hits = list(flows.flow_lexicon().find(words))
        self.last: tuple[Site, Spending] | None = None
        self.shares = 0
        self.status_hits = flows.status_hits(words)
        self.theme = flows.find_theme(self.flow_hits)
        self.stage = flows.find_stage(words, title)
        self.year = periods.budget_year(document.text, document.title, document.published_on)
        self.opening = periods.opening_period(document.text, document.published_on)
        self.periods: Counter[str | None] = Counter()
        self.named = frozenset(i for c in cast.candidates if c.form != "adjective" for i in range(c.start, c.end))

    def read(self, places: list[Site]) -> list[Spending]:
        """Return the records of the figures at these places."""
        text = self.document.text
        records: list[Spending] = []
        seen: set[tuple[object, ...]] = set()
        for site in places:
            found, certainty = self._choose("defence", site, defence.options(self._features(site)))
            if not found:
                continue
            share = site.is_share
            amount = (defence.share_span(text, site) if share else None) or site.figure.span
            record = self._record(site, amount, certainty)
            self.last = site, record
            self.shares += share
            year = record.period if share else None
            key = (
                record.measure,
                record.figure.low,
                record.figure.high,
                record.spender,
                year,
                defence.is_obligation(self.words, site),
                defence.part(text, site.figure),
            )
            if key not in seen:
                seen.add(key)
                records.append(record)
        return records

    def _choose(self, decision: str, site: Site, options: Sequence[Option[T]]) -> tuple[T, float]:
        option, probability = self.chooser.choose(decision, site.figure, options)
        return option.value, probability

    def _features(self, site: Site) -> Features:
        """Return what speaks for and against a figure's being defence spending."""
        text = self.document.text
        values = defence.features(site, self._near(self.topic.hits, site), self.topic)
        values |= flows.surroundings(site) | defence.around(self.words, site)
        before = self._before(site)
        if before is not None:
            values[f"same {before.near}"] = 1.0
        if defence.is_obligation(self.words, site):
            values["obligation"] = 1.0
        if self.document.source and buys(self.document.source):
            values["from a body that buys"] = 1.0
        if contracting_office(self.cast, site) is not None:
            values["contract notice"] = 1.0
        values |= payers.company(self.cast, site)
        if not site.is_share:
            return values
        if defence.share_span(text, site) is not None:
            return values | {"share of output": 1.0}
        values |= defence.share_like(self.words, site)
        values["a target"] = float(flows.is_target(self.words, site))
        near = False
        if self.last is not None:
            place, record = self.last
            near = record.measure == "share_of_gdp" and place.paragraph == site.paragraph
        values["bare percentage"] = 1.0
        values["share before"] = 1.0 if near else 0.5 if self.shares else 0.0
        return values

    def _near(self, hits: Sequence[Hit], site: Site) -> list[Hit]:
        low, high = site.reach
        first = bisect_left(hits, low, key=lambda h: h.start)
        return list(hits[first : bisect_left(hits, high, key=lambda h: h.start)])

    def _whose_budget(self, flow: str, ahead: int | None) -> str:
        """Return whether money of that flow, so many years ahead, may belong to the budget the document is about."""
        today, budget = self.document.published_on, periods.years(self.year)
        if today is None or budget is None or flow not in ("budget", "procurement", "investment"):
            return "no year's"
        return "own" if ahead is None or today.year + ahead == budget[0] else "another year's"

    def _years_ahead(self, site: Site) -> int | None:
        """Return how many years after publication the period named beside the figure begins."""
        today = self.document.published_on
        named = periods.named_year(self.words, site, today)
        return named - today.year if named and today else None

    def _known_periods(self) -> dict[str, str]:
        """Return the periods that the document is about: its budget's, its first, and the most common so far."""
        common = self.periods.most_common(1)
        found = {
            "the budget's": self.year,
            "the opening's": self.opening,
            "the most common": common[0][0] if common else None,
        }
        return {name: period for name, period in found.items() if period is not None}

    def _before(self, site: Site) -> Before | None:
        if self.last is None:
            return None
        last, record = self.last
        same = last.sentence == site.sentence, last.paragraph == site.paragraph
        return Before(record, "sentence" if same[0] else "paragraph" if same[1] else "document")

    def _record(self, site: Site, amount: Span, certainty: float) -> Spending:
        words, cast, today = self.words, self.cast, self.document.published_on
        before = self._before(site)
        given = payers.is_given(cast, site, self.helped)
        near = self._near(self.flow_hits, site)
        flow, sure = self._choose(
            "flow",
            site,
            flows.flow_options(words, site, near, theme=self.theme, given=given, before=before),
        )
        certainty *= sure
        ahead = self._years_ahead(site)
        status, sure = self._choose(
            "status",
            site,
            flows.status_options(
                words,
                site,
                self._near(self.status_hits, site),
                flow,
                stage=self.stage,
                before=before,
                ahead=ahead,
                whose=self._whose_budget(flow, ahead),
            ),
        )
        certainty *= sure
        scene = payers.Scene(cast, site, flow, before, self.helped)
        spender, sure = self._choose("spender", site, payers.spender_options(scene))
        certainty *= sure
        recipient, _ = self._choose("recipient", site, payers.recipient_options(scene, spender))
        item, _ = self._choose(
            "item",
            site,
            items.item_options(
                words,
                site,
                self._near(self.topic.hits, site),
                named=self.named,
                notice=contracting_office(cast, site) is not None,
                flow=flow,
                before=before,
            ),
        )
        period, _ = self._choose(
            "period",
            site,
            periods.period_options(
                words, site, today, flow=flow, status=status, known=self._known_periods(), before=before
            ),
        )
        self.periods[period] += 1
        cast.remember(spender, recipient)
        payer = cast.party(spender) if spender else None
        return Spending(
            figure=site.figure,
            amount=amount,
            measure="share_of_gdp" if site.is_share else "amount",
            spender_id=payer.actor_id if payer else None,
            spender=payer.name if payer else None,
            recipient_id=recipient.actor_id if recipient else None,
            recipient=recipient.name if recipient else None,
            flow=flow,
            status=status,
            item=item,
            period=period,
            confidence=round(certainty, 2),
        )
