"""What the money buys or funds, in the words of the text.

Each noun phrase near a figure is an option, by how it hangs on the figure in the parse and what kind of words it is
made of; "nothing named" is another. How much each feature counts is learned (`linear`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from spacy.tokens import Token

from pipeline import reference
from pipeline.resolve import grammar
from pipeline.resolve.cues import Hit, Site, Words
from pipeline.resolve.defence import is_obligation
from pipeline.resolve.flows import Before
from pipeline.resolve.linear import Features, Option
from pipeline.resolve.notices import goods

Range = tuple[int, int]
"""Tokens of a phrase, end exclusive."""

_STOP_DEPS = {"relcl", "acl", "advcl", "parataxis", "appos", "ccomp"}
_TAIL, _LONG = 14, 40
"""Words that a phrase reaches from its noun: in the news, and in a notice of contracts."""
_LEAST = {"a", "an", "the", "its", "their", "his", "her", "our", ",", "some", "this", "these", "those", "that"}
_CONNECTS = ("of", "for", "on", "at", "in", "against")
_LOOSE = ("prep", "cc", "case", "mark")
_NO_THINGS = {"MONEY", "PERCENT", "DATE", "TIME", "CARDINAL", "QUANTITY", "ORDINAL"}
_SUBJECTS = ("nsubj", "nsubjpass")
_MODIFIERS = ("compound", "nmod", "amod", "npadvmod", "nummod", "quantmod")


@cache
def _terms(role: str) -> frozenset[str]:
    return frozenset(r["term"] for r in reference.rows("item_cues") if r["role"] == role)


def item_options(
    words: Words,
    site: Site,
    hits: Sequence[Hit],
    *,
    named: frozenset[int],
    notice: bool,
    flow: str,
    before: Before | None,
) -> list[Option[str | None]]:
    """Return the things that the money may buy, and None.

    `hits` are the terms of defence near the figure, `named` the numbers of the tokens that name actors; `notice` says
    that the text announces contracts, whose goods are told at length.
    """
    kind = "a notice" if notice else flow
    nothing: Features = {"nothing": 1.0, f"nothing for {kind}": 1.0, "nothing for a share": float(site.is_share)}
    nothing["nothing for an obligation"] = float(is_obligation(words, site))
    if before is not None:
        nothing[f"nothing after {'one' if before.record.item else 'none'} in the {before.near}"] = 1.0
    options: list[Option[str | None]] = [Option(None, None, nothing)]
    seen: set[Range] = set()
    led = False
    for noun, relation in _nouns(words, site):
        span = phrase(noun, site, whole=notice)
        if span is None or span in seen:
            continue
        seen.add(span)
        features = _features(words, site, noun, span, relation=relation, hits=hits, named=named)
        if not led and span[0] >= site.end and "after the word for" in features and _kind(noun, named) != "contract":
            features["first after for"] = 1.0
            led = True
        features |= {f"{name} for {kind}": value for name, value in features.items() if not name.startswith("head ")}
        text = words.doc[span[0] : span[1]].text
        options.append(Option(text, text, features))
    told = goods(words, site, _terms("contract")) if notice else None
    if told is not None:
        text = words.doc[told[0] : told[1]].text
        options.append(Option(text, text, {"as the notice has it": 1.0}))
    if before is not None and before.record.item:
        again: Features = {f"again in the {before.near}": 1.0, f"again for {flow}": 1.0}
        again["again of the same flow"] = float(before.record.flow == flow)
        options.append(Option(before.record.item, before.record.item, again))
    return options


def _nouns(words: Words, site: Site) -> Iterator[tuple[Token, str]]:
    """Yield the nouns of the sentence, and of the one before, that may stand for a thing, each with its relation."""
    spine = {token.i: depth for depth, token in enumerate(site.path)}
    for place, (first, last) in (("here", site.sentence), ("before", site.before)):
        for token in words.doc[first:last]:
            if (token.pos_ not in ("NOUN", "PROPN") and not token.is_upper) or site.start <= token.i < site.end:
                continue
            of_contract = token.dep_ == "compound" and token.head.lemma_.lower() in _terms("contract")
            if of_contract and token.head.i in spine:
                yield _goods(token), "goods of a contract above it"
                continue
            if token.dep_ in _MODIFIERS and not of_contract:
                continue
            if not any(letter.isalpha() for letter in token.text):
                continue
            yield token, _relation(token, spine) if place == "here" else f"{place} {token.dep_}"


def _goods(token: Token) -> Token:
    """Return the goods in "arms supply contract": what stands before a word that is none itself."""
    inner = next((child for child in token.lefts if child.dep_ == "compound"), None)
    return inner if inner is not None and token.lemma_.lower() in _terms("no_goods") else token


def _relation(noun: Token, spine: dict[int, int]) -> str:
    """Return how a noun hangs on what governs the figure: "dobj of buy", "for beside it", "above it", …"""
    if noun.i in spine:
        return "above it, near" if spine[noun.i] <= 2 else "above it"
    dep, head = noun.dep_, noun.head
    for _ in range(4):
        if dep not in ("conj", "appos"):
            break
        dep, head = head.dep_, head.head
    if dep in ("pobj", "pcomp"):
        above = head.head
        if above.i in spine:
            return f"{head.lower_} beside it" if spine[above.i] <= 1 else f"{head.lower_} above it"
        return f"{head.lower_} {'of the figure' if _in_figure(above, spine) else 'elsewhere'}"
    if head.i in spine:
        kind = next((kind for kind in ("shop", "cost") if head.lemma_.lower() in _terms(kind)), "verb")
        return f"{dep} of {kind} above it"
    return f"{dep} elsewhere"


def _in_figure(above: Token, spine: dict[int, int]) -> bool:
    """Return whether a preposition hangs on the figure itself: "3 billion for tanks"."""
    for _ in range(4):
        if above.head.i in spine or above.head.i == above.i:
            return above.ent_type_ in ("MONEY", "PERCENT", "CARDINAL") or above.like_num
        above = above.head
    return False


def _features(
    words: Words, site: Site, noun: Token, span: Range, *, relation: str, hits: Sequence[Hit], named: frozenset[int]
) -> Features:
    side = "after" if span[0] >= site.end else "ahead"
    inside = site.segment[0] <= noun.i < site.segment[1]
    arms = sum(h.weight for h in hits if h.weight > 0 and span[0] <= h.start < span[1])
    civil = sum(-h.weight for h in hits if h.weight < 0 and span[0] <= h.start < span[1])
    tokens = words.doc[span[0] : span[1]]
    lead = words.lower[span[0] - 1] if span[0] else ""
    lead = words.lower[span[0] - 2] if lead in _LEAST and span[0] > 1 else lead
    verb = grammar.governing_verb([noun.head, *noun.head.ancestors][:4])
    kind = _kind(noun, named)
    found: Features = {
        kind: 1.0,
        f"relation {relation}": 1.0,
        f"relation {relation} of a {kind}": 1.0,
        f"{side} {'in' if inside else 'out of'} reach": 1.0,
        f"{side}, near": 1 / (1 + site.distance(*span) / 4),
        f"after the word {lead}" if lead in _LEADS else "after another word": 1.0,
        f"head {noun.lemma_.lower()}": 1.0,
        "arms": min(2.0, arms / 3),
        "civil": min(2.0, civil / 3),
        f"class {noun.ent_type_ or noun.pos_}": 1.0,
    }
    if any(t.dep_ == "nummod" or t.like_num for t in tokens):
        found["numbered"] = 1.0
    if noun.tag_ in ("NNS", "NNPS"):
        found["plural"] = 1.0
    if any(any(c.isdigit() for c in t.text) and any(c.isalpha() for c in t.text) for t in tokens):
        found["model"] = 1.0
    if noun.ent_type_ in _NO_THINGS and not noun.i > span[0]:
        found["quantity alone"] = 1.0
    if noun.lemma_.lower() in _terms("no_goods"):
        found["no goods"] = 1.0
    if verb is not None and verb.lemma_.lower() in _terms("shop"):
        found["under a verb of buying"] = 1.0
    if noun.dep_ in _SUBJECTS:
        found[f"subject of {noun.head.lemma_.lower()}"] = 1.0
    if noun.dep_ == "dobj":
        found[f"object of {noun.head.lemma_.lower()}"] = 1.0
    return found


def _kind(noun: Token, named: frozenset[int]) -> str:
    """Return what kind of word a phrase is built on: a contract, a general word, an actor, a thing."""
    lemma = noun.lemma_.lower()
    if lemma in _terms("contract"):
        return "contract"
    return "general word" if lemma in _terms("general") else "actor" if noun.i in named else "thing"


_LEADS = {
    "for", "of", "on", "to", "in", "with", "from", "by", "at", "and", "buy", "order", "ordered", "purchase", "build",
    "deliver", "supply",
}  # fmt: skip


def phrase(noun: Token, site: Site, *, whole: bool = False) -> Range | None:
    """Return the noun phrase around a noun: its modifiers and complements, no relative clause, no article.

    With `whole`, whatever hangs on it belongs to it, up to the date of completion.
    """
    first, last = noun.i, noun.i
    stack = [noun]
    budget = 2 * _LONG
    while stack and budget:
        token = stack.pop()
        budget -= 1
        for child in token.children:
            if child.dep_ == "punct" or (child.dep_ in _STOP_DEPS and not whole):
                continue
            if child.dep_ == "prep" and (child.lower_ == "with" if whole else child.lower_ not in _CONNECTS):
                continue
            if child.dep_ == "prep" and any(c.ent_type_ in ("DATE", "MONEY") for c in child.children):
                continue
            if abs(child.i - noun.i) > (_LONG if whole else _TAIL) or site.start <= child.i < site.end:
                continue
            stack.append(child)
            first, last = min(first, child.i), max(last, child.i)
    if first <= site.start < last:
        first, last = (noun.i, last) if noun.i >= site.end else (first, min(last, site.start - 1))
    doc = noun.doc
    while first < last and doc[first].lower_ in _LEAST:
        first += 1
    while last > first and (doc[last].is_punct or doc[last].dep_ in _LOOSE or doc[last].lower_ in ("worth", "valued")):
        last -= 1
    return (first, last + 1) if not doc[first].is_space else None
