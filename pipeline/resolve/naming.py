"""Names → actors: candidates become mentions of persons, states and bodies, with their offices and countries.

How names are found in the text is in `pipeline.extract.mentions`; pronouns and descriptions are in `referring`.
"""

from __future__ import annotations

import bisect
import re

from pipeline.extract import mentions as names_of
from pipeline.extract.mentions import Candidate
from pipeline.extract.records import Span
from pipeline.resolve import gazetteer, titles
from pipeline.resolve.names import fold, slug, surname
from pipeline.resolve.page import Page, country_of_name
from pipeline.resolve.places import Setting, Sign
from pipeline.resolve.roster import Actor, People, tidy

ONE_WORD = re.compile(r"[^\W\d_]+(?:[-&'’](?!s\b)[^\W\d_]+)*")
ACTING = frozenset({"nsubj", "nsubjpass", "csubj", "agent", "dative"})
ACTING_PREPOSITIONS = frozenset({"by", "with", "between", "from", "against", "for"})
WORLDWIDE = re.compile(
    r"\b(?:Africa|African|Arab|Asia|Asian|Europe|European|Global|International|Inter-American|World)\b"
)
"""What makes it unlikely that a body is of the state that a text is about."""


class Naming:
    """Settles the names of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.text, self.story, self.setting = page.text, page.story, page.setting
        self.actors, self.found = page.actors, page.found
        self._speaker_at = {at for span in page.speakers for at in (span.start, span.end)}

    def read(self) -> None:
        """Settle the names of the text; what it tells of states goes to the page's setting first."""
        names = names_of.find(self.text, self.page.doc)
        candidates = [c for c in names.candidates if not c.doubtful or self._supported(c)]
        candidates += self._missed(candidates)
        signs = self._signs(candidates, names.adjectives)
        self.page.setting = self.setting = Setting(self.text, self.page.title, signs)
        self._persons(candidates)
        self._others(candidates)
        self._short_forms()

    def _missed(self, candidates: list[Candidate]) -> list[Candidate]:
        """Return persons in the words of speakers that hold no person yet."""
        starts = sorted(c.span for c in candidates)
        out = []
        for span in self.page.speakers:
            candidate = names_of.unknown_person(self.text, span)
            if candidate is None:
                continue
            index = bisect.bisect_left(starts, (candidate.span.start - 80, 0))
            near = starts[index : bisect.bisect_left(starts, (candidate.span.end, 0))]
            if all(other.end <= candidate.span.start for other in near):
                out.append(candidate)
        return list({c.span: c for c in out}.values())

    def _supported(self, c: Candidate) -> bool:
        """Tell whether what only the recogniser takes for a person is one: it speaks or has a title.

        A common word needs the title directly before it: "Senator Long", not "Chief of Naval Operations"; or it is all
        that stands there for a speaker.
        """
        before = self.text[max(0, c.span.start - 40) : c.span.start]
        if c.common and c.span not in self.page.speakers:
            last = before.split()[-1:] if before.endswith(" ") else []
            return bool(last) and last[0][0].isupper() and titles.is_address(last[0])
        if c.span.start in self._speaker_at or c.span.end in self._speaker_at:
            return True
        return titles.titles_start(before) < len(before)

    def _signs(self, candidates: list[Candidate], adjectives: list[gazetteer.Hit]) -> list[Sign]:
        signs = [Sign(hit.start, hit.known.country, "adjective") for hit in adjectives if hit.known.country]
        for c in candidates:
            if c.form == "person" and c.known is not None:
                country = gazetteer.country_served(c.known.actor_id, self.page.day)
            else:
                country = c.country if c.known is None else c.known.country
            if country is not None:
                signs.append(Sign(c.span.start, country, "adjective" if c.form == "body" else c.form))
        return signs

    def _persons(self, candidates: list[Candidate]) -> None:
        found = [c for c in candidates if c.form == "person"]
        people = People()
        places: dict[str, list[int]] = {}
        for c in sorted(found, key=lambda c: (-len(c.span.of(self.text).split()), c.span)):
            name = c.span.of(self.text).replace("\n", " ")
            same = people.named(name)
            actor = min(same, key=lambda a: _distance(places[a.actor_id], c.span.start)) if same else None
            if actor is not None and self._is_the_known_one(c, actor, places[actor.actor_id]):
                actor = None
            if actor is None and c.known is not None:
                actor = self.actors.known(c.known)
                offices = gazetteer.offices(c.known, self.page.day)
                self.story.offices[actor.actor_id] = set(map(titles.role_words, offices))
            if actor is None:
                actor = self.actors.make(slug(name), tidy(name), "person")
            people.add(name, actor)
            actor.aliases.add(name)
            bisect.insort(places.setdefault(actor.actor_id, []), c.span.start)
            self.found[c.span] = ("name", "PERSON", actor.actor_id)
        for c in sorted(found, key=lambda c: c.span):
            self._office(self.actors[self.found[c.span][2] or ""], titles.office(self.text, c.span), c.span)
        for key, starts in places.items():
            actor = self.actors[key]
            if not actor.placed:
                if actor.is_known:
                    actor.country = gazetteer.country_served(key, self.page.day)
                elif actor.country is None:
                    actor.country = self.setting.at(starts[0]) if actor.role else self.setting.main()
            if actor.gender is None:
                actor.gender = gazetteer.given_names().get(fold(actor.name).split()[0].casefold())

    def _is_the_known_one(self, c: Candidate, other: Actor, places: list[int]) -> bool:
        """Tell whether a surname means the known person, though the text names another of it in full.

        It does in that person's office ("President Biden" beside Hunter Biden), and where the other is named later.
        """
        if c.known is None or other.is_known or " " in c.span.of(self.text):
            return False
        role = titles.office(self.text, c.span).role
        if role is not None:
            held = map(titles.role_words, gazetteer.offices(c.known, self.page.day))
            return any(titles.role_words(role) & words for words in held)
        return _distance(places, c.span.start)[0]

    def _office(self, actor: Actor, office: titles.Office, span: Span) -> None:
        if office.gender and actor.gender is None:
            actor.gender = office.gender
        if office.role is None:
            return
        self.story.roles.setdefault(actor.actor_id, set()).add(titles.role_words(office.role))
        if office.rank:
            actor.rank = actor.rank or office.role
        elif actor.role is None:
            actor.role = office.role
        if office.placed and not actor.placed:
            actor.country, actor.placed = office.country, True
        elif not actor.placed and not actor.is_known and office.serves_state:
            actor.country = actor.country or self.setting.at(span.start)

    def _others(self, candidates: list[Candidate]) -> None:
        for c in candidates:
            words = c.span.of(self.text)
            if c.form == "person":
                continue
            if (c.form == "capital" or words == "Europe") and not self._acts(c.span):
                continue
            if c.known is not None:
                actor = self.actors.known(c.known)
            elif c.form == "body":
                country = c.country or self.setting.at(c.span.start, c.only, c.never)
                actor = self.actors.body(c.name, c.actor_type, country)
            else:
                actor = self.actors.make(slug(words), tidy(words), c.actor_type)
                if actor.country is None and c.actor_type not in ("bloc",):
                    actor.country, actor.placed = country_of_name(words), True
                if actor.country is None and not WORLDWIDE.search(words):
                    actor.country, actor.placed = self.setting.at(c.span.start, c.only, c.never), False
            actor.aliases.add(words)
            kind = "name" if words[0].isupper() else "nominal"
            self.found[c.span] = (kind, c.label, actor.actor_id)

    def _acts(self, span: Span) -> bool:
        """Tell whether a capital stands for its state: it acts or is addressed, and is no place."""
        token = self.page.token(span.start)
        if token is None:
            return False
        while token.dep_ in ("conj", "appos") and token.head is not token:
            token = token.head
        if token.dep_ in ACTING:
            return True
        if token.dep_ == "poss":
            return True
        return token.dep_ == "pobj" and token.head.lower_ in ACTING_PREPOSITIONS

    def _short_forms(self) -> None:
        """Find surnames and acronyms that the recogniser missed: "Dragsted", "(BBN)"."""
        forms: dict[str, str] = {}
        for actor in list(self.actors.values()):
            if actor.actor_type == "person" and " " in actor.name:
                last = actor.name.split()[-1]
                if len(last) > 2 and last[0].isupper() and surname(actor.name) == fold(last).casefold():
                    forms[last] = forms[last.upper()] = actor.actor_id
        for span, (_, label, actor_id) in list(self.found.items()):
            if label == "ORG" and actor_id is not None:
                match = re.match(r"\s\(([A-Z][A-Za-z&-]{1,9})\)", self.text[span.end : span.end + 14])
                if match is not None:
                    self._rename(match.group(1), actor_id)
                    forms[match.group(1)] = actor_id
        if not forms:
            return
        taken = {at for span in self.found for at in range(span.start, span.end)}
        for match in ONE_WORD.finditer(self.text):
            actor_id = forms.get(match.group())
            if actor_id is None or match.start() in taken or match.end() - 1 in taken:
                continue
            token = self.page.token(match.start())
            if token is None or token.pos_ not in ("PROPN", "NOUN", "X", "ADJ") or token.idx != match.start():
                continue
            actor = self.actors[actor_id]
            actor.aliases.add(match.group())
            label = "PERSON" if actor.actor_type == "person" else "ORG"
            self.found[Span(*match.span())] = ("name", label, actor.actor_id)

    def _rename(self, short: str, actor_id: str) -> None:
        """Give the mentions of an unknown short form to the actor it stands for."""
        old = slug(short)
        if old == actor_id or (old in self.actors and self.actors[old].is_known):
            return
        for span, (kind, label, actor) in list(self.found.items()):
            if actor == old:
                self.found[span] = (kind, label, actor_id)
                self.actors[actor_id].aliases.add(short)


def _distance(starts: list[int], at: int) -> tuple[bool, int]:
    """Return how far the last start before a place is; where there is none, how far the first one after it is."""
    index = bisect.bisect_left(starts, at)
    return (False, at - starts[index - 1]) if index else (True, starts[0] - at)
