"""The lexicon of cues: which verbs attribute speech, belief or intention, and where their content stands.

How a cue is found in a parse is in `attributions`, how its content is in `contents`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.reference import rows


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
