"""Speakers that are described, not named: "the minister", "a Pentagon report", "two diplomats".

Reads the words of a description; the story so far (`pipeline.resolve.coreference`) tells whom a definite one means.
It makes no mentions: that is `pipeline.resolve.referring`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline import reference
from pipeline.extract import kinds
from pipeline.resolve import gazetteer, titles
from pipeline.resolve.coreference import BODIES, NOMINAL_TYPES, Story

DETERMINER = re.compile(
    r"(?P<definite>the|this|that|these|those|both)\s|(?P<own>its|his|her|their|our)\s(?:own\s)?|an?\s", re.IGNORECASE
)
END_OF_CORE = re.compile(
    r"\s(?:of|for|from|at|in|on|to|with|by|across|after|against|around|before|behind|between|beyond|during|inside|outside"
    r"|over|throughout|under|within|without"
    r"|who|which|that|close|familiar|near|present|released|published|briefed|based)\b"
    r"|,|\s\(",
)

BODY_TYPES = {
    head: actor_type
    for actor_type, heads in {
        "armed_force": "army force military navy",
        "company": "company firm maker",
        "government_body": "administration agency committee council court department ministry office",
        "group": "audience coalition community couple crew crowd delegation family group junta leadership majority "
        "media minority opposition pair panel police public regime staff team",
        "media": "broadcaster newspaper",
        "organisation": "campaign initiative institute partnership union watchdog",
        "party": "party",
    }.items()
    for head in heads.split()
}
"""Head of a description → type of an actor that has no name in the document."""


JOINT = frozenset({"communique", "communiqué", "declaration"})
"""What several states write together: its author is their bloc, where one is named."""
WRITERS = frozenset({"authors", "auditors", "researchers"})
"""Those who stand for the body that they write for, where it is named."""
ABSTRACT = re.compile(r"\w{3,}(?:ance|ence|ency|ing|ism|ity|ment|ness|ship|sion|tion|ture|ure)s?")
"""Endings of nouns for what cannot speak; words for people and bodies that end so are in `BODY_TYPES` and titles."""
_PEOPLE = (
    "administration agency alliance association audience authorities authority business celebrity charities "
    "charity coalition commission communities community conference congregation corporation delegation "
    "department establishment federation foundation generation government institution intelligence king "
    "leadership legislature majority management membership minority nation opposition organisation "
    "organization parliament partnership population readership regiment sibling university witness"
)
PEOPLE = frozenset(_PEOPLE.split())
"""Words with the endings of things that mean people or bodies all the same; plurals with -s among them."""
AUDITORS = re.compile(r"\b(?:auditors?|(?:spending|budget|financial) watchdog)$", re.IGNORECASE)
"""What the body is called that has "audit" in its name."""
NOBODY = re.compile(r"(?:no|you|we)\s|all of which\b|.*\s(?:of|for|and)$", re.IGNORECASE)
"""Descriptions that mean nobody whom the text could name, or that break off."""
A_WORD = re.compile(r"[^\W\d_]+(?:[-’][^\W\d_]*)*")
ALONE = frozenset({"union"})
"""Heads that mean a bloc only where nothing stands before them: no trade union is the European Union."""
WRITING = frozenset({"organisation", "government_body"})


@cache
def documents() -> frozenset[str]:
    """Return the nouns for what is written: "report", "figures"."""
    return frozenset(row["noun"] for row in reference.rows("documents"))


@cache
def things() -> frozenset[str]:
    """Return the nouns for what cannot speak: "efforts", "problems"."""
    return frozenset(row["noun"] for row in reference.rows("things"))


@cache
def human() -> frozenset[str]:
    """Return the nouns for one human being, in the singular."""
    return titles.words("head") | titles.words("rank") | titles.words("person")


@dataclass(frozen=True, slots=True)
class Description:
    """The parts of a description: "the company's own figures" → owner "company", head "figures".

    `bare` is the phrase without its article, `core` the part before the first preposition, `head` its last word.
    """

    bare: str
    core: str
    head: str
    owner: str
    definite: bool
    own: bool

    @property
    def is_document(self) -> bool:
        """Whether the head is something written, whose author speaks."""
        return self.head in documents()

    @property
    def is_thing(self) -> bool:
        """Whether it means nobody: its head is a thing, or no word."""
        if self.core.endswith(("’s", "'s")) or NOBODY.match(self.bare):
            return True
        forms = {self.head, self.head.removesuffix("s")}
        if forms & things() or not A_WORD.fullmatch(self.head):
            return True
        if not self.core.endswith(self.head) or self.head in human() or self.head in BODY_TYPES:
            return False  # a capital letter begins a name
        return ABSTRACT.fullmatch(self.head) is not None and not forms & PEOPLE


def describe(words: str) -> Description:
    """Take a noun phrase apart."""
    words = re.sub(r"\s+", " ", words).strip(" ,")
    match = DETERMINER.match(words)
    bare = words[match.end() :] if match is not None else words
    core = END_OF_CORE.split(bare, maxsplit=1)[0].strip()
    owner = ""
    possessive = re.match(r"(.+?)(?:['’][sS]|(?<=s)['’])\s(?:own\s)?(.+)$", core)
    if possessive is not None:
        owner, core = possessive.group(1), possessive.group(2)
    head = core.split()[-1].lower() if core.split() else ""
    own = match is not None and bool(match.group("own"))
    return Description(bare, core, head, owner, match is not None and not own and bool(match.group("definite")), own)


def type_of(phrase: str) -> str:
    """Return the type of one described actor: a person, unless the head is a name or the word for a body."""
    said = describe(phrase)
    if said.head in human():
        return "person"
    if said.core and said.core.split()[-1][0].isupper():
        return kinds.type_of(said.core) or "organisation"
    return BODY_TYPES.get(said.head, "person")


def role_words(phrase: str) -> tuple[set[str], str | None]:
    """Return the words of an office in a description, and the state that it names: "US president" → USA."""
    country, rest = None, phrase
    for hit in gazetteer.find(phrase):
        if hit.form in ("name", "adjective", "inhabitants"):
            country = hit.known.country
        rest = rest.replace(phrase[hit.start : hit.end], " ")
    return set(titles.role_words(rest)) - {"the", "former", "this", "that", "s", "own", "country"}, country


def meant(story: Story, description: Description, at: int) -> str | None:
    """Return the actor already named whom a definite description means, None if there is none or it is open."""
    if description.is_document:
        return author(story, description, at)
    if description.head in human() or description.head == "pm":
        wanted, country = role_words(description.core)
        _, owner_country = role_words(description.owner) if description.owner else (set(), None)
        found = story.office(wanted, country or owner_country, at) if wanted else None
        if found is None and (country or owner_country) and description.head == "leader":
            found = story.office({"president"}, country or owner_country, at) or story.office(
                {"prime", "minister"}, country or owner_country, at
            )
        return found
    if description.definite and AUDITORS.search(description.core):
        found = story.latest(at, lambda place: "audit" in story.names.get(place.actor_id, "").lower(), 30)
        if found is not None:
            return found
    if description.head in WRITERS and description.definite and description.core == description.bare:
        return story.latest(at, lambda place: place.actor_type in WRITING, 12)
    if description.owner:
        return None
    core, country = without_state(description.core)
    if len(core.split()) <= (1 if description.head in ALONE else 2):
        return story.kind(description.head, at, country)
    return None


def without_state(core: str) -> tuple[str, str | None]:
    """Return a description without the state that it begins with, and that state: "Swedish arms maker"."""
    for hit in gazetteer.find(core):
        if hit.start == 0 and hit.form in ("adjective", "name") and core[hit.end :].strip():
            return core[hit.end :].strip(), hit.known.country
    return core, None


def author(story: Story, description: Description, at: int) -> str | None:
    """Return whose report or figures are meant, where the words themselves do not name the author."""
    if description.head in JOINT:
        found = story.latest(at, lambda place: place.actor_type == "bloc", 12)
        if found is not None:
            return found
    for word in re.findall(r"[\w-]+", description.bare.lower()):
        found = story.kind(word, at) if word in NOMINAL_TYPES else None
        if found is not None:
            return found
    if description.definite or description.own:
        found = story.writer(description.head, at) if description.definite else None
        return found or story.latest(at, lambda place: place.actor_type in BODIES or place.actor_type == "person", 3)
    return None
