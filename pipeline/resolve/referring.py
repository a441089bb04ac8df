"""Words that refer: whom the speakers of a page mean who are no names, "she", "the minister", "a ministry report".

What a description says is read in `descriptions`, who has been named before is told by `coreference`; here the two
meet, and whoever is new becomes an actor without a name. Names are settled before, in `naming`.
"""

from __future__ import annotations

import bisect
import re

from spacy.attrs import DEP
from spacy.tokens import Token

from pipeline.extract import columns, kinds
from pipeline.extract.records import Span
from pipeline.resolve import descriptions, gazetteer, titles
from pipeline.resolve.coreference import PRONOUNS, RELATIVE, SINGULAR, Place
from pipeline.resolve.names import slug
from pipeline.resolve.page import Page, country_of_name
from pipeline.resolve.roster import Actor, tidy

BEHIND_PREPOSITION = re.compile(
    r"\b(?:of|for|to|at|in|by|with|from|on|near|close|against)\s(?:[\w.’'-]+\s){0,4}$"
)
PRESENTED = re.compile(r"\s(?:that|which)\s(?:the\s)?(?P<state>government\b|cabinet\b)?")
APPOSED = re.compile(r"(?P<name>[A-Z][\w.&’'-]*(?:\s[A-Z][\w.&’'-]*)*)\s(?P<kind>[a-z-]+)")
BODIES_NAMED_SO = {
    "agency": "government_body", "alliance": "organisation", "broadcaster": "media", "company": "company",
    "group": "organisation", "militia": "organisation", "movement": "organisation", "newspaper": "media",
    "party": "party", "rebels": "organisation", "union": "organisation",
}
"""The word behind a name → the type of the body so named, if nothing else tells it."""
BASED = re.compile(r"(?P<place>[\w. ]+)-based\s")
"""Where a body sits, before its name: "Germany-based KettenWulf"."""
HONORED = re.compile(r"(?:dr|mr|mrs|ms)\.?\s", re.IGNORECASE)
NEAR = 3
"""Sentences back in which the person stands whom a description without a name means."""


class Referring:
    """Settles the speakers of one page whose names are settled."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.text, self.story = page.text, page.story
        self.actors, self.found, self.speakers = page.actors, page.found, page.speakers
        self._quotes = _quotes(page.text)
        self._pending: dict[str, Span] = {}

    def read(self) -> None:
        """Settle the speakers in the order of the text."""
        self._places()
        for span in self.speakers:
            if span not in self.found:
                self._speaker(span)

    def _places(self) -> None:
        for key, actor in self.actors.items():
            self.story.names[key] = actor.name
            self.story.country[key] = actor.country
            if actor.gender:
                self.story.gender[key] = actor.gender
        self.page.order = sorted(self.found)
        for span in self.page.order:
            actor_id = self.found[span][2]
            if actor_id is not None:
                self._place(span, actor_id)

        for place in columns.places(self.page.doc, DEP, "nsubj", "nsubjpass"):
            token = self.page.doc[place]
            if token.tag_ == "NN" and token.lower_ in descriptions.human():
                self._pend(token)

    def _pend(self, token: Token) -> None:
        """Keep "an old man" as one whom a later "he" may mean; an actor it becomes only then."""
        left = next((child for child in token.children if child.lower_ in ("a", "an")), None)
        if left is None or left.i > token.i or token.i - left.i > 5:
            return
        span = Span(left.idx + len(left.text_with_ws), token.idx + len(token))
        if span in self.found or not span.of(self.text).strip():
            return
        at = bisect.bisect_right(self.speakers, (token.idx, len(self.text))) - 1
        if at >= 0 and self.speakers[at].end > token.idx:
            return
        key = f"?{span.start}"
        self._pending[key] = span
        gender = titles.genders().get(token.lower_)
        if gender:
            self.story.gender[key] = gender
        self.story.add(Place(span, key, "person", self.story.sentence(span.start), True, False, False))

    def _settle(self, actor_id: str | None, gender: str | None) -> str | None:
        """Make an actor of a pending description that a pronoun means."""
        span = self._pending.pop(actor_id or "", None)
        if span is None or actor_id is None:
            return actor_id
        key = self._unnamed(span.of(self.text), False)
        if key is None:
            return None
        if gender is not None:
            self.story.gender.setdefault(key, gender)
        self.page.add(span, "nominal", "PERSON", key)
        self.story.rename(span, key)
        return key

    def _place(self, span: Span, actor_id: str) -> None:
        token = self.page.token(span.end - 1)
        subject = False
        if token is not None:
            while token.dep_ in ("compound", "appos", "conj", "flat") and token.head is not token:
                token = token.head
            subject = token.dep_ in ("nsubj", "nsubjpass", "ROOT")
        index = bisect.bisect_right(self.speakers, (span.start, len(self.text))) - 1
        speaker = index >= 0 and self.speakers[index].start <= span.start and span.end <= self.speakers[index].end
        at = bisect.bisect_right(self._quotes, (span.start, len(self.text))) - 1
        quoted = at >= 0 and self._quotes[at][0] < span.start < self._quotes[at][1]
        self.story.names.setdefault(actor_id, self.actors[actor_id].name)
        self.story.add(Place(span, actor_id, self.actors[actor_id].actor_type, self.story.sentence(span.start),
                             subject, speaker, quoted))

    def _speaker(self, span: Span) -> None:
        words = span.of(self.text)
        low = words.lower()
        if low in PRONOUNS:
            actor_id = self._settle(self.story.pronoun(low, span.start), SINGULAR.get(low))
            self.page.add(span, "pronoun", "PRON", actor_id)
            if actor_id is not None and low not in RELATIVE:
                self._place(span, actor_id)
            return
        named = self._named_head(span) or self._seat(words)
        if named is not None:
            kind = "nominal" if words[0].islower() else "name"
            self.page.add(span, kind, "PERSON" if self.actors[named].actor_type == "person" else "ORG", named)
            return
        actor_id = self._description(span, words)
        if actor_id is not None:
            actor = self.actors[actor_id]
            label = {"person": "PERSON", "group": "GROUP", "state": "GPE"}.get(actor.actor_type, "ORG")
            self.page.add(span, "nominal", label, actor_id)
            self._place(span, actor_id)
        else:
            self.page.add(span, "nominal", "NOUN", None)

    def _seat(self, words: str) -> str | None:
        """Return the state, or the union, whose seat of government speaks: "Warsaw said"."""
        hits = [hit for hit in gazetteer.find(words) if hit.form == "capital"]
        whole = hits and hits[0].start == 0 and hits[0].end == len(words)
        return self.actors.known(hits[0].known).actor_id if whole else None

    def _named_head(self, span: Span) -> str | None:
        """Return the named actor at the head of a speaker's words, None if the head is a description."""
        inside = self.page.inside(span)
        for kind in ("PERSON", ""):
            for s, (_, label, actor_id) in inside:
                if (kind and label != kind) or actor_id is None:
                    continue
                before = self.text[span.start : s.start]
                if label == "PERSON":
                    before = titles.without_titles(before)
                after = self.text[s.end : span.end]
                if BEHIND_PREPOSITION.search(before) and not re.search(r",\s(?:[\w.]+\s){0,5}$", before):
                    continue
                if re.match(r"['’]s?\b|['’]\s", after) or re.match(r"\s(?!of|in|for|and|from)[a-z]", after):
                    continue
                if label == "PERSON":
                    return actor_id
                if not after or re.match(r"\s*[,(]", after) or re.match(r"\s(?:of|in|for|and)\b", after):
                    return actor_id
        return None

    def _description(self, span: Span, words: str) -> str | None:
        """Return the actor whom a speaker's words without a name at their head mean; make one if they are new."""
        said = descriptions.describe(words)
        words_of_state = ("government", "cabinet")
        if said.head in words_of_state or (said.is_document and said.core.lower().startswith(words_of_state)):
            state = self._government(span)
            if state is not None:
                return state
        if said.is_document:
            named = self._named_inside(span) or self._presenter(span)
            if named is not None:
                return named
        apposed = self._apposed(said)
        if apposed is not None:
            return apposed
        plural = self._plural(span, said)
        if said.definite or said.own or said.owner or said.is_document:
            single = not plural or said.is_document or said.head in descriptions.WRITERS
            found = descriptions.meant(self.story, said, span.start) if single else None
            if found is None and not plural:
                found = self._named_so(said.bare) or self._unnamed_again(said, span.start)
                found = found or self._person_meant(said, span.start)
            if found is not None:
                self._learn(self.actors[found], said)
                return found
        if said.is_thing or (said.is_document and said.core == said.bare) or self.text[span.end : span.end + 1] == "-":
            return None
        if re.fullmatch(r"(?:one of .*|another|others|some|many)", words, re.IGNORECASE):
            return self._unnamed(words, plural)
        if HONORED.match(words) and kinds.proper_name(words.title()):
            return self._unlisted(words, span.start)
        if said.bare == words and said.core == words and not plural and kinds.proper_name(words):
            return self._unlisted(words, span.start)
        if " of " in said.bare and kinds.proper_name(said.bare):
            return self._unlisted(said.bare, span.start) if kinds.type_of(said.bare) is not None else None
        return self._unnamed(said.bare.split(", ")[0], plural)

    def _apposed(self, said: descriptions.Description) -> str | None:
        """Return the body that a description names before the word for what it is: "the CGIL union"."""
        match = APPOSED.fullmatch(said.bare) if said.definite else None
        if match is None or match["kind"] not in BODIES_NAMED_SO:
            return None
        name = match["name"]
        for actor in self.actors.values():
            if actor.actor_type != "person" and name in (actor.name, *actor.aliases):
                return actor.actor_id
        if list(gazetteer.find(name)) or not kinds.proper_name(f"The {name}"):
            return None
        actor = self.actors.make(slug(name), name, BODIES_NAMED_SO[match["kind"]])
        actor.country = actor.country or self.page.setting.at(self.text.find(name))
        actor.aliases.add(name)
        return actor.actor_id

    def _unlisted(self, words: str, at: int) -> str:
        """Make an actor of a name that neither the recogniser nor the gazetteer knows: "Century Aluminum said"."""
        first, _, rest = words.partition(" ")
        if rest and (titles.is_title(first) or kinds.is_given(first)):
            words = rest if titles.is_title(first) else words
            name = tidy(words.title() if words.isupper() else words)
            actor = self.actors.make(slug(name), name, "person")
        else:
            base = BASED.match(words)
            name = words[base.end() :] if base is not None else words
            actor = self.actors.make(slug(name), tidy(name), kinds.type_of(name) or "organisation")
            actor.country = actor.country or country_of_name(base["place"] if base is not None else name)
        actor.country = actor.country or self.page.setting.at(at)
        actor.aliases.add(name)
        return actor.actor_id

    def _learn(self, actor: Actor, said: descriptions.Description) -> None:
        """Take the office of a person who is described before or instead of being introduced by it."""
        if actor.actor_type != "person" or actor.role is not None or said.head not in titles.words("head"):
            return
        role = said.core
        for hit in gazetteer.find(role):
            if hit.start == 0 and hit.form in ("adjective", "entry", "name"):
                role = role[hit.end :].strip()
        if role:
            actor.role = role
            self.story.roles.setdefault(actor.actor_id, set()).add(titles.role_words(role))

    def _named_inside(self, span: Span) -> str | None:
        """Return the first body or person named inside a phrase, bodies first."""
        inside = self.page.inside(span)
        bodies = [actor for _, (_, label, actor) in inside if label == "ORG" and actor is not None]
        others = [actor for _, (_, _, actor) in inside if actor is not None]
        return next(iter([*bodies, *others]), None)

    def _presenter(self, span: Span) -> str | None:
        """Return who presents something written, as the clause after it tells: "a report that the bank published"."""
        clause = PRESENTED.match(self.text, span.end)
        if clause is None:
            return None
        if clause["state"]:
            return self._government(span)
        index = bisect.bisect_left(self.page.order, (clause.end(), 0))
        named = self.page.order[index] if index < len(self.page.order) else None
        return self.found[named][2] if named is not None and named.start <= clause.end() + 4 else None

    def _government(self, span: Span) -> str | None:
        """Return the state whose government speaks."""
        inside = [hit for hit in gazetteer.find(span.of(self.text)) if hit.known.actor_type == "state"]
        country = inside[0].known.country if inside else self.page.setting.at(span.start)
        state = gazetteer.countries().get(country or "")
        return self.actors.known(state).actor_id if state is not None else None

    def _named_so(self, phrase: str) -> str | None:
        key = slug(phrase)
        return key if key in self.actors else None

    def _unnamed_again(self, said: descriptions.Description, at: int) -> str | None:
        """Return the unnamed person of before whom "the official" means."""
        if said.head not in descriptions.human() or said.core != said.bare:
            return None
        for place in self.story.before(at):
            actor = self.actors.get(place.actor_id)
            if actor is not None and actor.actor_type == "person" and said.head in actor.name.lower().split():
                return place.actor_id
        return None

    def _person_meant(self, said: descriptions.Description, at: int) -> str | None:
        """Return the named person whom "the former general" means: a definite one has been named before.

        An office that somebody else holds in the text is not the last person's.
        """
        if not said.definite or said.owner or said.core != said.bare or said.head not in descriptions.human():
            return None
        found = self.story.person(at, titles.genders().get(said.head), NEAR)
        actor = self.actors.get(found or "")
        if actor is None or actor.name[0].islower():
            return None
        wanted, _ = descriptions.role_words(said.core)
        held = any(said.head in words for roles in self.story.roles.values() for words in roles)
        own = set().union(*self.story.roles.get(actor.actor_id, set()))
        return found if not held or wanted & own else None

    def _plural(self, span: Span, said: descriptions.Description) -> bool:
        """Tell whether a description means several: by its head, or by a plural joined to it ("allies and Canada")."""
        first = max(0, bisect.bisect_right(self.page.starts, span.start) - 1)
        tokens = self.page.doc[first : bisect.bisect_left(self.page.starts, span.end)]
        root = next((token for token in tokens if token.lower_ == said.head), None)
        if root is None:
            return False
        if " and " in said.core and root.tag_ == "NNP":
            return any(token.tag_ in ("NNS", "NNPS") for token in tokens)
        return root.tag_ in ("NNS", "NNPS") or (root.tag_ not in ("NN", "NNP") and said.head.endswith("s"))

    def _unnamed(self, phrase: str, plural: bool) -> str | None:
        """Make an actor of a description: one unnamed person, or a group."""
        phrase = re.sub(r"\s+", " ", phrase).strip(" ,")
        key = slug(phrase)
        if not key:
            return None
        if key in self.actors:
            return key
        actor = self.actors.make(key, phrase, "group" if plural else descriptions.type_of(phrase))
        actor.named = False
        countries = {h.known.country for h in gazetteer.find(phrase)
                     if h.known.actor_type == "state" and h.form in ("name", "adjective", "inhabitants")}
        joint = re.search(r"[A-Z]\w+ and [A-Z]", phrase)
        actor.country = countries.pop() if len(countries) == 1 and joint is None else None
        actor.aliases.add(phrase)
        return key


def _quotes(text: str) -> list[tuple[int, int]]:
    """Return the stretches in double quotation marks, each within its paragraph."""
    return [(m.start(), m.end()) for m in re.finditer(r"“[^”\n]*(?:”|$)|\"[^\"\n]*(?:\"|$)|„[^“”\n]*[“”]", text, re.M)]
