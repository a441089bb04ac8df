"""What a text is known by, so that copies of it are found: an article at two addresses, agency copy in ten papers.

A pure function from a text to a few hundred numbers belongs here, and the numbers that say when two texts are copies.
Comparing documents is `sql/near_copies.sql`'s business, choosing the original is `sql/copy_links.sql`'s.

The method: shingles of three words (Broder, "On the resemblance and containment of documents", 1997), of which those
with the lowest hashes are kept. The lowest of a part of a text are among the lowest of the whole, so the share of a cut
that stands in the whole can be estimated, which MinHash for Jaccard's index cannot. Hashes are BLAKE2b's and sums of
them, so that they are the same on every machine and in every version; those of MinHash libraries are not.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

SHINGLE_WORDS = 3
SKETCH_SIZE = 256
"""Shingles kept: the share of a third of a text that stands in the whole is known to within 0.04 (one deviation)."""

LEAST_WORDS = 30
"""A text that is shorter has no near-copies: in so few words one name makes another report."""

_HEAD_WORDS, _TAIL_WORDS = 24, 18
_REPEATED = 3  # a word that a text has so often is what it is about
_STEM = 5  # letters: programme and program, defence and defense are one word

_WORD = re.compile(r"\w+")
_IN_NUMBER = re.compile(r"(?<=\d)[.,](?=\d)")
_DIGIT = re.compile(r"\d")

_Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The columns of `tables.EXTRACTED_FINGERPRINTS` but for the document; lists are sorted and hold nothing twice.

    `shingles` are the lowest hashes of the text's shingles, `edge_shingles` those of them that stand only at its edges,
    where papers put datelines and credits. `numbers` and `repeated` are the numbers and the repeated words between the
    edges, which are what a text is about; `vocabulary` is all that those of a copy of the text may be.
    """

    word_count: int
    shingle_count: int
    shingles: list[int]
    edge_shingles: list[int]
    numbers: list[int]
    repeated: list[int]
    vocabulary: list[int]


def fingerprint(text: str) -> Fingerprint:
    """Return what a text is known by; case, punctuation, blanks and the form of quotation marks do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = _WORD.findall(_IN_NUMBER.sub("", folded))
    hashes = _word_hashes(words)
    shingles = np.unique(_shingle_hashes(hashes))
    lowest = shingles[:SKETCH_SIZE]
    core = slice(min(_HEAD_WORDS, len(words) // 6), len(words) - min(_TAIL_WORDS, len(words) // 6))
    return Fingerprint(
        word_count=len(words),
        shingle_count=len(shingles),
        shingles=lowest.tolist(),
        edge_shingles=np.setdiff1d(lowest, _shingle_hashes(hashes[core])).tolist(),
        numbers=_stored(_numbers(words[core])),
        repeated=_stored(_repeated(words[core], _REPEATED)),
        vocabulary=_stored(_numbers(words) | _repeated(words, _REPEATED - 1)),
    )


@lru_cache(maxsize=200_000)
def _word_hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")


def _word_hashes(words: Sequence[str]) -> _Hashes:
    return np.fromiter(map(_word_hash, words), dtype=np.uint64, count=len(words))


def _shingle_hashes(words: _Hashes) -> npt.NDArray[np.int32]:
    """Return the hash of each run of words: 31 bits, so that DuckDB's INTEGER holds them."""
    count = max(0, len(words) - SHINGLE_WORDS + 1)
    mixed = np.zeros(count, dtype=np.uint64)
    for place in range(SHINGLE_WORDS):
        mixed = _mix(mixed + words[place : place + count])
    return (mixed >> np.uint64(33)).astype(np.int32)


def _mix(values: _Hashes) -> _Hashes:
    """Spread each value over all 64 bits, modulo 2^64: the finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _numbers(words: Sequence[str]) -> set[str]:
    return {word for word in words if _DIGIT.search(word)}


def _repeated(words: Sequence[str], least: int) -> set[str]:
    """Return the stems that occur at least so many times; short words are in every text."""
    counts = Counter(word[:_STEM] for word in words if len(word) >= _STEM)
    return {stem for stem, count in counts.items() if count >= least and not _DIGIT.search(stem)}


def _stored(words: Iterable[str]) -> list[int]:
    return sorted({_word_hash(word) >> 33 for word in words})
