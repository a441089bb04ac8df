"""Who is named where in a document, and who its speakers are.

The order of the work stands here: first the names (`naming`), then what refers to them (`referring`). An actor_id
depends on the document and the reference tables alone; the joining of actors across documents is SQL's
(`sql/actor_matches.sql`, `sql/actor_links.sql`).
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from spacy.tokens import Doc

from pipeline.extract.records import Document, LocalActor, Mention, Span
from pipeline.resolve.naming import Naming
from pipeline.resolve.page import Page
from pipeline.resolve.referring import Referring


def resolve_actors(document: Document, doc: Doc, speakers: Sequence[Span]) -> tuple[list[Mention], list[LocalActor]]:
    """Find the mentions of actors in a document, and the actors they refer to.

    Args:
        document: the text and its day of publication.
        doc: the parse of that text.
        speakers: the noun phrases of speakers; pronouns and descriptions among them are resolved, too.

    Returns:
        The mentions, sorted and one a span, and the actors of the document, sorted by actor_id. Each mention's
        actor_id is that of one of these actors, or None.
    """
    page = Page(document, doc, speakers)
    Naming(page).read()
    Referring(page).read()
    return page.mentions(), page.local_actors()


def speaker_actor(mentions: Sequence[Mention], span: Span) -> str | None:
    """Return the actor whom a speaker's words mean, None if unknown.

    The mention with exactly that span tells; else a name inside it, a person's before another's.
    """
    at = bisect.bisect_left(mentions, span, key=lambda mention: mention.span)
    if at < len(mentions) and mentions[at].span == span:
        return mentions[at].actor_id
    inside = []
    index = bisect.bisect_left(mentions, (span.start, -1), key=lambda mention: mention.span)
    while index < len(mentions) and mentions[index].span.start < span.end:
        if mentions[index].span.end <= span.end and mentions[index].actor_id is not None:
            inside.append(mentions[index])
        index += 1
    persons = [mention for mention in inside if mention.entity_label == "PERSON"]
    chosen = persons or inside
    return chosen[0].actor_id if chosen else None
