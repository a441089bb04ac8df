"""Finding what is said: the clause, the infinitive or the noun phrase that the grammar makes the content of a cue.

Free-standing quotations are given to their cues in `attributions`; who speaks is in `speakers`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from spacy.tokens import Token

from pipeline.extract.bounds import STOPS, Said, cut, cut_relative, cut_time, run, tidy
from pipeline.extract.cues import lemmas
from pipeline.extract.passage import Passage
from pipeline.extract.records import Span

_QUESTION_WORDS = {"whether", "if", "why", "how", "what", "who", "when", "where", "which"}
_ASIDE = {"who", "whose", "after", "as", "while", "when", "according"}
_NOMINAL = ("NOUN", "PROPN", "NUM", "SYM")
_AMOUNTS = ("MONEY", "PERCENT")
_PARTS = ("dobj", "oprd", "ccomp", "xcomp", "attr", "acomp", "nsubj")
_SETTINGS = {"in", "on", "at", "after", "when", "asked", "speaking", "during", "by"}


def contents_of(passage: Passage, said: Said) -> list[Span]:
    """Return the pieces of a cue's content; none where it has only quotations that stand apart, or no content."""
    forms = said.cue.content
    piece = None
    if forms & {"clause", "question"}:
        piece = _forward_clause(passage, said)
    if not said.describes and ((piece is None and "clause" in forms) or "quote" in forms):
        around = _around(passage, said)
        if around:
            return around
    if piece is None and "clause" in forms:
        piece = _after_colon(passage, said)
    for form, rule in (
        ("infinitive", _infinitive),
        ("gerund", _gerund),
        ("value", _value),
        ("predicate", _predicate),
        ("phrase", _phrase),
    ):
        if piece is None and form in forms:
            piece = rule(passage, said)
    if piece is None and said.cue.oblique:
        piece = _oblique(passage, said)
    return [piece] if piece is not None else []


# Clauses


def _forward_clause(passage: Passage, said: Said) -> Span | None:
    """Return the clause after a cue: that of the parse, else what follows "that"."""
    verb, forms = said.verb, said.cue.content
    for child in verb.rights:
        if child.dep_ not in ("ccomp", "xcomp") or child.i < verb.i or _is_infinitive(child):
            continue
        if child.tag_ == "VBG" and not any(c.dep_ in ("aux", "nsubj") for c in child.children):
            continue
        first = child.left_edge
        if first.i <= said.last:
            first = passage.doc[said.last + 1]
        word = next((t for t in passage.doc[first.i : first.i + 2] if t.pos_ != "ADP"), first)
        if word.lower_ in _QUESTION_WORDS and "question" not in forms and word.lower_ != "if":
            continue
        if _comma_between(passage, said, first) and not _complementizer(first):
            continue
        return _clause_span(passage, said, first, child.right_edge)
    return _that_clause(passage, said)


def _that_clause(passage: Passage, said: Said) -> Span | None:
    """Return what follows "that" after the cue and a short addressee, where the parse did not make it a clause."""
    for steps, token in enumerate(passage.ahead(passage.doc[said.last])):
        if steps > 9 or token.text in STOPS or token.pos_ in ("VERB", "AUX"):
            return None
        opens = token.lower_ == "that" and (token.tag_ == "IN" or "phrase" not in said.cue.content)
        if opens or (token.lower_ in ("whether", "why", "if") and "question" in said.cue.content):
            head = token.head if token.dep_ in ("mark", "advmod") else token
            last = max(head.right_edge, token, key=lambda t: t.i)
            span = _clause_span(passage, said, token, last)
            return span if span is not None and _has_finite_verb(passage, [span]) else None
    return None


def _is_infinitive(token: Token) -> bool:
    return any(child.lower_ == "to" and child.dep_ == "aux" for child in token.children) and not any(
        child.dep_ == "nsubj" and child.lower_ in ("he", "she", "they", "we") for child in token.lefts
    )


def _complementizer(token: Token) -> bool:
    return token.lower_ == "that" and (token.dep_ == "mark" or token.pos_ == "SCONJ")


def _comma_between(passage: Passage, said: Said, first: Token) -> bool:
    return any(token.text in (",", "—", "–") for token in passage.doc[said.last + 1 : first.i])


def _clause_span(passage: Passage, said: Said, first: Token, last: Token) -> Span | None:
    """Return a clause as content: longer where the parse broke off, shorter where the outer sentence goes on."""
    start = first.i + (first.lower_ == "that" and _starts_clause(said, first))
    tokens = passage.ahead(passage.doc[max(start - 1, 0)])
    if not tokens:
        return None
    embedded = said.verb.dep_ in ("relcl", "acl", "advcl") or said.verb.head.dep_ == "relcl"
    end = max(last.i, start)
    while not embedded and end + 1 < len(passage.doc) and end < tokens[-1].i and _goes_on(passage.doc[end + 1]):
        end += 1
    return cut(passage, said, [token for token in tokens if token.i <= end])


def _starts_clause(said: Said, that: Token) -> bool:
    """Tell the conjunction from the pronoun, also where the tagger errs: "cautioned that equipment fails"."""
    if that.i + 1 == len(that.doc) or that.nbor(1).tag_ in ("VBD", "VBZ", "MD"):
        return that.pos_ == "SCONJ"
    following = that.nbor(1)
    certain = that.pos_ == "SCONJ" or that.dep_ == "mark" or following.pos_ in ("DET", "NUM", "PROPN", "PRON")
    return certain or "phrase" not in said.cue.content


def _goes_on(token: Token) -> bool:
    return token.pos_ not in ("PUNCT", "CCONJ", "SPACE", "SCONJ") and token.text not in STOPS


# The sentence around a cue: "X, he said, Y"


def _around(passage: Passage, said: Said) -> list[Span]:
    """Return the parts of the sentence before and after a cue that stands in it as an aside."""
    verb = said.verb
    sentence = passage.sentence(verb.idx)
    near = said.speaker if said.speaker is not None and sentence.start <= said.speaker.start < sentence.end else None
    inverted = near is not None and near.start > verb.idx
    first = min([verb.idx] + [child.idx for child in verb.children if child.dep_ == "aux"])
    if near is not None and not inverted:
        first = near.start
    opener = passage.doc.char_span(first, first + 1, alignment_mode="expand")
    if opener is not None and opener.start > 0 and passage.doc[opener.start - 1].lower_ in ("as", "so"):
        first = passage.doc[opener.start - 1].idx
    start = _segment_start(passage, sentence.start, first)
    before = passage.text[start:first].rstrip()
    if not before.rstrip("\"”’'»").endswith((",", "—", "–")):
        return []
    quote = passage.quote_at(start + len(before) - 1)
    if quote is not None and quote.outer.start <= start + 1:
        return []
    pieces = [passage.trim(start, first)]
    end = max(said.span.end, near.end if near is not None and inverted else 0)
    pieces.append(_rest(passage, said, end, sentence.end, near if inverted else None))
    found = [piece for piece in pieces if piece is not None]
    if not found or pieces[0] is None or not _has_finite_verb(passage, found):
        return []
    opening = passage.text[start:first].split(None, 1)[0].lower()
    if len(found) == 1 and opening in _SETTINGS and not _has_subject_verb(passage, found[0]):
        return []
    return found


def _segment_start(passage: Passage, start: int, end: int) -> int:
    """Return where the part of the sentence before a cue begins: after a semicolon, a colon, "on X."."""
    found = start
    for match in re.finditer(r"[;:]\s|(?<=\bX)\.\s", passage.text[start:end]):
        if passage.quote_at(start + match.start()) is None:
            found = start + match.end()
    return found


def _rest(passage: Passage, said: Said, place: int, end: int, inverted: Span | None) -> Span | None:
    """Return what follows the comma after a cue, unless it tells of the speaker or goes on with the narration."""
    start = None
    for token in passage.doc.char_span(place, end, alignment_mode="contract") or ():
        if token.idx < place:
            continue
        if start is None:
            if token.text in (".", "?", "!", ";", ":") or (token.dep_ == "mark" and token.lower_ == "that"):
                return None
            if token.text == ",":
                start = token.idx + 1
            continue
        if token.text == ";" and passage.quote_at(token.idx) is None:
            end = token.idx
            break
    if start is None:
        return None
    span = passage.trim(start, end)
    if span is None:
        return None
    tokens = passage.doc.char_span(*span, alignment_mode="expand")
    if tokens is None:
        return None
    first = tokens[0]
    if first.tag_ == "VBG" or first.lower_ in _ASIDE or (first.lower_ in ("and", "but") and _same_speaker(tokens)):
        return None
    if inverted is not None and not any(
        token.dep_ == "nsubj" and token.head.pos_ in ("VERB", "AUX") for token in tokens
    ):
        return None
    if first.lower_ in ("who", "which") and inverted is not None:
        return None
    return span


def _same_speaker(tokens: Iterable[Token]) -> bool:
    verb = next((token for token in tokens if token.pos_ == "VERB"), None)
    return verb is not None and verb.lemma_.lower() in lemmas() and not any(c.dep_ == "nsubj" for c in verb.children)


def _has_finite_verb(passage: Passage, spans: Sequence[Span]) -> bool:
    for span in spans:
        for token in passage.doc.char_span(*span, alignment_mode="expand") or ():
            if token.tag_ in ("VBD", "VBZ", "VBP", "MD") or (token.pos_ in ("VERB", "AUX") and token.dep_ == "ROOT"):
                return True
    return False


def _has_subject_verb(passage: Passage, span: Span) -> bool:
    tokens = passage.doc.char_span(*span, alignment_mode="expand") or ()
    return any(t.dep_ in ("nsubj", "nsubjpass", "expl") and t.head.dep_ not in ("advcl", "relcl") for t in tokens)


def _after_colon(passage: Passage, said: Said) -> Span | None:
    """Return the sentence after "he added:"."""
    for steps, token in enumerate(passage.ahead(passage.doc[said.last])):
        if token.text == ":" and token.i + 1 < len(passage.doc):
            following = passage.doc[token.i + 1]
            if passage.quote_at(following.idx) is not None:
                return None
            return cut(passage, said, passage.ahead(token))
        if steps > 8 or token.text in STOPS or token.tag_ in ("VBD", "VBZ", "VBP"):
            return None
    return None


# Infinitives, gerunds, values, predicates, noun phrases


def _infinitive(passage: Passage, said: Said) -> Span | None:
    """Return "to do", or "X to do" where X is asked to."""
    asked = said.cue.cue_class in ("demand", "ask", "say", "propose", "think", "predict")
    for child in said.verb.rights:
        if child.dep_ in ("xcomp", "ccomp", "advcl") and _is_infinitive(child) and child.i > said.last:
            if child.dep_ == "advcl" and not asked:
                continue
            first = passage.doc[said.last + 1] if asked else child.left_edge
            if asked and first.lower_ in ("to", "not") and said.cue.cue_class == "ask":
                return None
            if any(token.text in STOPS - {"-"} for token in passage.doc[said.last + 1 : child.left_edge.i]):
                return None
            if said.cue.cue_class == "say" and first.lower_ in ("to", "it"):
                return None
            if not asked:
                first = next((t for t in child.lefts if t.dep_ in ("neg", "aux")), first)
            return cut_relative(passage, cut(passage, said, run(passage, first, child.right_edge)))
    return None


def _gerund(passage: Passage, said: Said) -> Span | None:
    for child in said.verb.rights:
        if child.dep_ in ("xcomp", "ccomp", "pcomp") and child.tag_ == "VBG" and child.i > said.last:
            if _comma_between(passage, said, child.left_edge):
                return None
            return cut(passage, said, run(passage, child.left_edge, child.right_edge))
    return None


def _value(passage: Passage, said: Said) -> Span | None:
    """Return "X at 3 billion"."""
    thing = next((c for c in said.verb.rights if c.dep_ in ("dobj", "nsubj", "ccomp")), None)
    if thing is None or thing.i <= said.last:
        return None
    run = passage.ahead(passage.doc[said.last])[:40]
    at = next((n for n, t in enumerate(run) if t.lower_ == "at" and n > 0), None)
    if at is None or any(token.text in {";", "."} for token in run[:at]):
        return None
    end = run[at].right_edge.i
    number = next((t for t in run[at : at + 7] if t.like_num or t.pos_ == "NUM" or t.ent_type_ in _AMOUNTS), None)
    if number is None:
        return None
    last = passage.doc[max(end, number.i)]
    return tidy(passage, said, thing.left_edge.idx, last.idx + len(last))


def _predicate(passage: Passage, said: Said) -> Span | None:
    """Return "X Y" of "called X Y", "X as Y" of "described X as Y"."""
    parts = [c for c in said.verb.rights if c.dep_ in _PARTS and c.i > said.last]
    links = [c for c in said.verb.rights if c.lower_ in said.cue.complement and c.i > said.last]
    near = passage.ahead(passage.doc[said.last])[:14]
    links += [t for t in near if t.lower_ in said.cue.complement and t.dep_ in ("mark", "prep")]
    if said.cue.complement and not links:
        return None
    quote_end = _quoted_predicate(passage, parts)
    if quote_end is not None:
        return tidy(passage, said, passage.doc[said.last + 1].idx, quote_end)
    parts += [c for part in parts if part.dep_ == "dobj" for c in part.rights if c.dep_ == "npadvmod"]
    small = [c for c in parts if c.dep_ in ("ccomp", "oprd") and any(k.dep_ in ("nsubj", "dobj") for k in c.lefts)]
    if not links and not small and len(parts) < 2:
        return None
    parts += links
    gap = passage.doc[said.last + 1 : min(part.left_edge.i for part in parts)]
    if any(token.text in (",", ";", "–", "—") for token in gap):
        return None
    last = max((p.right_edge for p in parts), key=lambda t: t.i)
    quoted = passage.quote_at(last.idx)
    tail = [c for c in said.verb.rights if c.i > last.i and quoted is not None and c.idx < quoted.inner.end]
    last = max([last, *(c.right_edge for c in tail)], key=lambda t: t.i)
    return cut_relative(passage, cut(passage, said, run(passage, passage.doc[said.last + 1], last)))


def _quoted_predicate(passage: Passage, parts: Sequence[Token]) -> int | None:
    """Return the end of a quotation right after the object: "called the increase “exorbitant”"."""
    thing = next((part for part in parts if part.dep_ in ("dobj", "nsubj")), None)
    if thing is None:
        return None
    for token in passage.ahead(thing)[:12]:
        quote = passage.quote_at(token.idx)
        if quote is not None:
            return quote.outer.end if quote.outer.start > thing.idx else None
        if token.text in STOPS or token.pos_ in ("VERB", "AUX"):
            return None
    return None


def _phrase(passage: Passage, said: Said) -> Span | None:
    """Return the object of a cue with the complements that its verb asks for, or what a relative clause is about."""
    verb = said.verb
    thing = next((c for c in verb.rights if c.dep_ in ("dobj", "obj", "dative") and c.i > said.last), None)
    if thing is not None and thing.dep_ == "dative":
        thing = next((c for c in verb.rights if c.dep_ in ("dobj", "obj") and c.i > thing.i), None)
    if thing is None and said.last > verb.i:
        particle = passage.doc[said.last]
        thing = next((c for c in particle.children if c.dep_ in ("pobj", "pcomp") and c.i > particle.i), None)
    if thing is None or (verb.dep_ == "relcl" and thing.tag_ in ("WDT", "WP")):
        return _relative_object(passage, said)
    if thing.lower_ in ("himself", "herself", "themselves", "itself") or any(
        c.dep_ == "det" and c.lower_ == "no" for c in thing.children
    ):
        return None
    last = thing.right_edge
    for child in verb.rights:
        words = {child.lower_, *(c.lower_ for c in child.lefts if child.dep_ in ("prep", "advcl"))}
        infinitive = child.dep_ in ("xcomp", "advcl") and _is_infinitive(child) and "infinitive" in said.cue.content
        if child.i > thing.i and (infinitive or not words.isdisjoint(said.cue.complement)):
            last = max(last, child.right_edge, key=lambda t: t.i)
        elif child.dep_ == "prep" and child.i == last.i + 1 and child.lower_ in ("of", "for", "to", "from"):
            last = child.right_edge
    span = cut(passage, said, run(passage, thing.left_edge, last))
    return cut_time(passage, cut_relative(passage, span))


def _relative_object(passage: Passage, said: Said) -> Span | None:
    """Return the noun of "the aid that she promised"."""
    verb = said.verb
    if verb.dep_ != "relcl" or not any(c.dep_ == "nsubj" and c.tag_ not in ("WDT", "WP") for c in verb.children):
        return None
    head = verb.head
    if head.pos_ not in ("NOUN", "PROPN", "NUM") or said.speaker is None or head.i > verb.i:
        return None
    while head.dep_ == "pobj" and head.head.lower_ in ("in", "of", "to") and head.head.head.pos_ in _NOMINAL:
        head = head.head.head
    before = passage.doc[verb.left_edge.i - 1]
    start = head.left_edge.idx
    return tidy(passage, said, start, before.idx + len(before)) if before.idx >= start else None


def _oblique(passage: Passage, said: Said) -> Span | None:
    """Return what follows "warned of"."""
    for child in said.verb.rights:
        if child.dep_ == "prep" and child.lower_ in said.cue.oblique and child.i > said.last:
            thing = next((c for c in child.children if c.dep_ in ("pobj", "pcomp")), None)
            if thing is not None:
                span = cut(passage, said, run(passage, thing.left_edge, child.right_edge))
                return cut_time(passage, cut_relative(passage, span))
    return None
