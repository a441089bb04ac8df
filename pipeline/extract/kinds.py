"""What a capitalised phrase names, by its words alone: a person, a body, a company, or a thing that is no actor.

Here stand the words that tell, and no text around them; where names stand in a text is found in `mentions`.
"""

from __future__ import annotations

import re
from functools import cache

from pipeline import reference
from pipeline.resolve import gazetteer, titles
from pipeline.resolve.names import fold

ORG_WORDS = re.compile(
    r"\b(?:Academy|Agency|Alliance|Assembly|Association|Authority|Bank|Board|Brigade|Bureau|Cent(?:er|re)|Chamber|Coalition"
    r"|College|Command|Commission|Committee|Company|Confederation|Corp|Council|Court|Department|Directorate|Division"
    r"|Federation|Fleet|Force|Forces|Forum|Foundation|Front|Fund|Group|Headquarters|Hospital|Inc|Industries|Institute"
    r"|Institution|Labs?|Laborator(?:y|ies)|League|Museum"
    r"|Ministry|Mission|Movement|Network|Office|Organi[sz]ation|Party|Research|School|Service|Society|Squadron"
    r"|Systems|Task Force|Technologies|Trust|Union|University)\b"
)
"""Words that make a capitalised phrase the name of an organisation."""
COMPANY_WORDS = re.compile(
    r"\b(?:AB|AG|AS|ASA|Aerospace|Aircraft|Airlines|Aviation|Co(?!-)|Company|Corp|Corporation|Defen[cs]e Systems"
    r"|Dynamics|Electronics|Engineering|GmbH|(?<!Strike )Group|Holdings?|Inc|Industries|LLC|Ltd|Limited|Motors"
    r"|Oyj?|Plc|plc|Robotics|SA|SE|Ship ?[Bb]uilding|Shipyards?|SpA|Systems|Technologies)\b\.?"
)
MEDIA_WORDS = re.compile(
    r"\b(?:Broadcasting|Chronicle|Courier|Daily|Dispatch|Gazette|Herald|Journal|Mail|Magazine|News|Observer|Online|Post"
    r"|Press|Radio|Telegraph|Television|Times|Tribune|TV|Weekly|Wire|Shimbun|Zeitung)\b"
)
PARTY_WORDS = re.compile(r"\b(?:[Pp]arty|Democrats|Greens|Socialists|Conservatives|Liberals|Republicans|Communists)\b")
FORCE_WORDS = re.compile(
    r"\b(?:Army|Navy|Air Force|Armed Forces|Brigade|Battalion|Command|Corps|Fleet|Regiment|Squadron"
    r"|Coast Guard|Strike Group)\b"
)
BODY_WORDS = re.compile(
    r"\b(?:Administration|Agency|Assembly|Audit|Authority|Bureau|Chamber of Deputies|Commission|Committee|Congress"
    r"|Council|Court|Department|Directorate|Embassy|Ministry|Office|Parliament|Police|Secretariat|Senate|Service|Treasury)\b"
)
TYPE_WORDS = (
    (PARTY_WORDS, "party"),
    (MEDIA_WORDS, "media"),
    (COMPANY_WORDS, "company"),
    (FORCE_WORDS, "armed_force"),
    (BODY_WORDS, "government_body"),
    (ORG_WORDS, "organisation"),
)
WORKING = re.compile(r"\b(?:Working|Contact|Cyber|Study|Advisory|Steering|Expert|Support|Interest) Group\b")
"""A group that is no company."""
CORE_END = re.compile(r"\s(?:of|for|on|in|to|at|against|with|under)\s|,")
"""Where the name of a body goes on to say what it is for: "Center | for Systems Science"."""


def is_given(word: str) -> bool:
    """Tell whether a word is a given name that tells its bearer's gender."""
    return fold(word).casefold() in gazetteer.given_names()


@cache
def _name_words() -> dict[str, str]:
    """Return the words that no person's name is made of: word → `common` or `thing`."""
    return {row["word"]: row["kind"] for row in reference.rows("name_words")}


def doubt(words: list[str]) -> str | None:
    """Return what speaks against words as a person's name: that they end in a `thing` or a `common` word; or None."""
    kinds = [_name_words().get(fold(word).lower().strip(".")) for word in words if word[0].isalpha()]
    if not kinds:
        return None
    if kinds[-1] == "thing" or re.search(r"-(?:based|led|level|wide)$", words[-1]):
        return "thing"
    if len(words) > 1 and not is_given(words[0]) and words[-1].lower() in titles.words("head"):
        return "thing"
    if kinds[-1] is None or (len(words) > 1 and is_given(words[0])):
        return None
    return "thing" if len(words) > 1 and (kinds[0] is not None or words[0] == "Q") else "common"


def proper_name(words: str) -> bool:
    """Tell whether words without an article are a name: all begin with a capital, but for small words inside."""
    parts = words.split()
    small = ("of", "and", "for", "the", "&", "de", "di")
    capital = [word[:1].isupper() for word in parts if word not in small]
    if not parts or not all(capital) or not parts[-1][:1].isupper():
        return False
    return not words.isupper() if len(capital) > 1 else fold(words).lower() not in _name_words()


def type_of(name: str) -> str | None:
    """Return the type that the words of an organisation's name tell, None if they tell none.

    Its last two words go first, before what it is for: a "Center for Systems" is no company. A name that ends in a
    common word is told by its end alone: "Repeal of Civil Service Rule" names no service.
    """
    words = CORE_END.split(name, maxsplit=1)[0].split()
    end = " ".join(words[-2:])
    at_the_end = (
        kind for pattern, kind in TYPE_WORDS if any(m.end() >= len(end) - 1 for m in pattern.finditer(end))
    )
    found = next(at_the_end, None)
    if found is None and words and fold(words[-1]).lower() not in _name_words():
        found = next((kind for pattern, kind in TYPE_WORDS if pattern.search(name)), None)
    return "organisation" if found is not None and WORKING.search(name) else found
