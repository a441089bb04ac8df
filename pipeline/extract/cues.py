"""The lexicon of cues: which verbs attribute speech, belief or intention, and where their content stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.reference import rows

BELIEF = frozenset({"think", "fear", "plan"})
"""Classes of cues that tell what somebody thinks, not what they said."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What the lexicon knows of a verb."""

    cue_class: str
    clause: bool
    phrase: bool
    infinitive: bool
    prepositions: frozenset[str]


@cache
def cues() -> dict[str, Cue]:
    """Return the lexicon by lemma."""
    found = {}
    for row in rows("cues"):
        forms = set(row["content"].split())
        found[row["lemma"]] = Cue(
            row["class"],
            clause=bool(forms & {"clause", "phrase"}),
            phrase="phrase" in forms,
            infinitive="infinitive" in forms,
            prepositions=frozenset((row["prepositions"] or "").split()),
        )
    return found
