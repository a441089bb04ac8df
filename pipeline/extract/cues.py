"""The lexicon of cues: which verbs attribute speech, belief or intention, and where their content stands.

How a cue is found in a parse is in `attributions`, how its content is in `contents`. Also how any cue is classed, and
whether what it tells of was said at all, or only may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Token

from pipeline.reference import rows

UNSAID = frozenset({"think", "plan"})
"""The classes of belief and intention: attributed, but not said."""
_LIGHT = frozenset({"be", "do", "get", "give", "have", "make", "take"})
_LIGHT |= {"deliver", "express", "issue", "offer", "raise", "show", "voice"}
_FUTURE = frozenset({"will", "'ll", "’ll", "shall", "wo"})
_HYPOTHETICAL = frozenset({"would", "could", "may", "might", "should", "must", "can", "'d", "’d"})


@dataclass(frozen=True, slots=True)
class Cue:
    """What the lexicon knows of a verb, alone or with a particle; the columns are explained in `cues.csv`."""

    cue_class: str
    strength: float
    content: frozenset[str]
    oblique: frozenset[str]
    complement: frozenset[str]


@cache
def cues() -> dict[tuple[str, str], Cue]:
    """Return the verbs of the lexicon by lemma and particle ("" for none)."""
    return {
        (row["lemma"], row["particle"]): Cue(
            row["class"],
            float(row["strength"]),
            frozenset(row["content"].split()),
            frozenset(row["oblique"].split()),
            frozenset(row["complement"].split()),
        )
        for row in rows("cues")
        if row["content"] != "noun"
    }


@cache
def lemmas() -> frozenset[str]:
    """Return the lemmas of the lexicon, whatever their particle."""
    return frozenset(lemma for lemma, _ in cues())


@cache
def summing_nouns() -> frozenset[str]:
    """Return the nouns that sum up a content in an apposition after it: ", a claim that nobody believed"."""
    return frozenset(row["lemma"] for row in rows("cues") if row["content"] == "noun")


@cache
def _words() -> dict[str, str]:
    """Return the classes of words that are no verbs of the lexicon."""
    return {row["word"]: row["class"] for row in rows("cue_words")}


@cache
def _classes() -> dict[str, str]:
    """Return the class of each word alone: the lexicon's first entry for it, nouns among them."""
    return {row["lemma"]: row["class"] for row in reversed(rows("cues"))} | _words()


def classed(tokens: Sequence[Token]) -> tuple[Token | None, str | None]:
    """Return the word of a cue that carries it, and its class; None where no word has a class.

    A light verb decides only where nothing else does: "expressed concern" is concern.
    """
    for light in (False, True):
        for number, token in enumerate(tokens):
            lemma = token.lemma_.lower()
            if (lemma in _LIGHT) is not light:
                continue
            particle = tokens[number + 1].lower_ if number + 1 < len(tokens) else ""
            entry = cues().get((lemma, particle))
            found = entry.cue_class if entry is not None else _classes().get(lemma) or _classes().get(token.lower_)
            if found is not None:
                return token, found
    return None, None


def is_negated(verb: Token) -> bool:
    """Tell whether a cue is negated: "did not rule out", "has never said"."""
    return any(child.dep_ == "neg" or child.lower_ == "never" for child in verb.children)


def modality(verb: Token) -> str:
    """Tell whether the text reports the act (`actual`), expects it (`future`) or only supposes it (`hypothetical`)."""
    helpers = {child.lower_ for child in verb.children if child.dep_ == "aux"}
    if helpers & _HYPOTHETICAL:
        return "hypothetical"
    if helpers & _FUTURE:
        return "future"
    if any(child.dep_ == "mark" and child.lower_ in ("if", "unless") for child in verb.children):
        return "hypothetical"
    return "actual"
