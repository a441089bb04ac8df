"""Offices: the role that a text gives a person, and the state which that role serves.

Works on the text around a name. The words of offices are in `seeds/reference/titles.csv`. It does not decide which
names are persons, nor whom a description without a name means (`pipeline.resolve.coreference`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline import reference
from pipeline.extract.records import Span
from pipeline.resolve import gazetteer

REACH = 130
"""Characters before and after a name in which its office is looked for."""


@dataclass(frozen=True, slots=True)
class Office:
    """A role in the words of the text; `country` is the state served, `placed` whether the text tells it.

    An office of NATO or the EU is placed and has no country. `rank` marks mere ranks and forms of address ("Gen.").
    """

    role: str | None
    country: str | None = None
    placed: bool = False
    gender: str | None = None
    rank: bool = False
    serves_state: bool = False


NONE = Office(None)
NO_ADDRESS = frozenset({"associate", "chief", "deputy", "executive", "fellow", "head", "major", "principal", "veteran"})
"""Titles that are as often the beginning of the name of a thing."""
ENDS_OPEN = re.compile(r"\b(?:as|at|by|for|in|of|on|to|with)\s*$", re.IGNORECASE)
"""An office whose words go on with the name: "producer for" Dan Rather."""


@cache
def words(kind: str) -> frozenset[str]:
    """Return the words of one kind: head, modifier, rank, honorific."""
    return frozenset(row["word"] for row in reference.rows("titles") if row["kind"] == kind)


def is_title(word: str) -> bool:
    """Tell whether a word can stand directly before a name: an office, a rank, or "Mr" and the like."""
    return word.lower() in words("head") | words("rank") | words("honorific")


def is_address(word: str) -> bool:
    """Tell whether a title before a common word makes it a name: "Senator Long", not "Head Start"."""
    return is_title(word) and word.lower() not in NO_ADDRESS


@cache
def genders() -> dict[str, str]:
    """Return the gender (m, f) of the title words that tell it."""
    return {row["word"]: row["gender"] for row in reference.rows("titles") if row["gender"]}


@cache
def _full() -> dict[str, str]:
    return {row["word"].rstrip("."): row["full"] for row in reference.rows("titles") if row["full"]}


def role_words(role: str) -> frozenset[str]:
    """Return the words of a role for comparison: lower case, British spelling, abbreviations written out.

    What it is a role in or for counts ("head of the army"), to whom it is one does not ("adviser to the president").
    """
    words_ = re.findall(r"[a-z]+", re.split(r"\sto\s", role.lower().replace("defense", "defence"), maxsplit=1)[0])
    return frozenset(" ".join(_full().get(word, word) for word in words_).split())


@cache
def _state_heads() -> frozenset[str]:
    return frozenset(row["word"] for row in reference.rows("titles") if row["serves"] == "state")


@cache
def _heads_pattern() -> str:
    heads = sorted(words("head") | {w for w in words("rank") if "." not in w} | {"secretary general",
                   "secretary-general"}, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(head) for head in heads) + ")"


@cache
def _after() -> re.Pattern[str]:
    return re.compile(
        r",\s(?:who\s(?:is|was|has\sbeen|became|serves\sas)\s|then\s|now\s)?(?:the\s|an?\s|its\s|his\s|her\s|their\s)?"
        rf"(?P<role>(?:[\w.&'’-]+\s){{0,7}}?{_heads_pattern()}\b(?:\s(?:of|for|at|in|on|to)\s[^,.;:\n()“”\"–—]{{2,70}}?)?)"
        r"(?=\s*[,.;:\n()–—“”\"]|\s(?:until|since|said|told|who|which|that|and|during|under|at\s(?:his|her))\b|$)",
        re.IGNORECASE,
    )


@cache
def _before() -> re.Pattern[str]:
    return re.compile(
        r"(?:(?:^|(?<=[\s“\"(]))(?:the|an?|its|his|her|their|our)\s|(?P<owner>(?:[\w.-]+\s){0,3}[\w.-]+['’]s?\s)|^)"
        rf"(?P<role>(?:[\w&-]+\s){{0,4}}?{_heads_pattern()}\b"
        r"(?:\s(?:of|for|at|in|on)\s(?:(?!who\b)[\w&'’-]+\s?){1,8})?),?\s$",
        re.IGNORECASE,
    )


def office(text: str, span: Span) -> Office:
    """Return the office that the words around a name give it."""
    left = text[max(0, span.start - REACH) : span.start]
    left = left[left.rfind("\n") + 1 :]
    right = text[span.end : span.end + REACH]
    direct = _title_before(left)
    if direct.role is not None and not direct.rank:
        return direct
    match = _after().match(right)
    if match is not None:
        found = _described(match.group("role"), "")
        if found.role is not None:
            return Office(found.role, found.country, found.placed, direct.gender or found.gender, False,
                          found.serves_state)
    match = _before().search(left)
    if match is not None and not ENDS_OPEN.search(match.group("role")):
        found = _described(match.group("role"), match.group("owner") or "")
        if found.role is not None:
            return found
    return direct


def _owner(words_before: str) -> tuple[str | None, bool, int]:
    """Return (country, placed, where it starts) of the name that ends a stretch of text."""
    stretch = re.sub(r"['’]s?\s*$|\s+$", "", words_before)
    last = None
    for hit in gazetteer.find(stretch):
        last = hit
    if last is None or last.end != len(stretch) or last.form == "none":
        return None, False, len(words_before)
    if last.form in ("capital", "person"):
        return last.known.country, last.known.country is not None, last.start
    return last.known.country, True, last.start


def titles_start(left: str) -> int:
    """Return where the title words begin that end a stretch of text ("said Polish Defense Minister " → 12)."""
    at, _, _, _ = _walk_back(left)
    return at


def without_titles(left: str) -> str:
    """Return a stretch of text without the title words that end it, and without whose title it is."""
    at = titles_start(left)
    if at == len(left):
        return left
    _, placed, owner = _owner(left[:at])
    return left[: owner if placed else at]


def _walk_back(left: str) -> tuple[int, int, bool, bool]:
    """Read title words from the end of a stretch of text.

    Returns:
        Where they begin, where they end before "Mr" and the like, whether there is an office or a rank, and whether
        it is a mere rank.
    """
    heads, modifiers, ranks, honorifics = (words(kind) for kind in ("head", "modifier", "rank", "honorific"))
    at = end = len(left)
    head = False
    rank = True
    while True:
        match = re.search(r"([^\W\d_][\w.-]*)[ \u00a0]$", left[max(0, at - 40) : at])
        if match is None:
            break
        word = match.group(1).lower()
        start = at - len(match.group())
        if word in honorifics and not head:
            at = end = start
            continue
        if word in heads or word in ranks or (word == "general" and not head):
            head = True
            rank = rank and word in ranks
        elif word in modifiers and head:
            pass
        else:
            inner = re.search(
                r"([^\W\d_][\w-]*)\s(?:of|for)\s(?:the\s)?(?:[A-Z][\w-]+\s(?:and\s)?){1,3}$", left[max(0, at - 80) : at]
            )
            if head or inner is None or inner.group(1).lower() not in heads:
                break
            head, rank = True, False
            start = at - len(inner.group())
        at = start
    return at, end, head, head and rank


def _title_before(left: str) -> Office:
    """Read the title words directly before a name: "Polish Defense Minister "."""
    at, end, head, rank = _walk_back(left)
    said = re.findall(r"[\w.-]+", left[at:].lower())
    gender = next((genders()[word] for word in said if word in genders()), None)
    role = left[at:end].strip()
    if not role or not head:
        return Office(None, gender=gender)
    country, placed, _ = _owner(left[:at])
    return Office(role, country, placed, gender, rank, bool(set(said) & _state_heads()))


def _described(phrase: str, owner: str) -> Office:
    """Read an office out of a description: "the Ukrainian defence minister", "head of the German army"."""
    phrase = phrase.strip()
    own_country, placed, _ = _owner(owner) if owner else (None, False, 0)
    pre = re.split(r"\s(?:of|for|at|in|on|to)\s", phrase, maxsplit=1)[0]
    cut = 0
    for hit in gazetteer.find(phrase):
        if hit.form == "none":
            continue
        if hit.start > len(pre):
            if not placed and hit.form in ("name", "adjective", "entry") and not re.search(
                r"\b(?:ambassador|envoy|representative)\b", pre, re.IGNORECASE
            ):
                own_country, placed = hit.known.country, True
            break
        if hit.end >= len(pre):
            break
        own_country, placed = hit.known.country, True
        cut = hit.end
    role = re.sub(r"^(?:['’]s?)?\s*(?:then|now)?\s*", "", phrase[cut:])
    if not role:
        return NONE
    low = pre.lower().split()
    known = words("head") | words("rank") | words("modifier")
    body = [word for word in role[: max(0, len(pre) - cut)].lower().split() if word not in known]
    if len(body) > 2 or not any(word in words("head") | words("rank") for word in re.findall(r"[\w-]+", pre.lower())):
        return NONE
    gender = next((genders()[word] for word in low if word in genders()), None)
    return Office(role, own_country, placed, gender, False, bool(set(low) & _state_heads()))
