"""From names to actors: who is named in a document, and who its speakers are."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from pipeline.extract import model
from pipeline.extract.records import Document, LocalActor, Mention, Span
from pipeline.resolve import gazetteer, titles
from pipeline.resolve.actors import resolve_actors, speaker_actor
from pipeline.resolve.names import same_person, slug


def read(
    nlp: Language, text: str, *speakers: str, day: date | None = None
) -> tuple[list[Mention], dict[str, LocalActor]]:
    """Resolve a text; each speaker is looked for after the one before."""
    spans, at = [], 0
    for words in speakers:
        at = text.index(words, at)
        spans.append(Span(at, at + len(words)))
        at += len(words)
    mentions, actors = resolve_actors(Document("d", text, published_on=day), model.parse(nlp, text), spans)
    return mentions, {actor.actor_id: actor for actor in actors}


def speakers_of(nlp: Language, text: str, *speakers: str) -> list[str | None]:
    mentions, _ = read(nlp, text, *speakers)
    out, at = [], 0
    for words in speakers:
        at = text.index(words, at)
        out.append(speaker_actor(mentions, Span(at, at + len(words))))
        at += len(words)
    return out


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Władysław Kosiniak-Kamysz", "wladyslaw-kosiniak-kamysz"),
        ("Jonas Gahr Støre", "jonas-gahr-store"),
        ("Fritz Strauß", "fritz-strauss"),
        ("the minister’s office", "the-minister-office"),
        ("U.S. Army", "us-army"),
        ("防衛省", "防衛省"),
        ("…", ""),
    ],
)
def test_slug(name: str, expected: str) -> None:
    """Identifiers are ASCII where the letters have a base letter."""
    assert slug(name) == expected


@pytest.mark.parametrize(
    ("short", "full", "same"),
    [
        ("Berzina", "Anna Bērziņa", True),
        ("Anna Bērziņa", "Anna M. Bērziņa", True),
        ("von Holm", "Eva von Holm", True),
        ("Anna", "Anna Bērziņa", False),
        ("Ida Bērziņa", "Anna Bērziņa", False),
        ("Holt", "Art Holt Jr.", True),
    ],
)
def test_same_person(short: str, full: str, same: bool) -> None:
    """A shorter name is the same person's if it ends the longer one, or leaves out its middle."""
    assert same_person(short, full) is same


@pytest.mark.parametrize(
    ("text", "name", "role", "country"),
    [
        ("Latvian Deputy Defence Minister Anna Ozola said no.", "Anna Ozola", "Deputy Defence Minister", "LVA"),
        ("Anna Ozola, the Latvian finance minister, said no.", "Anna Ozola", "finance minister", "LVA"),
        ("The head of the Latvian army, Karlis Ozols, said no.", "Karlis Ozols", "head of the Latvian army", "LVA"),
        ("Secretary of State Jane Newbold of the United States left.", "Jane Newbold", "Secretary of State", "USA"),
        ("NATO Secretary General Jane Newbold met Poland.", "Jane Newbold", "Secretary General", None),
        ("Gen. Jane Newbold, the chief of staff, spoke in Canada.", "Jane Newbold", "chief of staff", "CAN"),
        ("Jane Newbold was in Canada.", "Jane Newbold", None, "CAN"),
    ],
)
def test_office_and_country(nlp: Language, text: str, name: str, role: str | None, country: str | None) -> None:
    """The words around a name give office and state; an office of NATO has no state."""
    _, actors = read(nlp, text)
    actor = actors[slug(name)]
    assert (actor.name, actor.actor_type, actor.role, actor.country) == (name, "person", role, country)


def test_one_actor_for_all_forms_of_a_name(nlp: Language) -> None:
    """Surname, full name and name in capitals are one actor; states have their code as id."""
    text = "Anna Ozola arrived in Latvia. OZOLA: We are ready. Ms Ozola left the Latvians alone."
    mentions, actors = read(nlp, text)
    assert sorted(actors) == ["LVA", "anna-ozola"]
    assert [m.span.of(text) for m in mentions if m.actor_id == "anna-ozola"] == ["Anna Ozola", "OZOLA", "Ozola"]
    assert actors["LVA"].aliases == ("Latvia", "Latvians")


def test_a_short_form_in_brackets(nlp: Language) -> None:
    """An acronym behind a name stands for it from then on."""
    text = "The Northern Defence Institute (NDI) warned Norway. The NDI published figures."
    mentions, _ = read(nlp, text)
    assert [m.actor_id for m in mentions if m.span.of(text) == "NDI"] == ["northern-defence-institute"] * 2


def test_bodies_of_the_state_in_question(nlp: Language) -> None:
    """A ministry without a state's name is that of the state the story is about."""
    _, actors = read(nlp, "Sweden orders ten ships. The finance ministry in Sweden pays; the Riksdag agreed.")
    assert actors["swedish-ministry-of-finance"].country == "SWE"
    assert actors["riksdag"].actor_type == "government_body"


def test_a_capital_is_the_state_only_where_it_acts(nlp: Language) -> None:
    """Tallinn that rejects something is Estonia, Tallinn where one meets is a place."""
    assert "EST" in read(nlp, "Tallinn rejected the offer.")[1]
    assert "EST" not in read(nlp, "They met in Tallinn.")[1]


def test_officials_change_the_state_they_serve(nlp: Language) -> None:
    """The day of publication decides which state a known official serves."""
    text = "Mark Rutte spoke."
    assert read(nlp, text, day=date(2023, 1, 5))[1]["mark-rutte"].country == "NLD"
    assert read(nlp, text, day=date(2025, 1, 5))[1]["mark-rutte"].country is None


@pytest.mark.parametrize(
    ("text", "speakers", "expected"),
    [
        (
            "Anna Ozola met Karl Holm. She said it was late. He said nothing was.",
            ["She", "He"],
            ["anna-ozola", "karl-holm"],
        ),
        (
            "Latvian Defence Minister Anna Ozola met Anna Holm. The minister warned of war.",
            ["Latvian Defence Minister Anna Ozola", "The minister"],
            ["anna-ozola", "anna-ozola"],
        ),
        ("Saab lost the order. The company said it would appeal.", ["The company"], ["saab"]),
        ("NATO met. Estimates released by the alliance say so.", ["Estimates released by the alliance"], ["nato"]),
        (
            "A report by the Dutch defence ministry says so.",
            ["A report by the Dutch defence ministry"],
            ["dutch-ministry-of-defence"],
        ),
        (
            "Two Danish officers from the north said so.",
            ["Two Danish officers from the north"],
            ["two-danish-officers-from-the-north"],
        ),
        ("The government of Latvia said no.", ["The government of Latvia"], ["LVA"]),
        (
            "A spokesman for President Emmanuel Macron denied it.",
            ["A spokesman for President Emmanuel Macron"],
            ["spokesman-for-president-emmanuel-macron"],
        ),
        ("Their interim leader, Zed Quaglio, said no.", ["Their interim leader, Zed Quaglio"], ["zed-quaglio"]),
        ("A farmer stood there. He said it was loud.", ["He"], ["farmer"]),
        ("The French president arrived late; Emmanuel Macron smiled.", ["The French president"], ["emmanuel-macron"]),
        ("It is late, he said.", ["he"], [None]),
    ],
)
def test_speakers(nlp: Language, text: str, speakers: list[str], expected: list[str | None]) -> None:
    """Pronouns and descriptions mean the actor named before; others become persons or groups of their own."""
    assert speakers_of(nlp, text, *speakers) == expected


@pytest.mark.parametrize(
    ("words", "actor_type", "country"),
    [("Two Danish officers", "group", "DNK"), ("A senior NATO diplomat", "person", None), ("analysts", "group", None)],
)
def test_described_speakers(nlp: Language, words: str, actor_type: str, country: str | None) -> None:
    """One unnamed speaker is a person, several are a group; the country is that of the words."""
    text = f"{words} said it would rain."
    mentions, actors = read(nlp, text, words)
    actor = actors[speaker_actor(mentions, Span(0, len(words))) or ""]
    assert (actor.actor_type, actor.country) == (actor_type, country)


def test_title_words() -> None:
    """Title words are found from the name backwards."""
    left = "as told by Latvian Deputy Defence Minister "
    assert left[titles.titles_start(left) :] == "Deputy Defence Minister "


def test_gazetteer_has_no_state_twice() -> None:
    """Every state has one code, and all names of the index are reached."""
    assert len(gazetteer.countries()) == 197
    assert [hit.known.actor_id for hit in gazetteer.find("Türkiye, Turkiye and TURKEY")] == ["TUR"] * 3


@settings(max_examples=40, deadline=None)
@given(
    pieces=st.lists(
        st.sampled_from(
            [
                "Anna Ozola",
                "Poland",
                "said",
                "he",
                "the minister",
                "“",
                "”",
                ".",
                "\n",
                "NATO",
                "’s",
                "(",
                ")",
                "Prime Minister",
                "army",
                "Ł",
                "1",
                ", ",
                "Kyiv",
                "a man",
            ]
        ),
        max_size=25,
    ),
    cuts=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=4),
)
def test_mentions_and_actors_agree(nlp: Language, pieces: list[str], cuts: list[tuple[int, int]]) -> None:
    """Whatever the text and the speakers: sorted unique spans inside the text, and only actors that are returned."""
    text = " ".join(pieces)
    document, doc = Document("d", text), model.parse(nlp, text)
    spans = [Span(*cut) for cut in cuts]
    mentions, actors = resolve_actors(document, doc, spans)
    assert (mentions, actors) == resolve_actors(document, doc, spans)
    assert [m.span for m in mentions] == sorted({m.span for m in mentions})
    assert all(0 <= m.span.start < m.span.end <= len(text) for m in mentions)
    assert {m.actor_id for m in mentions} - {None} == {a.actor_id for a in actors}


@pytest.mark.parametrize("piece", ["the ", "A. ", "Minister ", "\n", "“", "Poland's ", "Anna Holm, ", "of the army, "])
def test_long_repetition_is_endured(nlp: Language, piece: str) -> None:
    """A monotonous text is read to its end; quadratic work would not get there."""
    doc = nlp.make_doc(piece * 6_000)
    mentions, actors = resolve_actors(Document("d", doc.text), doc, [])
    assert [m.span for m in mentions] == sorted({m.span for m in mentions})
    assert {m.actor_id for m in mentions} - {None} == {a.actor_id for a in actors}


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (
            "Petr Lindt, a retired soldier, spoke in Brno. “We are late,” the former general told us.",
            "the former general",
            "petr-lindt",
        ),
        ("Prime Minister Anna Berg came. Jon Dahl disagreed. “No,” the minister said.", "the minister", "anna-berg"),
        (
            "The Meridian Institute has counted tanks. There are few, the authors write.",
            "the authors",
            "meridian-institute",
        ),
        ("The talks failed. Warsaw said that it would wait.", "Warsaw", "POL"),
    ],
)
def test_definite_descriptions_mean_who_was_named(nlp: Language, text: str, words: str, expected: str) -> None:
    """A definite description means a person or body named before, a capital that speaks its state."""
    start = text.index(words)
    span = Span(start, start + len(words))
    mentions, _ = resolve_actors(Document("d", text), model.parse(nlp, text), [span])
    assert speaker_actor(mentions, span) == expected


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (
            "The National Audit Office published a report on Tuesday. The British Army is small. The report says more.",
            "The report",
            "national-audit-office",
        ),
        (
            "Growth will slow, according to an assessment that the World Bank presented on Tuesday.",
            "an assessment",
            "world-bank",
        ),
        (
            "NATO's leaders met in the capital. Emmanuel Macron spoke first. The communique confirms the target.",
            "The communique",
            "nato",
        ),
        (
            "Saab grew, and Rheinmetall did too. The Swedish arms maker reported higher sales.",
            "The Swedish arms maker",
            "saab",
        ),
        ("Ministers of the EU met. Brussels insists that the money will flow.", "Brussels", "european-union"),
    ],
)
def test_authors_and_bodies_meant(nlp: Language, text: str, words: str, expected: str) -> None:
    """What is written speaks for its author; a body is meant by its state and trade, the Union by its seat."""
    assert speakers_of(nlp, text, words) == [expected]


def test_no_trade_union_is_the_european_union(nlp: Language) -> None:
    """A word before "union" tells that no bloc is meant."""
    text = "The European Union met in May. The trade union of teachers complained that pay was low."
    assert speakers_of(nlp, text, "The trade union of teachers") != ["european-union"]


def test_holidays_are_no_actors(nlp: Language) -> None:
    """A day of remembrance is nobody whom "the president" may mean."""
    text = "Emmanuel Macron spoke on the eve of Bastille Day. The president said that France would pay."
    _, actors = read(nlp, text, "The president")
    assert "bastille-day" not in actors


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("The CGIL union denied that it was about Gaza alone.", "The CGIL union", "cgil"),
        ("The Kongsberg group said that it would hire.", "The Kongsberg group", "kongsberg"),
        ("Century Aluminum announced that it would build a mill.", "Century Aluminum", "century-aluminum"),
        ("Germany-based Kettenwulf said it would grow.", "Germany-based Kettenwulf", "kettenwulf"),
        ("MR. ZIENTS: Let me just reiterate that.", "MR. ZIENTS", "zients"),
        ("The National Audit Office reported in May. The auditors recommend that it end.", "The auditors",
         "national-audit-office"),
        ("A senior official, briefing journalists, said no.", "A senior official, briefing journalists",
         "senior-official"),
        ("The efforts said to continue will do so.", "The efforts", None),
        ("Strong cooperation ensures that all is well.", "Strong cooperation", None),
        ("No one said that it would be easy.", "No one", None),
        ("Today’s call reaffirmed that it was so.", "Today’s call", None),
        ("All of which suggests that he erred.", "All of which", None),
        ("The Secretary of said no.", "The Secretary of", None),
        ("Families across the country say that it is hard.", "Families across the country",
         "families-across-the-country"),
    ],
)  # fmt: skip
def test_names_that_nobody_lists_and_what_is_nobody(
    nlp: Language, text: str, words: str, expected: str | None
) -> None:
    """A name unknown to all is an actor with that name; what cannot speak, or breaks off, is none."""
    mentions, actors = read(nlp, text, words)
    start = text.index(words)
    found = speaker_actor(mentions, Span(start, start + len(words)))
    assert found == expected
    if expected is not None:
        assert actors[expected].named is (expected not in ("families-across-the-country", "senior-official"))


def test_persons_of_a_known_surname_are_not_the_known_one(nlp: Language) -> None:
    """Another given name makes another person: Piotr Duda is not the president."""
    text = "President Andrzej Duda signed it. Piotr Duda, who leads the union, complained that nurses have to wait."
    _, actors = read(nlp, text)
    assert {"andrzej-duda", "piotr-duda"} <= actors.keys()


def test_a_known_surname_beside_another_full_name(nlp: Language) -> None:
    """A president's surname means the president in his office, and before the other of that name is named."""
    text = (
        "Biden left Washington in the morning. His son Hunter Biden stayed, and Biden said nothing to anybody. "
        "President Biden denied it."
    )
    mentions, _ = read(nlp, text, day=date(2023, 5, 1))
    names = [(m.span.of(text), m.actor_id) for m in mentions if "Biden" in m.span.of(text)]
    assert names == [
        ("Biden", "joe-biden"), ("Hunter Biden", "hunter-biden"), ("Biden", "hunter-biden"), ("Biden", "joe-biden"),
    ]  # fmt: skip


def test_what_only_looks_like_a_person(nlp: Language) -> None:
    """Programmes, offices and headings are no persons; a common word is one where it speaks or is addressed."""
    text = (
        "Children in the Head Start program met the Chief Legal Officer in the Rose Garden. Senator Long agreed. "
        "The Pell Grants were raised under the Scott Plan."
    )
    _, actors = read(nlp, text)
    assert {actor.name for actor in actors.values() if actor.actor_type == "person"} == {"Long"}


@pytest.mark.parametrize(
    ("day", "expected"), [(date(2023, 5, 1), "joe-biden"), (date(2026, 5, 1), "donald-trump"), (None, "donald-trump")]
)
def test_an_office_means_who_holds_it_that_day(nlp: Language, day: date | None, expected: str) -> None:
    """Of two who have held an office, its name means the one who holds it when the text is published."""
    text = "Joe Biden and Donald Trump have met before. The US president said that it went well."
    mentions, _ = read(nlp, text, "The US president", day=day)
    start = text.index("The US president")
    assert speaker_actor(mentions, Span(start, start + 16)) == expected


def test_the_country_in_a_name(nlp: Language) -> None:
    """A body whose name tells its state is of that state, whatever the text is about; a worldwide one of none."""
    text = (
        "Estonia met envoys in Tallinn. Estonian officials said that the UK Defence Innovation Organisation and the "
        "African Development Bank would help Estonia."
    )
    _, actors = read(nlp, text)
    assert actors["uk-defence-innovation-organisation"].country == "GBR"
    assert actors["uk-defence-innovation-organisation"].placed
    assert actors["african-development-bank"].country is None
