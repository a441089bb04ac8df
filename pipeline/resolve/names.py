"""Names as strings: folding, slugs, and whether two names may mean the same person.

Pure functions on strings. Which names a text holds is found in `pipeline.extract.mentions`; whom they mean is decided
in `pipeline.resolve.naming`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "đ": "d",
     "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "’": "'", "ʼ": "'", "‘": "'", "ħ": "h", "Ħ": "H"}
)
"""Letters that Unicode does not decompose into a base letter and a mark, and the apostrophes."""

PARTICLES = frozenset(
    ("al", "bin", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "la", "le", "van", "von", "zu", "da",
     "ter", "ten", "ibn", "abu")
)
"""Words in small letters that may stand inside a person's name."""
SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
MAX_SLUG = 96
"""Characters of a slug: longer noun phrases are cut at a word."""


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return the text with letters reduced to ASCII where there is a base letter; case stays."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(char for char in plain if not unicodedata.combining(char))


def slug(name: str) -> str:
    """Return a readable identifier: folded, lower case, words joined by hyphens.

    Letters of other scripts stay as they are. A name without a letter or digit gives the empty string.
    """
    text = re.sub(r"['’]s\b|['’.]", "", fold(name).casefold())
    words = re.findall(r"[^\W_]+", text)
    out = "-".join(words)
    return out if len(out) <= MAX_SLUG else out[:MAX_SLUG].rsplit("-", 1)[0]


def parts(name: str) -> list[str]:
    """Return the words of a person's name, folded, suffixes such as "Jr." left out."""
    words = [word for word in fold(name).replace(",", " ").split() if word.lower() not in SUFFIXES]
    return [word.casefold() for word in words]


def surname(name: str) -> str:
    """Return the last word of a person's name, folded and in lower case; the empty string for an empty name."""
    words = parts(name)
    return words[-1] if words else ""


def same_person(short: str, full: str) -> bool:
    """Tell whether `short` may be a shorter form of the person's name `full`.

    It may where its words end the full name ("von der Leyen"), begin it with a given name and end it with the surname
    ("Lloyd Austin", "Lloyd J. Austin III"), or are the single given or family name of a name in East Asian order.
    """
    few, many = parts(short), parts(full)
    if not few or not many or len(few) > len(many):
        return False
    if few == many[-len(few) :]:
        return True
    if len(few) >= 2:
        return few[0] == many[0] and few[-1] == many[-1]
    return False
