"""Finding the words for who speaks: the subject of a cue, by the grammar.

Which actor the words mean is for `pipeline.resolve.actors`; what is said is in `contents`.
"""

from __future__ import annotations

from spacy.tokens import Token

from pipeline.extract.passage import Passage
from pipeline.extract.records import Span

_NOMINAL = ("NOUN", "PROPN", "PRON", "ADJ", "NUM", "DET")
_EMPTY = {"that", "this", "which", "what", "there"}
_NOBODY = {"nobody", "none", "neither", "no", "few", "nothing"}
_LEFT_OUT = {"relcl", "acl", "appos", "punct", "cc", "conj", "advcl", "dep", "advmod"}
_LEFT_OUT_BEFORE = (_LEFT_OUT - {"cc", "conj", "advmod"}) | {"ccomp"}  # a clause before a name: “We pay,” Anna Lind …
_CLIMB = 6


def speakers_of(passage: Passage, verb: Token) -> tuple[list[Span], bool]:
    """Return the words for the speakers of a cue, and whether the text says that nobody spoke.

    Several only where names are joined ("A and B promised"): each of them speaks.
    """
    head = _inverted(verb) or _speaking_head(verb)
    if head is not None and passage.in_dateline(head.idx):
        later = [
            c for c in verb.lefts if c.dep_ == "nsubj" and not passage.in_dateline(c.idx) and c.ent_type_ != "DATE"
        ]
        head = later[-1] if later else None
    if head is None:
        span = _noun_before(passage, verb)
        return ([span] if span is not None else []), False
    words = {head.lower_, *(child.lower_ for child in head.lefts if child.dep_ in ("det", "preconj"))}
    if not words.isdisjoint(_NOBODY):
        return [], True
    names = _joined_names(head)
    if names:
        return [span for name in names if (span := phrase(passage, name, joined=False)) is not None], False
    span = phrase(passage, head)
    return ([span] if span is not None else []), False


def _subject(verb: Token) -> Token | None:
    return next((c for c in verb.children if c.dep_ == "nsubj" and c.ent_type_ not in ("DATE", "TIME")), None)


def _speaking_head(verb: Token) -> Token | None:
    """Return the noun that speaks: the agent, the verb's subject, or that of the verb it depends on."""
    agent = next((child for child in verb.children if child.dep_ == "agent"), None)
    if agent is not None:
        return next((child for child in agent.children if child.dep_ == "pobj"), None)
    if any(child.dep_ in ("nsubjpass", "auxpass") for child in verb.children):
        return next((c for c in verb.children if c.dep_ == "nsubjpass"), None) if verb.lemma_ == "quote" else None
    token = verb
    for _ in range(_CLIMB):
        subject = _subject(token)
        if subject is not None:
            if subject.lower_ in ("who", "that", "which") and token.dep_ == "relcl":
                return token.head
            return None if subject.lower_ in _EMPTY and subject.pos_ != "NOUN" else subject
        passive = next((child for child in token.children if child.dep_ == "nsubjpass"), None)
        if passive is not None:
            return passive
        if token.dep_ in ("conj", "advcl", "xcomp", "dep", "parataxis", "pcomp", "prep") or (
            token.dep_ == "acl" and token.head.pos_ in ("VERB", "AUX")
        ):
            token = token.head
        elif token.dep_ in ("acl", "relcl"):
            return token.head
        else:
            return None
    return None


def _inverted(verb: Token) -> Token | None:
    """Return the noun after a verb at a sentence's end, "…, thundered the capitals", where the parse has an object."""
    marks = {",", "”", '"', "’", "'"}
    if verb.i == 0 or verb.nbor(-1).text not in marks or any(c.dep_ in ("nsubj", "aux") for c in verb.children):
        return None
    thing = next((child for child in verb.rights if child.dep_ == "dobj"), None)
    if thing is None or verb.tag_ not in ("VBD", "VBZ", "VBP"):
        return None
    following = thing.right_edge.i + 1
    return thing if following < len(verb.doc) and verb.doc[following].text in {".", "\n"} else None


def _joined_names(head: Token) -> list[Token]:
    """Return the heads of names joined by "and", where each is a name of its own; else nothing."""
    names = [head]
    while (following := next((c for c in names[-1].children if c.dep_ == "conj"), None)) is not None:
        names.append(following)
    if len(names) == 1 or any(name.pos_ != "PROPN" or name.ent_iob_ == "O" for name in names):
        return []
    if any(later.ent_iob_ == "I" and later.left_edge.ent_iob_ == "I" for later in names[1:]):
        return []
    return names


def phrase(passage: Passage, head: Token, joined: bool = True) -> Span | None:
    """Return the noun phrase of a head: title and complements with it, relative clauses and asides left out.

    A name set beside an office belongs to it: "Its leader, Pelle Dragsted".
    """
    if head.pos_ not in _NOMINAL:
        return None
    todo = [c for c in head.children if c.dep_ not in (_LEFT_OUT_BEFORE if c.i < head.i else _LEFT_OUT)]
    if joined and head.pos_ == "NOUN" and any(c.dep_ == "conj" and c.pos_ in ("NOUN", "PROPN") for c in head.children):
        todo += [child for child in head.children if child.dep_ in ("cc", "conj")]
    if head.pos_ == "PROPN" and joined:
        todo += [c for c in head.children if c.dep_ in ("cc", "conj") and head.ent_iob_ != "O" and c.ent_iob_ == "I"]
    if head.pos_ == "NOUN":
        todo += [c for c in head.children if c.dep_ == "appos" and c.pos_ == "PROPN" and _beside(passage, head, c)]
    tokens = [head]
    while todo:
        token = todo.pop()
        tokens.append(token)
        todo += [child for child in token.children if child.dep_ not in ("relcl", "punct", "appos", "acl", "advcl")]
    first, last = min(tokens, key=lambda t: t.i), max(tokens, key=lambda t: t.i)
    start, end = first.idx, last.idx + len(last)
    if "\n" in passage.text[start:end] or last.i - first.i > 25:
        start, end = head.idx, head.idx + len(head)
    line = passage.sentence(head.idx)
    span = passage.trim(max(start, line.start), end)
    if span is not None and last.text.endswith(".") and span.end < end:
        return Span(span.start, end)
    return span


def _beside(passage: Passage, head: Token, name: Token) -> bool:
    """Tell a name that is set beside an office from a list or a far aside."""
    between = passage.text[head.idx + len(head) : name.left_edge.idx]
    return name.i > head.i and len(between) < 40 and "\n" not in between


def _noun_before(passage: Passage, verb: Token) -> Span | None:
    """Return the noun phrase that ends right before a finite verb whose subject the parse has lost."""
    if verb.tag_ not in ("VBD", "VBZ", "VBP"):
        return None
    place = verb.i - 1
    while place >= 0 and passage.doc[place].pos_ in ("ADV", "AUX"):
        place -= 1
    if place < 0:
        return None
    token = passage.doc[place]
    sentence = passage.sentence(verb.idx)
    while token.head.i > token.i - 1 and token.dep_ in ("compound", "poss") and token.head.i < verb.i:
        token = token.head
    if token.idx < sentence.start or token.pos_ not in ("NOUN", "PROPN", "PRON") or token.lower_ in _EMPTY | {"who"}:
        return None
    return phrase(passage, token) if token.right_edge.i < verb.i else None
