"""spaCy's attribute ruler and lemmatizer, one look-up a word instead of a search: parts of speech, lemmas.

Their rules look at a word, its tag and its label alone, but for a few that look at two words in a row. So what they say
of a word is worked out once and remembered; it is what spaCy says. Which component is run how is for `components`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from spacy.attrs import DEP, IS_SPACE, LEMMA, LOWER, MORPH, ORTH, POS, TAG
from spacy.lang.en.lemmatizer import EnglishLemmatizer
from spacy.pipeline import AttributeRuler
from spacy.tokens import Doc

REMEMBERED = 100_000
"""Words that are remembered; it bounds the memory, and few texts hold so many."""

_LOOKED_AT = {"LOWER", "TAG", "DEP", "IS_SPACE"}
_SET = (POS, MORPH, LEMMA, TAG, DEP)
_TESTS = {"IN", "NOT_IN", "REGEX"}

Spec = dict[str, Any]
"""What a pattern asks of one word: attribute → value, or a dictionary of `_TESTS`."""
_Key = tuple[int, int, int, int]  # a word in lower case (0: any), its tag, label, whether it is blank; spaCy's hashes


def rules(component: Any) -> bool:
    """Tell a ruler whose patterns look at words, tags and labels only, so that `Ruler` does what it does."""
    return type(component) is AttributeRuler and all(
        set(rule.attributes) <= set(_SET)
        and all(rule.attributes.values())
        and all(set(spec) <= _LOOKED_AT and all(map(_is_plain, spec.values())) for spec in rule.specs)
        for rule in _rules_of(component)
    )


def _is_plain(asked: Any) -> bool:
    return not isinstance(asked, dict) or set(asked) <= _TESTS


def lemmatizes(component: Any) -> bool:
    """Tell a lemmatizer that goes by the rules of English, and leaves be the lemmas that are there."""
    return type(component) is EnglishLemmatizer and component.mode == "rule" and not component.overwrite


@dataclass(frozen=True, slots=True)
class _Rule:
    """One pattern of a ruler; of two rules for a word, the one with the higher number has the last say."""

    number: int
    specs: tuple[Spec, ...]  # of words in a row
    place: int  # of the word whose attributes it sets
    attributes: dict[int, int]


def _rules_of(ruler: Any) -> Iterator[_Rule]:
    for number, entry in enumerate(ruler.patterns):
        for specs in entry["patterns"]:
            yield _Rule(number, tuple(specs), ruler.indices[number] % len(specs), ruler.attrs[number])


def _meets(word: Spec, spec: Spec) -> bool:
    """Tell whether a word is as a pattern asks."""
    return all(_agrees(word[attribute], asked) for attribute, asked in spec.items())


def _agrees(value: Any, asked: Any) -> bool:
    if not isinstance(asked, dict):
        return bool(value == asked)
    within = "IN" not in asked or value in asked["IN"]
    without = "NOT_IN" not in asked or value not in asked["NOT_IN"]
    return within and without and ("REGEX" not in asked or re.search(asked["REGEX"], value) is not None)


def _merged(found: Iterable[_Rule]) -> tuple[int, ...]:
    """Return the values that rules give to `_SET`, 0 for none."""
    merged: dict[int, int] = {}
    for rule in sorted(found, key=lambda rule: rule.number):
        merged |= rule.attributes
    return tuple(merged.get(attribute, 0) for attribute in _SET)


class Ruler:
    """The rules of an attribute ruler, with what they say of the words met so far."""

    def __init__(self, ruler: Any) -> None:
        """Sort the rules by the words that they are for."""
        self._strings = ruler.vocab.strings
        self._known: dict[_Key, tuple[tuple[int, ...], bool]] = {}
        self._told_apart: dict[int, int] = {}
        self._listed, self._regexes = set[str](), set[str]()
        self._by_look: dict[tuple[str, str, bool], list[_Rule]] = {}
        self._by_word: dict[str, list[_Rule]] = {}
        self._general: list[_Rule] = []
        self._longer: list[_Rule] = []
        for rule in _rules_of(ruler):
            asked = rule.specs[0].get("LOWER")
            listed = [asked] if isinstance(asked, str) else (asked or {}).get("IN", [])
            if len(rule.specs) > 1:
                self._longer.append(rule)
            elif not listed:
                self._general.append(rule)
            for word in listed if len(rule.specs) == 1 else ():
                self._by_word.setdefault(word, []).append(rule)
            for spec in rule.specs:
                self._note(spec.get("LOWER", {}))

    def _note(self, asked: Any) -> None:
        """Note which words a pattern tells from others."""
        if isinstance(asked, str):
            self._listed.add(asked)
        else:
            self._listed.update(asked.get("IN", ()), asked.get("NOT_IN", ()))
            self._regexes.update([asked["REGEX"]] if "REGEX" in asked else [])

    def _apart(self, lower: int) -> int:
        """Return a word that some pattern tells from others, 0 for all words that none does."""
        word = self._strings[lower]
        matched = any(bool(re.search(regex, word)) != bool(re.search(regex, "")) for regex in self._regexes)
        return lower if word in self._listed or matched else 0

    def __call__(self, doc: Doc) -> None:
        """Set what the rules say of each word."""
        lowers, *looks = doc.to_array([LOWER, TAG, DEP, IS_SPACE]).T.tolist()
        if not lowers:
            return
        if len(self._told_apart) > REMEMBERED:
            self._told_apart.clear()
        for lower in set(lowers) - self._told_apart.keys():
            self._told_apart[lower] = self._apart(lower)
        keys: list[_Key] = list(zip([self._told_apart[lower] for lower in lowers], *looks, strict=True))
        for key in set(keys) - self._known.keys():
            word = self._word(key)
            longer = any(_meets(word, rule.specs[0]) for rule in self._longer)
            self._known[key] = _merged(self._rules_for(word)), longer
        found = [self._known[key] for key in keys]
        values: Any = np.array([row for row, _ in found], dtype=np.uint64)
        self._set_longer(keys, [place for place, (_, longer) in enumerate(found) if longer], values)
        present: Any = doc.to_array(list(_SET))
        values[values == 0] = present[values == 0]
        doc.from_array(list(_SET), values)

    def _word(self, key: _Key) -> Spec:
        lower, tag, dep = (self._strings[number] for number in key[:3])
        return {"LOWER": lower, "TAG": tag, "DEP": dep, "IS_SPACE": bool(key[3])}

    def _rules_for(self, word: Spec) -> list[_Rule]:
        """Return the rules for single words that hold of a word."""
        look = word["TAG"], word["DEP"], word["IS_SPACE"]
        if look not in self._by_look:
            self._by_look[look] = [
                rule for rule in self._general
                if all(_agrees(word[name], asked) for name, asked in rule.specs[0].items() if name != "LOWER")
            ]  # fmt: skip
        candidates = (*self._by_look[look], *self._by_word.get(word["LOWER"], ()))
        return [rule for rule in candidates if _meets(word, rule.specs[0])]

    def _set_longer(self, keys: Sequence[_Key], places: Sequence[int], values: Any) -> None:
        """Let the rules for several words have their say, which may begin at these places."""
        more: dict[int, list[_Rule]] = {}
        for place in places:
            for rule in self._longer:
                words = [self._word(key) for key in keys[place : place + len(rule.specs)]]
                if len(words) == len(rule.specs) and all(map(_meets, words, rule.specs)):
                    more.setdefault(place + rule.place, []).append(rule)
        for place, found in more.items():
            values[place] = _merged([*self._rules_for(self._word(keys[place])), *found])


class Lemmas:
    """The lemmas of a lemmatizer, with those of the words met so far."""

    def __init__(self, lemmatizer: Any) -> None:
        """Start with no word."""
        self._lemmatizer = lemmatizer
        forms = lemmatizer.lookups.get_table("lemma_index")
        for pos in forms:  # lists of tens of thousands of words, searched from end to end for each that is new
            forms[pos] = frozenset(forms[pos])
        self._known: dict[tuple[int, int, int], int] = {}

    def __call__(self, doc: Doc) -> None:
        """Set the lemma of each word that has none; parts of speech and morphology are there."""
        values = doc.to_array([ORTH, POS, MORPH, LEMMA])
        if len(self._known) > REMEMBERED:
            self._known.clear()
        strings, lemmas = doc.vocab.strings, values[:, 3].tolist()
        for place, key in enumerate(zip(*values[:, :3].T.tolist(), strict=True)):
            if not lemmas[place]:
                if key not in self._known:
                    self._known[key] = strings.add(self._lemmatizer.lemmatize(doc[place])[0])
                lemmas[place] = self._known[key]
        column: Any = np.array(lemmas, dtype=np.uint64).reshape(-1, 1)
        doc.from_array([LEMMA], column)
