"""Names in a text: where states, bodies, companies, media and persons are named, before it is settled who is meant.

Here the recogniser of spaCy and the gazetteer are reconciled into candidates that do not overlap. Who is meant, and
what pronouns and descriptions refer to, is decided in `pipeline.resolve.actors`. Offsets are characters.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from spacy.attrs import LOWER, POS
from spacy.tokens import Doc, Token
from spacy.tokens import Span as TokenSpan

from pipeline import reference
from pipeline.extract import columns, kinds
from pipeline.extract.records import Span
from pipeline.resolve import gazetteer, titles
from pipeline.resolve.gazetteer import Hit, Known
from pipeline.resolve.names import PARTICLES, SUFFIXES, fold

NO_NAMES = ("ADP", "DET", "SCONJ")
"""Parts of speech of which no name begins: "Without Pulaski"."""
NAME_WORD = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’.-]*$")
SPEAKER_NAME = re.compile(
    r"(?:^|(?<=,\s)|\b)(?P<name>[A-ZÀ-ÖØ-ÞĀ-Ž][\w’'-]+(?:\s(?:al|bin|de|del|der|di|du|la|le|van|von))*"
    r"(?:\s[A-ZÀ-ÖØ-ÞĀ-Ž][\w.’'-]*){1,3})(?=$|,)"
)
BEFORE_TITLE = re.compile(r"\s(?:[Ss]ecretary|Democrat|Republican)")
"""What makes a body's name part of a title or a party: "Treasury Secretary", "House Democrats"."""
NOT_SYLLABLES = frozenset(("led", "era", "style", "like", "run", "based", "born", "held", "owned", "made", "free"))
"""What follows the hyphen of an adjective ("Trump-led"), not of a Korean or Chinese given name."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name in a text. `form` is the gazetteer's, or `person`, `org`, `body` for names that it does not hold."""

    span: Span
    label: str
    form: str
    known: Known | None = None
    actor_type: str = "organisation"
    name: str = ""  # of a body: its name without the state's adjective
    country: str | None = None  # of a body: the state that the text names for it
    only: tuple[str, ...] = ()  # of a body without a state: the states it may belong to
    never: tuple[str, ...] = ()
    doubtful: bool = False  # a person only for the recogniser: a single word, or a name that ends in a common word
    common: bool = False  # of those, a common word alone


@dataclass(frozen=True, slots=True)
class Names:
    """All names of a text: the candidates in order, and the adjectives of states, which are no mentions."""

    candidates: list[Candidate]
    adjectives: list[Hit]


@cache
def _bodies() -> tuple[re.Pattern[str], dict[str, dict[str, str]]]:
    table = {words: row for row in reference.rows("bodies") for words in row["words"].split("|")}
    forms = "|".join(re.escape(words).replace(r"\ ", r"\s") for words in sorted(table, key=len, reverse=True))
    return re.compile(rf"\b(?:{forms})\b", re.IGNORECASE), table


@cache
def _title_words() -> frozenset[str]:
    """Return the words of titles, with the plurals of offices: "Ministers Marin and Kallas"."""
    return frozenset(row["word"] for row in reference.rows("titles")) | {f"{word}s" for word in titles.words("head")}


def find(text: str, doc: Doc) -> Names:
    """Return the names of a text that was parsed as `doc`, sorted, none overlapping."""
    hits = list(gazetteer.find(text))
    starts = _Starts(doc)
    entities = list(doc.ents)
    entries = [Span(hit.start, hit.end) for hit in hits if hit.form == "entry"]
    longer = [c for c in map(_longer_name, entities) if c is not None and not _within(c.span, entries)]
    taken = _Taken(c.span for c in longer)
    candidates = list(longer)
    adjectives = [hit for hit in hits if hit.form == "adjective"]
    for hit in hits:
        if hit.form == "none":
            taken.add(Span(hit.start, hit.end))
    for body in _generic_bodies(text, hits, starts):
        if taken.add(body.span):
            candidates.append(body)
    for hit in hits:
        if hit.form == "none":
            continue
        if hit.form == "adjective" and not _stands_for_people(hit, starts, text):
            continue
        if not _is_name(hit, starts, text):
            continue
        span = Span(hit.start, hit.end)
        whole = _whole_person(span, text, starts) if hit.form == "person" else span
        if taken.add(whole):
            form = "inhabitants" if hit.form == "adjective" else hit.form
            known = hit.known if whole == span else None
            candidates.append(Candidate(whole, _label(hit), form, known, hit.known.actor_type))
    for entity in entities:
        candidate = _from_entity(entity)
        if candidate is None or (candidate.form == "org" and BEFORE_TITLE.match(text, candidate.span.end)):
            continue
        if taken.add(candidate.span):
            candidates.append(candidate)
    for candidate in (*_after_titles(doc), *_like_persons(doc, taken)):
        if taken.add(candidate.span):
            candidates.append(candidate)
    return Names(sorted(candidates, key=lambda c: c.span), adjectives)


class _Starts:
    """The tokens of a text by their first characters."""

    def __init__(self, doc: Doc) -> None:
        self._doc = doc
        self._numbers = {start: number for number, start in enumerate(columns.starts(doc))}

    def get(self, start: int) -> Token | None:
        """Return the token that begins at a character, None where none does."""
        number = self._numbers.get(start)
        return None if number is None else self._doc[number]


def _within(span: Span, others: Sequence[Span]) -> bool:
    """Tell whether a span is a part of one of the sorted others: "U.S. Department" of the Treasury."""
    at = bisect.bisect_right(others, (span.start, span.start + 10_000)) - 1
    return at >= 0 and others[at].end >= span.end and others[at] != span


class _Taken:
    """The characters that a name has taken."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._at: set[int] = set()
        for span in spans:
            self.add(span)

    def free(self, span: Span) -> bool:
        """Return whether none of the span's characters is taken."""
        return self._at.isdisjoint(range(span.start, span.end))

    def add(self, span: Span) -> bool:
        """Take the span; return whether it was free."""
        if span.end <= span.start or not self.free(span):
            return False
        self._at.update(range(span.start, span.end))
        return True


def _label(hit: Hit) -> str:
    if hit.form == "person":
        return "PERSON"
    if hit.known.actor_type == "state":
        return "NORP" if hit.form in ("inhabitants", "adjective") else "GPE"
    return "ORG"


def _stands_for_people(hit: Hit, starts: _Starts, text: str) -> bool:
    """Tell whether an adjective is used as a noun: "the French", "the Swiss"."""
    token = starts.get(hit.start)
    if token is None or not fold(text[hit.start : hit.end]).endswith(("sh", "ch", "ese", "ss")):
        return False
    before = text[max(0, hit.start - 4) : hit.start].lower()
    return before == "the " and token.dep_ in ("nsubj", "nsubjpass", "dobj", "pobj") and token.head.pos_ != "NOUN"


def _is_name(hit: Hit, starts: _Starts, text: str) -> bool:
    """Tell whether a match is used as the name: "Time" in "Time magazine", not in "Time is running out"."""
    word = text[hit.start : hit.end]
    token = starts.get(hit.start)
    if token is None:
        # Inside a token: "pro-Russia", "non-NATO", "EU-wide" are one token in some parses.
        return text[hit.start - 1 : hit.start] in ("-", "–", "/", "(", "“", '"', "—", "'", "‘", "’")
    if text[hit.end : hit.end + 1] == "-" and hit.form in ("person",):
        return False
    if word == word.upper() or word == word.lower() or word[1:] != word[1:].lower():
        return len(word) > 2 or token.pos_ == "PROPN"
    if hit.form in ("entry", "person") and " " not in word:
        first = token.i == 0 or bool(token.is_sent_start) or token.nbor(-1).is_quote
        named = token.pos_ == "PROPN" or token.ent_type_ in ("ORG", "PERSON", "GPE", "NORP", "FAC")
        return named or (not first and token.pos_ in ("NOUN", "X", "ADJ"))
    return True


def _whole_person(span: Span, text: str, starts: _Starts) -> Span:
    """Widen a known surname to the name before it, if that name is another person's ("Siim Kallas")."""
    token = starts.get(span.start)
    if token is None or " " in text[span.start : span.end] or token.i == 0:
        return span
    before = token.nbor(-1)
    if (
        before.ent_type_ == "PERSON"
        and token.ent_type_ == "PERSON"
        and before.pos_ == "PROPN"
        and before.text.lower() not in _title_words()
        and NAME_WORD.match(before.text)
        and before.whitespace_ == " "
    ):
        return Span(before.idx, span.end)
    return span


def _text(doc: Doc, start: int, end: int) -> str:
    """Return the characters of a stretch of a document; `doc.text` would join all its words anew."""
    around = doc.char_span(start, end, alignment_mode="expand")
    return "" if around is None else around.text[start - around.start_char : end - around.start_char]


def _longer_name(entity: TokenSpan) -> Candidate | None:
    """Return an organisation whose name holds other names: "US Army Contracting Command"."""
    if entity.label_ not in ("ORG", "FAC") or len(entity) < 3:
        return None
    text = entity.text
    found = list(kinds.ORG_WORDS.finditer(text))
    if not found or found[-1].end() < len(text) - 4 or "\n" in text:
        return None
    candidate = _from_entity(entity)
    if candidate is None:
        return None
    hits = [h for h in gazetteer.find(_text(entity.doc, *candidate.span)) if h.form != "adjective"]
    size = candidate.span.end - candidate.span.start
    if any(h.end - h.start == size for h in hits):
        return None
    if any(h.form == "person" for h in hits) or "'s" in text or "’s" in text:
        return None
    return candidate if hits else None


def _from_entity(entity: TokenSpan) -> Candidate | None:
    """Turn an entity of the recogniser into a candidate, None if it names no actor."""
    if entity.label_ not in ("PERSON", "ORG"):
        return None
    tokens = [token for token in entity if not token.is_space]
    if len(tokens) < len(entity):
        head = entity[0]
        line: list[Token] = []
        for token in entity:
            if token.is_space:
                break
            line.append(token)
        tokens = line if not head.is_space else []
    while tokens and (tokens[0].is_punct or tokens[0].lower_ in ("the", "a", "an", "'s", "’s", "'", "’")):
        tokens = tokens[1:]
    while tokens and (tokens[-1].is_punct or tokens[-1].lower_ in ("'s", "’s", "'", "’", "the", "and", "of")):
        if tokens[-1].text == "." and len(tokens) > 1 and len(tokens[-2].text) <= 3:
            break
        tokens = tokens[:-1]
    if entity.label_ == "PERSON":
        return _person(tokens)
    return _organisation(tokens)


def _person(tokens: list[Token]) -> Candidate | None:
    titles = _title_words()
    while tokens and (tokens[0].lower_ in titles or tokens[0].text.islower() or tokens[0].pos_ in NO_NAMES
                      or tokens[0].text == "Q"):  # a question in a transcript
        if tokens[0].lower_ in PARTICLES and len(tokens) > 1:
            break
        tokens = tokens[1:]
    if len(tokens) == 1 and tokens[0].i > 0:
        before = tokens[0].nbor(-1)
        if before.pos_ == "PROPN" and before.whitespace_ == " " and kinds.is_given(before.text):
            tokens = [before, *tokens]
    name: list[Token] = []
    for token in _with_hyphens(tokens):
        low = token.lower_
        joined = bool(name) and name[-1].text == "-"
        inner = low in PARTICLES or low in SUFFIXES or token.text in ("-", ".")
        if not (NAME_WORD.match(token.text) or inner or joined):
            break
        name.append(token)
    while name and (name[-1].lower_ in PARTICLES or name[-1].text in ("-", ".")):
        name.pop()
    if not name or not any(token.text[0].isupper() for token in name):
        return None
    text = _text(name[0].doc, name[0].idx, name[-1].idx + len(name[-1]))
    text = re.sub(r"['’]s?$", "", text)
    if text.endswith("-"):
        return None
    if len(name) == 1 and (len(text) < 3 or name[0].pos_ != "PROPN"):
        return None
    span = Span(name[0].idx, name[0].idx + len(text))
    if kinds.ORG_WORDS.search(text) or any(char.isdigit() for char in text):
        return _organisation(name)
    doubt = kinds.doubt(text.split())
    if doubt == "thing":
        return _organisation(name)
    return Candidate(span, "PERSON", "person", None, "person", doubtful=len(name) == 1 or doubt is not None,
                     common=len(name) == 1 and doubt is not None)


def _with_hyphens(tokens: list[Token]) -> list[Token]:
    """Add the rest of a name that the parser cut at a hyphen: "Chang Ho" + "-jin"."""
    out = list(tokens)
    while out and out[-1].i + 2 < len(out[-1].doc) and not out[-1].whitespace_:
        hyphen = out[-1].nbor(1)
        rest = hyphen.nbor(1)
        if hyphen.text != "-" or hyphen.whitespace_ or not rest.is_alpha:
            break
        if rest.text.islower() and (len(rest) > 5 or rest.text in NOT_SYLLABLES):
            break
        out += [hyphen, hyphen.nbor(1)]
    return out


def _organisation(tokens: list[Token]) -> Candidate | None:
    tokens = list(takewhile(lambda token: token.text != "(", tokens))
    if not tokens:
        return None
    start, end = tokens[0].idx, tokens[-1].idx + len(tokens[-1])
    text = re.sub(r"['’]s?$", "", _text(tokens[0].doc, start, end))
    if len(text) < 2 or not any(char.isupper() for char in text) or not text[0].isalnum():
        return None
    if any(char.isdigit() for char in text) or re.search(r"[$€£%]", text):
        return None
    actor_type = kinds.type_of(text)
    if actor_type is None:
        return None
    return Candidate(Span(start, start + len(text)), "ORG", "org", None, actor_type)


def _like_persons(doc: Doc, taken: _Taken) -> Iterator[Candidate]:
    """Yield runs of proper nouns that the recogniser took for no person: with a given name, or with an office."""
    text, run = doc.text, list[Token]()
    for place in columns.places(doc, POS, "PROPN"):
        token = doc[place]
        if NAME_WORD.match(token.text):
            run.append(token)
            if token.whitespace_ == " " and token.i + 1 < len(doc) and doc[token.i + 1].pos_ == "PROPN":
                continue
        if 2 <= len(run) <= 4:
            span = Span(run[0].idx, run[-1].idx + len(run[-1]))
            if taken.free(span) and _is_person(run, span, text):
                yield Candidate(span, "PERSON", "person", None, "person")
        run = []


def _is_person(run: list[Token], span: Span, text: str) -> bool:
    words = [token.text for token in run]
    if run[0].lower_ in _title_words() or kinds.type_of(span.of(text)) is not None or kinds.doubt(words) is not None:
        return False
    if kinds.is_given(run[0].text):
        return True
    described = text[span.end : span.end + 2] == ", " or text[max(0, span.start - 2) : span.start] == ", "
    return described and titles.office(text, span).role is not None


def unknown_person(text: str, speaker: Span) -> Candidate | None:
    """Return a person in a speaker's words whom the recogniser missed: "Their interim leader, Don Davies"."""
    for match in SPEAKER_NAME.finditer(text, speaker.start, speaker.end):
        span = Span(match.start("name"), match.end("name"))
        words = match.group("name").split()
        first, last = fold(words[0]).casefold(), words[-1].lower()
        known = kinds.is_given(words[0]) or match.start("name") > speaker.start
        unlikely = {first, last} & _title_words() or kinds.type_of(match.group("name")) or kinds.doubt(words)
        if known and not unlikely:
            return Candidate(span, "PERSON", "person", None, "person")
    return None


def _generic_bodies(text: str, hits: list[Hit], starts: _Starts) -> list[Candidate]:
    """Find state bodies by their words: "the Polish defence ministry", "Ukraine's army", "Parliament"."""
    pattern, table = _bodies()
    ends = {hit.end: hit for hit in hits if hit.known.actor_type == "state" and hit.form != "capital"}
    begins = {hit.start: hit for hit in hits if hit.form == "name"}
    entries = _Taken(Span(hit.start, hit.end) for hit in hits if hit.form in ("entry", "none", "person"))
    out = []
    for match in pattern.finditer(text):
        row = table[re.sub(r"\s", " ", match.group().lower())]
        start, end, country = match.start(), match.end(), None
        if not entries.free(Span(start, end)):
            continue
        if row["type"] == "armed_force" and _modifies(starts, text, match):
            continue
        gap = re.search(r"(['’]s?)?(?:\s(?:own|new|top|main))?\s$", text[max(0, start - 12) : start])
        owner = ends.get(start - len(gap.group())) if gap is not None else None
        if owner is not None and gap is not None:
            country = owner.known.country
            start = start if gap.group(1) else owner.start
        else:
            after = re.match(r"\sof\s(?:the\s)?", text[end : end + 8])
            behind = begins.get(end + after.end()) if after is not None else None
            if behind is not None:
                country, end = behind.known.country, behind.end
            elif (
                row["bare"] == "no"
                or (row["bare"] == "capital" and not match.group()[0].isupper())
                or BEFORE_TITLE.match(text, end)
            ):
                continue
        out.append(
            Candidate(Span(start, end), "ORG", "body", None, row["type"], row["name"], country,
                      tuple(filter(None, row["only"].split("|"))), tuple(filter(None, row["never"].split("|"))))
        )
    return out


def _modifies(starts: _Starts, text: str, match: re.Match[str]) -> bool:
    """Tell whether the words stand before a noun that they describe: "Polish military spending"."""
    last = match.start() + match.group().rfind(" ") + 1
    token = starts.get(last)
    return token is not None and token.dep_ in ("compound", "amod", "nmod") and token.head.i > token.i


def _after_titles(doc: Doc) -> list[Candidate]:
    """Find names that follow a title and that the recogniser missed: "Defence Minister Tore Sandvik"."""
    titles = _title_words()
    out = []
    for place in columns.places(doc, LOWER, *titles):
        token = doc[place]
        if token.i + 1 >= len(doc) or token.whitespace_ != " ":
            continue
        following = doc[token.i + 1]
        if following.pos_ != "PROPN" or following.lower_ in titles or not NAME_WORD.match(following.text):
            continue
        tokens = []
        for word in doc[token.i + 1 : token.i + 6]:
            if not ((NAME_WORD.match(word.text) and word.pos_ == "PROPN") or word.lower_ in PARTICLES):
                break
            tokens.append(word)
            if word.whitespace_ != " ":
                break
        if token.text[0].islower() and len(tokens) < 2:
            continue
        candidate = _person(tokens)
        if candidate is not None and candidate.form == "person":
            out.append(candidate)
    return out
