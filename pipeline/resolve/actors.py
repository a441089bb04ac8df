"""Names → actors: who is named where in a document, and who its speakers are.

Here candidates become mentions of actors: names of one actor are brought together, and offices, countries and
identifiers settled. How names are found is in `pipeline.extract.mentions`, what pronouns refer to in
`pipeline.resolve.coreference`. An actor_id depends on the document and the reference tables alone; the joining of
actors across documents is SQL's.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

from spacy.tokens import Doc, Token

from pipeline.extract import mentions as names_of
from pipeline.extract.mentions import Candidate
from pipeline.extract.records import Document, LocalActor, Mention, Span
from pipeline.resolve import descriptions, gazetteer, titles
from pipeline.resolve.coreference import PRONOUNS, RELATIVE, SINGULAR, Place, Story
from pipeline.resolve.names import fold, slug, surname
from pipeline.resolve.places import Setting, Sign
from pipeline.resolve.roster import Actor, People, Roster, tidy

ONE_WORD = re.compile(r"[^\W\d_]+(?:[-&'’](?!s\b)[^\W\d_]+)*")
ACTING = frozenset({"nsubj", "nsubjpass", "csubj", "agent", "dative"})
BEHIND_PREPOSITION = re.compile(
    r"\b(?:of|for|to|at|in|by|with|from|on|near|close|against)\s(?:[\w.’'-]+\s){0,4}$"
)
PRESENTED = re.compile(r"\s(?:that|which)\s(?:the\s)?(?P<state>government\b|cabinet\b)?")
WORLDWIDE = re.compile(
    r"\b(?:Africa|African|Arab|Asia|Asian|Europe|European|Global|International|Inter-American|World)\b"
)
"""What makes it unlikely that a body is of the state that a text is about."""
NEAR = 3
"""Sentences back in which the person stands whom a description without a name means."""
ACTING_PREPOSITIONS = frozenset({"by", "with", "between", "from", "against", "for"})


def resolve_actors(document: Document, doc: Doc, speakers: Sequence[Span]) -> tuple[list[Mention], list[LocalActor]]:
    """Find the mentions of actors in a document, and the actors they refer to.

    Args:
        document: the text and its day of publication.
        doc: the parse of that text.
        speakers: the noun phrases of speakers; pronouns and descriptions among them are resolved, too.

    Returns:
        The mentions, sorted and one a span, and the actors of the document, sorted by actor_id. Each mention's
        actor_id is that of one of these actors, or None.
    """
    reader = _Reader(document, doc, speakers)
    reader.read()
    return reader.mentions(), reader.local_actors()


def speaker_actor(mentions: Sequence[Mention], span: Span) -> str | None:
    """Return the actor whom a speaker's words mean, None if unknown.

    The mention with exactly that span tells; else a name inside it, a person's before another's.
    """
    at = bisect.bisect_left(mentions, span, key=lambda mention: mention.span)
    if at < len(mentions) and mentions[at].span == span:
        return mentions[at].actor_id
    inside = []
    index = bisect.bisect_left(mentions, (span.start, -1), key=lambda mention: mention.span)
    while index < len(mentions) and mentions[index].span.start < span.end:
        if mentions[index].span.end <= span.end and mentions[index].actor_id is not None:
            inside.append(mentions[index])
        index += 1
    persons = [mention for mention in inside if mention.entity_label == "PERSON"]
    chosen = persons or inside
    return chosen[0].actor_id if chosen else None


class _Reader:
    """Reads one document once."""

    def __init__(self, document: Document, doc: Doc, speakers: Sequence[Span]) -> None:
        self.text = document.text
        self.title = document.title
        self.day = document.published_on
        self.doc = doc
        self.speakers = sorted({span for span in speakers if 0 <= span.start < span.end <= len(self.text)})
        self.actors = Roster()
        self.found: dict[Span, tuple[str, str, str | None]] = {}
        self.starts = [token.idx for token in doc]
        sentences = [sent.start_char for sent in doc.sents] if doc.has_annotation("SENT_START") else [0]
        self.story = Story(sentences or [0], self.text)
        self.quotes = _quotes(self.text)
        self.pending: dict[str, Span] = {}

    def read(self) -> None:
        """Read names, then speakers in order of the text."""
        names = names_of.find(self.text, self.doc)
        self._speaker_at = {at for span in self.speakers for at in (span.start, span.end)}
        candidates = [c for c in names.candidates if not c.doubtful or self._supported(c)]
        candidates += self._missed(candidates)
        self.setting = Setting(self.text, self.title, self._signs(candidates, names.adjectives))
        self._persons(candidates)
        self._others(candidates)
        self._short_forms()
        self._places()
        for span in self.speakers:
            if span not in self.found:
                self._speaker(span)

    def _missed(self, candidates: list[Candidate]) -> list[Candidate]:
        """Return persons in the words of speakers that hold no person yet."""
        starts = sorted(c.span for c in candidates)
        out = []
        for span in self.speakers:
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
        if c.common and c.span not in self.speakers:
            last = before.split()[-1:] if before.endswith(" ") else []
            return bool(last) and last[0][0].isupper() and titles.is_title(last[0])
        if c.span.start in self._speaker_at or c.span.end in self._speaker_at:
            return True
        return titles.titles_start(before) < len(before)

    def _signs(self, candidates: list[Candidate], adjectives: list[gazetteer.Hit]) -> list[Sign]:
        signs = [Sign(hit.start, hit.known.country, "adjective") for hit in adjectives if hit.known.country]
        for c in candidates:
            if c.form == "person" and c.known is not None:
                country = gazetteer.country_served(c.known.actor_id, self.day)
            else:
                country = c.country if c.known is None else c.known.country
            if country is not None:
                signs.append(Sign(c.span.start, country, "adjective" if c.form == "body" else c.form))
        return signs

    def mentions(self) -> list[Mention]:
        """Return the mentions, sorted by span."""
        return [Mention(span, kind, label, actor) for span, (kind, label, actor) in sorted(self.found.items())]

    def local_actors(self) -> list[LocalActor]:
        """Return the actors that have a mention, sorted by actor_id."""
        used = {actor for _, _, actor in self.found.values() if actor is not None}
        return [
            LocalActor(a.actor_id, a.name, a.actor_type, a.country, a.role or a.rank, tuple(sorted(a.aliases)),
                       a.wikidata_id, a.named, a.placed or a.is_known, a.is_known)
            for key, a in sorted(self.actors.items())
            if key in used
        ]

    # names of persons

    def _persons(self, candidates: list[Candidate]) -> None:
        found = [c for c in candidates if c.form == "person"]
        people = People()
        places: dict[str, list[int]] = {}
        for c in sorted(found, key=lambda c: (-len(c.span.of(self.text).split()), c.span)):
            name = c.span.of(self.text).replace("\n", " ")
            same = people.named(name)
            actor = min(same, key=lambda a: _distance(places[a.actor_id], c.span.start)) if same else None
            if actor is None and c.known is not None:
                actor = self.actors.known(c.known)
                self.story.offices[actor.actor_id] = set(map(titles.role_words, gazetteer.offices(c.known, self.day)))
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
                    actor.country = gazetteer.country_served(key, self.day)
                elif actor.country is None:
                    actor.country = self.setting.at(starts[0])
            if actor.gender is None:
                actor.gender = gazetteer.given_names().get(fold(actor.name).split()[0].casefold())

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

    # other names

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
                    actor.country, actor.placed = self._country_of_name(words), True
                if actor.country is None and not WORLDWIDE.search(words):
                    actor.country, actor.placed = self.setting.at(c.span.start, c.only, c.never), False
            actor.aliases.add(words)
            kind = "name" if words[0].isupper() else "nominal"
            self.found[c.span] = (kind, c.label, actor.actor_id)

    @staticmethod
    def _country_of_name(words: str) -> str | None:
        """Return the state that a body's own name tells, None if none or several: "Export Bank of Korea"."""
        found = {hit.known.country for hit in gazetteer.find(words)
                 if hit.known.actor_type == "state" and hit.form in ("name", "adjective")}
        return found.pop() if len(found) == 1 else None

    def _acts(self, span: Span) -> bool:
        """Tell whether a capital stands for its state: it acts or is addressed, and is no place."""
        token = self._token(span.start)
        if token is None:
            return False
        while token.dep_ in ("conj", "appos") and token.head is not token:
            token = token.head
        if token.dep_ in ACTING:
            return True
        if token.dep_ == "poss":
            return True
        return token.dep_ == "pobj" and token.head.lower_ in ACTING_PREPOSITIONS

    def _token(self, at: int) -> Token | None:
        index = bisect.bisect_right(self.starts, at) - 1
        return self.doc[index] if index >= 0 else None

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
            token = self._token(match.start())
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

    # speakers

    def _places(self) -> None:
        for key, actor in self.actors.items():
            self.story.names[key] = actor.name
            self.story.country[key] = actor.country
            if actor.gender:
                self.story.gender[key] = actor.gender
        self.order = sorted(self.found)
        for span in self.order:
            actor_id = self.found[span][2]
            if actor_id is not None:
                self._place(span, actor_id)

        for token in self.doc:
            if token.dep_ in ("nsubj", "nsubjpass") and token.tag_ == "NN" and token.lower_ in descriptions.human():
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
        self.pending[key] = span
        gender = titles.genders().get(token.lower_)
        if gender:
            self.story.gender[key] = gender
        self.story.add(Place(span, key, "person", self.story.sentence(span.start), True, False, False))

    def _settle(self, actor_id: str | None, gender: str | None) -> str | None:
        """Make an actor of a pending description that a pronoun means."""
        span = self.pending.pop(actor_id or "", None)
        if span is None or actor_id is None:
            return actor_id
        key = self._unnamed(span.of(self.text), False)
        if key is None:
            return None
        if gender is not None:
            self.story.gender.setdefault(key, gender)
        self._add(span, "nominal", "PERSON", key)
        self.story.rename(span, key)
        return key

    def _place(self, span: Span, actor_id: str) -> None:
        token = self._token(span.end - 1)
        subject = False
        if token is not None:
            while token.dep_ in ("compound", "appos", "conj", "flat") and token.head is not token:
                token = token.head
            subject = token.dep_ in ("nsubj", "nsubjpass", "ROOT")
        index = bisect.bisect_right(self.speakers, (span.start, len(self.text))) - 1
        speaker = index >= 0 and self.speakers[index].start <= span.start and span.end <= self.speakers[index].end
        at = bisect.bisect_right(self.quotes, (span.start, len(self.text))) - 1
        quoted = at >= 0 and self.quotes[at][0] < span.start < self.quotes[at][1]
        self.story.names.setdefault(actor_id, self.actors[actor_id].name)
        self.story.add(Place(span, actor_id, self.actors[actor_id].actor_type, self.story.sentence(span.start),
                             subject, speaker, quoted))

    def _speaker(self, span: Span) -> None:
        words = span.of(self.text)
        low = words.lower()
        if low in PRONOUNS:
            actor_id = self._settle(self.story.pronoun(low, span.start), SINGULAR.get(low))
            self._add(span, "pronoun", "PRON", actor_id)
            if actor_id is not None and low not in RELATIVE:
                self._place(span, actor_id)
            return
        named = self._named_head(span) or self._seat(words)
        if named is not None:
            kind = "nominal" if words[0].islower() else "name"
            self._add(span, kind, "PERSON" if self.actors[named].actor_type == "person" else "ORG", named)
            return
        actor_id = self._description(span, words)
        if actor_id is not None:
            actor = self.actors[actor_id]
            label = {"person": "PERSON", "group": "GROUP", "state": "GPE"}.get(actor.actor_type, "ORG")
            self._add(span, "nominal", label, actor_id)
            self._place(span, actor_id)
        else:
            self._add(span, "nominal", "NOUN", None)

    def _seat(self, words: str) -> str | None:
        """Return the state, or the union, whose seat of government speaks: "Warsaw said"."""
        hits = [hit for hit in gazetteer.find(words) if hit.form == "capital"]
        whole = hits and hits[0].start == 0 and hits[0].end == len(words)
        return self.actors.known(hits[0].known).actor_id if whole else None

    def _add(self, span: Span, kind: str, label: str, actor_id: str | None) -> None:
        if span not in self.found:
            bisect.insort(self.order, span)
        self.found[span] = (kind, label, actor_id)

    def _inside(self, span: Span) -> list[tuple[Span, tuple[str, str, str | None]]]:
        """Return the mentions inside a stretch of text, in order."""
        first = bisect.bisect_left(self.order, (span.start, 0))
        last = bisect.bisect_left(self.order, (span.end, 0))
        return [(s, self.found[s]) for s in self.order[first:last] if s.end <= span.end]

    def _named_head(self, span: Span) -> str | None:
        """Return the named actor at the head of a speaker's words, None if the head is a description."""
        inside = self._inside(span)
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
        if said.is_thing or (said.is_document and said.core == said.bare):
            return None
        if re.fullmatch(r"(?:one of .*|another|others|some|many)", words, re.IGNORECASE):
            return self._unnamed(words, plural)
        if said.bare == words and said.core == words and not plural and names_of.proper_name(words):
            return self._unlisted(span)
        return self._unnamed(said.bare.split(", ")[0], plural)

    def _unlisted(self, span: Span) -> str:
        """Make an actor of a name that neither the recogniser nor the gazetteer knows: "Century Aluminum said"."""
        words = span.of(self.text)
        actor = self.actors.make(slug(words), tidy(words), names_of.type_of(words) or "organisation")
        actor.country = actor.country or self._country_of_name(words) or self.setting.at(span.start)
        actor.aliases.add(words)
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
        inside = self._inside(span)
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
        index = bisect.bisect_left(self.order, (clause.end(), 0))
        named = self.order[index] if index < len(self.order) else None
        return self.found[named][2] if named is not None and named.start <= clause.end() + 4 else None

    def _government(self, span: Span) -> str | None:
        """Return the state whose government speaks."""
        inside = [hit for hit in gazetteer.find(span.of(self.text)) if hit.known.actor_type == "state"]
        country = inside[0].known.country if inside else self.setting.at(span.start)
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
        first = max(0, bisect.bisect_right(self.starts, span.start) - 1)
        tokens = self.doc[first : bisect.bisect_left(self.starts, span.end)]
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


def _distance(starts: list[int], at: int) -> tuple[bool, int]:
    """Return how far the last start before a place is; where there is none, how far the first one after it is."""
    index = bisect.bisect_left(starts, at)
    return (False, at - starts[index - 1]) if index else (True, starts[0] - at)


def _quotes(text: str) -> list[tuple[int, int]]:
    """Return the stretches in double quotation marks, each within its paragraph."""
    return [(m.start(), m.end()) for m in re.finditer(r"“[^”\n]*(?:”|$)|\"[^\"\n]*(?:\"|$)|„[^“”\n]*[“”]", text, re.M)]

