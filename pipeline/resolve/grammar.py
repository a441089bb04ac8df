"""What the parse says around a figure: the verb that governs it, that verb's tense, and the nouns in between.

Only grammar belongs here, no vocabulary of spending: what a tense or a verb means is learned (`linear`).
"""

from __future__ import annotations

from collections.abc import Sequence

from spacy.tokens import Token

FUTURE = frozenset(("will", "’ll", "'ll", "shall", "wo"))
DUTY = frozenset(("should", "must", "ought", "need", "needs"))
MODAL = frozenset(("would", "could", "may", "might", "can", "’d", "'d"))
_FINITE = {"VBD": "past", "VBZ": "present", "VBP": "present", "VBN": "participle", "VBG": "gerund", "VB": "infinitive"}


def governing_verb(path: Sequence[Token]) -> Token | None:
    """Return the nearest verb above a figure."""
    return next((token for token in path if token.pos_ in ("VERB", "AUX")), None)


def governing_noun(path: Sequence[Token]) -> Token | None:
    """Return the nearest noun above a figure, below its verb."""
    for token in path:
        if token.pos_ in ("VERB", "AUX"):
            return None
        if token.pos_ in ("NOUN", "PROPN"):
            return token
    return None


def tense(verb: Token | None) -> str:
    """Return the tense and mood of a verb: past, present, perfect, pluperfect, future, modal, duty, to come, …"""
    if verb is None:
        return "none"
    helpers = [child for child in verb.children if child.dep_ in ("aux", "auxpass")]
    if not helpers and verb.dep_ == "conj" and verb.head.pos_ in ("VERB", "AUX") and verb.tag_ == verb.head.tag_:
        helpers = [child for child in verb.head.children if child.dep_ in ("aux", "auxpass")]
    words = {child.lower_ for child in helpers}
    if words & FUTURE:
        return "future"
    if words & DUTY:
        return "duty"
    if words & MODAL:
        return "modal"
    if "to" in words:
        above = verb.head
        return "to come" if verb.dep_ == "xcomp" and above.lemma_.lower() == "be" else "infinitive"
    if words & {"has", "have", "’ve", "'ve"}:
        return "perfect"
    if "had" in words:
        return "pluperfect"
    if words & {"was", "were"}:
        return "past"
    if words & {"is", "are", "’s", "'s", "being"}:
        return "present"
    return _FINITE.get(verb.tag_, "none")


def is_passive(verb: Token | None) -> bool:
    """Return whether a verb is in the passive."""
    return verb is not None and any(child.dep_ in ("auxpass", "nsubjpass") for child in verb.children)


def root(token: Token) -> Token:
    """Return the head of the sentence of a token."""
    for _ in range(60):
        if token.head.i == token.i:
            break
        token = token.head
    return token
