"""How likely a statement is right: content and speaker, from what the grammar and the network say of it.

A logistic function of a few figures; its weights are in `seeds/reference/statement_confidence.csv`, learned by
`training.confidence`. Which statements are found is decided in `statements`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from pipeline.extract.decoding import Candidate
from pipeline.extract.records import Attribution
from pipeline.reference import rows

_EDGE = 0.005


def _log_odds(p: float) -> float:
    p = min(max(p, _EDGE), 1 - _EDGE)
    return math.log(p / (1 - p))


@dataclass(frozen=True, slots=True)
class Evidence:
    """The figures by name; those that do not apply are left out."""

    figures: dict[str, float]

    @classmethod
    def of_both(cls, one: Attribution, other: Candidate, alike: float, same_speaker: bool) -> Evidence:
        """Return the evidence for an attribution that both find; `alike` is how far their contents agree (0 to 1)."""
        figures = {"both": 1.0, "alike": alike, "same speaker": float(same_speaker)}
        return cls(figures | _of_candidate(other) | {one.kind: 1.0})

    @classmethod
    def of_network(cls, other: Candidate) -> Evidence:
        """Return the evidence for an attribution that only the network finds."""
        return cls({"network": 1.0} | _of_candidate(other))

    @classmethod
    def of_grammar(cls, one: Attribution, cue_p: float) -> Evidence:
        """Return the evidence for one that only the grammar finds; `cue_p` is what the network gives its cue."""
        figures = {"grammar": 1.0, "strength": one.confidence, "cue of grammar": _log_odds(cue_p)}
        return cls(figures | {"turn": float(one.cue_lemma == ":")} | {one.kind: 1.0})


def _of_candidate(other: Candidate) -> dict[str, float]:
    return {
        "content": _log_odds(other.content_p),
        "cue": _log_odds(other.cue_p),
        "link": _log_odds(other.link_p),
        "source": _log_odds(other.source_p),
        "speech": _log_odds(other.speech_p),
        "no source": float(other.source is None),
    }


@cache
def _weights() -> dict[str, float]:
    return {row["figure"]: float(row["weight"]) for row in rows("statement_confidence")}


def confidence(evidence: Evidence) -> float:
    """Return a probability, rounded to two digits."""
    weights = _weights()
    total = sum(weights.get(name, 0.0) * value for name, value in evidence.figures.items())
    return round(1 / (1 + math.exp(-total)), 2)
