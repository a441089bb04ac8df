"""Bytes of feeds and sitemaps in, entries out; whatever the bytes, a feed is read or refused with a reason."""

from __future__ import annotations

import gzip
import json
import time
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ingest.syndication import MAX_BYTES, MAX_ENTRIES, Channel, Entry, NotAFeed, moment, parse

ADDRESS = "https://paper.example/feeds/world.xml"
REASONS = {"empty", "not_xml", "not_a_feed", "entities", "too_deep", "too_large"}
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:media="http://search.yahoo.com/mrss/"'
)
RSS2 = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {NAMESPACES}><channel><title>The Paper</title>
<link>https://paper.example/</link><language>en-gb</language><ttl>45</ttl><atom:link rel="next" href="?page=2"/>
<item><title>Brigade arrives</title><link>https://paper.example/1</link><guid isPermaLink="false">n-1</guid>
<dc:creator>Ann Writer</dc:creator><pubDate>Tue, 24 Jun 2025 10:00:00 +0200</pubDate>
<description>&lt;p&gt;It came &amp;amp; stayed.&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>It came & stayed, the ministry said.</p>]]></content:encoded></item></channel></rss>"""
RSS1 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel rdf:about="https://paper.example/"><title>The Paper</title><dc:language>en</dc:language>
<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency></channel>
<item rdf:about="https://paper.example/1"><title>Brigade arrives</title><link>https://paper.example/1</link>
<dc:creator>Ann Writer</dc:creator><dc:date>2025-06-24T10:00+02:00</dc:date>
<description>It came.</description></item></rdf:RDF>"""
RSS09 = """<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://dtd.example/rss-0.91.dtd">
<rss version="0.91"><channel><title>The Paper</title><language>en</language>
<item><title>Brigade arrives</title><link>https://paper.example/1</link></item></channel></rss>"""
ATOM1 = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="https://paper.example/world/">
<title>The Paper</title><author><name>The Desk</name></author><link rel="prev-archive" href="2025-05"/>
<link rel="self" href="feed"/><entry><id>tag:paper.example,2025:1</id><title>Brigade arrives</title>
<link rel="self" href="1.atom"/><link rel="alternate" href="1"/><author><name>Ann Writer</name></author>
<published>2025-06-24T08:00:00Z</published><updated>2025-06-25T08:00:00Z</updated><summary>It came.</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>It came &amp; stayed.</p></div></content></entry>
</feed>"""
ATOM03 = """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>The Paper</title><entry><id>n-1</id>
<title mode="escaped" type="text/html">Brigade arrives</title><issued>2025-06-24T08:00:00Z</issued>
<link rel="alternate" type="text/html" href="/1"/><modified>2025-06-25T08:00:00Z</modified>
<content type="text/html" mode="escaped">&lt;p&gt;It came.&lt;/p&gt;</content></entry></feed>"""
JSON_FEED = json.dumps(
    {"version": "https://jsonfeed.org/version/1.1", "title": "The Paper", "language": "en", "next_url": "/p2.json",
     "items": [{"id": 1, "url": "/1", "title": "Brigade arrives", "content_html": "<p>It came.</p>",
                "content_text": "It came.", "summary": "It came", "date_published": "2025-06-24T10:00:00+02:00",
                "authors": [{"name": "Ann Writer"}, {"name": "Bo Writer"}]}]}
)  # fmt: skip
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://paper.example/1</loc>
<lastmod>2025-06-25</lastmod><news:news><news:publication><news:name>The Paper</news:name>
<news:language>en</news:language></news:publication><news:publication_date>2025-06-24T08:00:00Z</news:publication_date>
<news:title>Brigade arrives</news:title></news:news></url></urlset>"""
SITEMAP_INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>
<loc>https://paper.example/1.xml.gz</loc></sitemap><sitemap><loc>/2.xml</loc></sitemap></sitemapindex>"""
FORMS = {"rss 2.0": RSS2, "rss 1.0": RSS1, "rss 0.91": RSS09, "atom 1.0": ATOM1, "atom 0.3": ATOM03,
         "json": JSON_FEED, "sitemap": SITEMAP, "sitemap index": SITEMAP_INDEX}  # fmt: skip
PUBLISHED = datetime(2025, 6, 24, 8, tzinfo=UTC)
UPDATED = datetime(2025, 6, 25, 8, tzinfo=UTC)


def read(content: str | bytes, content_type: str | None = None) -> Channel:
    """Parse a feed from the test's address."""
    return parse(content.encode() if isinstance(content, str) else content, content_type, ADDRESS)


def items(*inside: str) -> str:
    """Make a feed of RSS 2.0 with these items."""
    listed = "".join(f"<item>{item}</item>" for item in inside)
    return f'<rss version="2.0" {NAMESPACES}><channel>{listed}</channel></rss>'


def only(content: str | bytes, content_type: str | None = None) -> Entry:
    """Parse a feed that has one entry."""
    [entry] = read(content, content_type).entries
    return entry


def reason(content: str | bytes) -> str:
    """Return why the bytes are no feed."""
    with pytest.raises(NotAFeed) as caught:
        read(content)
    assert caught.value.detail
    return caught.value.reason


@pytest.mark.parametrize(
    ("form", "kind", "language", "pages", "ttl"),
    [
        ("rss 2.0", "rss", "en-gb", (f"{ADDRESS}?page=2",), 2700),
        ("rss 1.0", "rss", "en", (), 1800),
        ("rss 0.91", "rss", "en", (), None),
        ("atom 1.0", "atom", "en", ("https://paper.example/world/2025-05",), None),
        ("atom 0.3", "atom", None, (), None),
        ("json", "json", "en", ("https://paper.example/p2.json",), None),
    ],
)
def test_channel_of_each_form(form: str, kind: str, language: str | None, pages: tuple[str], ttl: int | None) -> None:
    """What a feed says of itself is read from each form."""
    channel = read(FORMS[form])
    assert (channel.kind, channel.title, channel.language, channel.pages, channel.ttl) == (
        kind, "The Paper", language, pages, ttl)  # fmt: skip
    assert channel.complete and channel.broken is None


@pytest.mark.parametrize(
    ("form", "entry"),
    [
        ("rss 2.0", Entry("n-1", "https://paper.example/1", "Brigade arrives", "Ann Writer", PUBLISHED, None,
                          "<p>It came &amp; stayed.</p>", "<p>It came & stayed, the ministry said.</p>", None,
                          "en-gb")),
        ("rss 1.0", Entry("https://paper.example/1", "https://paper.example/1", "Brigade arrives", "Ann Writer",
                          PUBLISHED, None, "It came.", language="en")),
        ("rss 0.91", Entry("https://paper.example/1", "https://paper.example/1", "Brigade arrives", language="en")),
        ("atom 1.0", Entry("tag:paper.example,2025:1", "https://paper.example/world/1", "Brigade arrives", "Ann Writer",
                           PUBLISHED, UPDATED, "It came.", "<p>It came &amp; stayed.</p>", None, "en")),
        ("atom 0.3", Entry("n-1", "https://paper.example/1", "Brigade arrives", None, PUBLISHED, UPDATED, None,
                           "<p>It came.</p>")),
        ("json", Entry("1", "https://paper.example/1", "Brigade arrives", "Ann Writer, Bo Writer", PUBLISHED, None,
                       "It came", "<p>It came.</p>", "It came.", "en")),
        ("sitemap", Entry("https://paper.example/1", "https://paper.example/1", "Brigade arrives", None, PUBLISHED,
                          datetime(2025, 6, 25, tzinfo=UTC), language="en")),
    ],
)  # fmt: skip
def test_entry_of_each_form(form: str, entry: Entry) -> None:
    """The same article is the same entry, as far as its form can say."""
    assert only(FORMS[form]) == entry


@pytest.mark.parametrize("form", ["rss 2.0", "rss 1.0", "rss 0.91", "atom 1.0", "atom 0.3"])
def test_feedparser_reads_the_same(form: str) -> None:
    """Of good feeds, the library that everybody uses reads the same id, address, title and day."""
    [theirs] = feedparser.parse(BytesIO(FORMS[form].encode()), response_headers={"content-location": ADDRESS}).entries
    ours = only(FORMS[form])
    assert (theirs.link, theirs.title) == (ours.url, ours.title)
    assert form != "atom 1.0" or theirs.id == ours.guid
    if ours.published and form != "rss 1.0":  # there they call dc:date the time of the update
        assert datetime(*theirs.published_parsed[:6], tzinfo=UTC) == ours.published


def test_sitemap_index_leads_on() -> None:
    """An index holds no articles, only further sitemaps."""
    channel = read(SITEMAP_INDEX)
    assert (channel.kind, channel.entries) == ("sitemap_index", ())
    assert channel.pages == ("https://paper.example/1.xml.gz", "https://paper.example/2.xml")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_packed_and_marked(form: str, encoding: str) -> None:
    """Gzip, byte-order marks and wide encodings change nothing."""
    text = FORMS[form].replace(' encoding="utf-8"', "")
    if not (encoding == "utf-16-le" and form == "json"):  # JSON without a mark is UTF-8 (RFC 8259, 8.1)
        assert read(gzip.compress(text.encode(encoding), mtime=0)) == read(text)


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("cp1252", None, "application/rss+xml; charset=utf-8"),
        ("cp1252", "utf-8", None),
        ("cp1252", "iso-8859-1", None),
        ("cp1252", None, None),
        ("utf-8", "iso-8859-1", "text/xml"),
        ("utf-8", "no-such-thing", "text/xml; charset=punycode"),
        ("utf-16", "utf-8", "text/xml; charset=us-ascii"),
    ],
)
def test_the_bytes_outweigh_what_is_said_of_them(encoding: str, declared: str | None, header: str | None) -> None:
    """A wrong header, a wrong declaration, or none: the text is right."""
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = declaration + items("<title>Café “Brücke”</title><guid>1</guid>")
    assert only(text.encode(encoding), header).title == "Café “Brücke”"


def test_other_alphabets_as_declared() -> None:
    """What is no UTF-8 is read as it is declared."""
    text = '<?xml version="1.0" encoding="windows-1251"?>' + items("<title>Бригада прибыла</title>")
    assert only(text.encode("windows-1251")).title == "Бригада прибыла"


def test_a_flipped_byte_leaves_utf8_alone() -> None:
    """One broken character does not make mojibake of the others."""
    data = bytearray(items("<title>Ä ö ü ß é è à ñ ç å ø æ Ł ő</title>", "<title>Über Brücken</title>").encode())
    data[data.index("ö".encode())] = 0xFF
    assert [entry.title for entry in read(bytes(data)).entries][1] == "Über Brücken"


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("AT&amp;amp;T &amp;lt;b&amp;gt;", "AT&T <b>"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move"),
        ("<![CDATA[<i>Bold</i> &amp; brave]]>", "Bold & brave"),
        ("One&lt;br/&gt;two\n  three", "One two three"),
        ("5 &lt; 6 and 8 &gt; 7", "5 < 6 and 8 > 7"),
        ("Smith & Sons <3 caf&eacute;s &#8217; &#146;", "Smith & Sons <3 cafés ’ ’"),
        ("<b>Bold</b> move", "Bold move"),
    ],
)
def test_titles_are_text(markup: str, title: str) -> None:
    """Tags go, references are decoded once, however a title was escaped."""
    assert only(items(f"<title>{markup}</title><guid>1</guid>")).title == title


@pytest.mark.parametrize(
    ("attribute", "markup", "title"),
    [
        ("", "Use of &lt;video&gt; &amp; more", "Use of <video> & more"),
        ("type='text'", "a &lt;b&gt; c", "a <b> c"),
        ("type='html'", "a &lt;b&gt;c&lt;/b&gt; &amp;amp; d", "a c & d"),
        ("type='xhtml'", "<div xmlns='http://www.w3.org/1999/xhtml'>a <b>c</b> &amp; d</div>", "a c & d"),
    ],
)
def test_titles_of_atom_are_what_their_type_says(attribute: str, markup: str, title: str) -> None:
    """Text is text in Atom: only html and xhtml are markup."""
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title {attribute}>{markup}</title></entry></feed>'
    assert only(feed).title == title


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("Tue, 24 Jun 2025 10:00:00 GMT", datetime(2025, 6, 24, 10, tzinfo=UTC)),
        ("Tue, 24 Jun 2025 10:00:00 EST", datetime(2025, 6, 24, 15, tzinfo=UTC)),
        ("Tue, 24 Jun 2025 10:00:00 CEST", datetime(2025, 6, 24, 8, tzinfo=UTC)),
        ("24 Jun 25 10:00 -0400", datetime(2025, 6, 24, 14, tzinfo=UTC)),
        ("2025-06-24T10:00:00.1234567+02:00", datetime(2025, 6, 24, 8, 0, 0, 123456, tzinfo=UTC)),
        ("2025-06-24 10:00", datetime(2025, 6, 24, 10, tzinfo=UTC)),
        ("2025-06-24 10:00:00 +0200", datetime(2025, 6, 24, 8, tzinfo=UTC)),
        ("2025-06-24 10:00:00 UTC", datetime(2025, 6, 24, 10, tzinfo=UTC)),
        ("2025-06-24", datetime(2025, 6, 24, tzinfo=UTC)),
        ("20250624100000", datetime(2025, 6, 24, 10, tzinfo=UTC)),
        ("1750759200", datetime(2025, 6, 24, 10, tzinfo=UTC)),
        ("1750759200000", datetime(2025, 6, 24, 10, tzinfo=UTC)),
        (1750759200, datetime(2025, 6, 24, 10, tzinfo=UTC)),
        ("June 24, 2025 at noon", datetime(2025, 6, 24, tzinfo=UTC)),
        ("Tuesday", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("99999999999999999999", None),
        ("", None),
        (None, None),
        (True, None),
        (["2025-06-24"], None),
    ],
)
def test_times_in_the_wild(stated: object, expected: datetime | None) -> None:
    """Whatever a feed writes for a time is a moment in UTC, or none; never an exception."""
    assert moment(stated) == expected


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/a?b=1&amp;c=2", "https://paper.example/a?b=1&c=2"),
        ("b", "https://paper.example/feeds/b"),
        ("//other.example/c", "https://other.example/c"),
        (" https://paper.example/d\n", "https://paper.example/d"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("data:text/html,x", None),
        ("http://[", None),
        ("https://", None),
        ("", None),
    ],
)
def test_links_lead_to_the_web(link: str, url: str | None) -> None:
    """Links are absolute, and http or https, or none."""
    assert only(items(f"<title>x</title><link>{link}</link>")).url == url


@pytest.mark.parametrize(
    ("item", "guid", "url"),
    [
        ("<guid>https://paper.example/1</guid>", "https://paper.example/1", "https://paper.example/1"),
        ("<guid isPermaLink='false'>https://paper.example/1</guid>", "https://paper.example/1", None),
        ("<guid>n-17</guid>", "n-17", None),
        ("<guid>n-17</guid><link>/1</link>", "n-17", "https://paper.example/1"),
        ("<link>/1</link>", "https://paper.example/1", "https://paper.example/1"),
        ("<guid></guid><atom:link href='/1'/>", "https://paper.example/1", "https://paper.example/1"),
    ],
)
def test_ids_and_addresses(item: str, guid: str, url: str | None) -> None:
    """An id is the feed's own, unchanged; else the address."""
    entry = only(items(f"<title>x</title>{item}"))
    assert (entry.guid, entry.url) == (guid, url)


def test_long_ids_are_told_apart() -> None:
    """An id of any length is one, and a short one in what is kept."""
    entries = read(items(*(f"<guid>{'x' * 5000}{n}</guid><title>x</title>" for n in range(2)))).entries
    assert len({entry.guid for entry in entries}) == 2
    assert all(len(entry.guid) < 100 for entry in entries)


def test_entries_without_any_id_have_one_of_what_they_say() -> None:
    """Media and notes without id or link are told apart, and known again at the next reading."""
    feed = items(
        "<title>One</title>", "<title>Two</title>", "<enclosure url='https://paper.example/a.mp3' type='audio/mpeg'/>",
        "<media:title>Clip</media:title><media:content url='https://paper.example/b.mp4'/>",
    )  # fmt: skip
    entries = read(feed).entries
    assert [entry.title for entry in entries] == ["One", "Two", None, "Clip"]
    assert len({entry.guid for entry in entries}) == 4
    assert read(feed) == read(feed)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_an_id_stands_once(order: tuple[int, ...]) -> None:
    """Of entries with one id, the one updated last is kept, in whatever order they come."""
    same = [
        f"<guid>n</guid><title>{title}</title><pubDate>{day} Jun 2025 10:00 GMT</pubDate>"
        for title, day in (("Old", 1), ("New", 3), ("Older", 2))
    ]
    entries = read(items(*(same[n] for n in order), "<guid>m</guid><title>Other</title>")).entries
    assert [(entry.guid, entry.title) for entry in entries] == [("n", "New"), ("m", "Other")]


def test_equal_entries_keep_the_first() -> None:
    """Without times to tell by, the first of an id wins."""
    assert only(items("<guid>n</guid><title>First</title>", "<guid>n</guid><title>Second</title>")).title == "First"


@pytest.mark.parametrize(
    "damage",
    [
        "a & b", "a <b and c", "<br>", "</p>", "<p a=b>x</p>", "<p a='1' a='2'/>", "<m:x>y</m:x>", "\x0b\x00", "&#0;",
        "&nosuch;", "]]>", "<!-- -- -->", "<!DOCTYPE x>", "<x", '<x y="', "<?", "<![CDATA[x]] >", "&#xFFFF;",
    ],
)  # fmt: skip
def test_damage_stays_in_its_entry(damage: str) -> None:
    """Broken markup in one entry costs none of the others."""
    channel = read(items("<guid>1</guid>", f"<guid>2</guid><description>{damage}</description>", "<guid>3</guid>"))
    guids = [entry.guid for entry in channel.entries]
    assert guids == ["1", "2", "3"] or (damage == "<![CDATA[x]] >" and guids == ["1", "2"])
    assert channel.complete


@pytest.mark.parametrize(
    ("markup", "summary"),
    [
        ("<p>One</p>", "<p>One</p>"),
        ("One <b>two</b> &lt;three", "One <b>two</b> &lt;three"),
        ("<div><p>One</p></div>", "<p>One</p>"),
        ("<div>One</div> two", "<div>One</div> two"),
        ("<x:p xmlns:x='http://www.w3.org/1999/xhtml' y='&quot;'>One<x:br/></x:p>", """<p y='"'>One<br></p>"""),
        ("<!-- <![CDATA[ --> a &nosuch; b <b/> <!-- ]]> -->", "a &nosuch; b <b></b>"),  # found by fuzzing
    ],
)
def test_markup_that_nobody_escaped(markup: str, summary: str) -> None:
    """HTML as elements of the feed is HTML all the same, without the feed's namespaces."""
    assert only(items(f"<description>{markup}</description>")).summary == summary


@pytest.mark.parametrize("form", ["rss 2.0", "rss 1.0", "atom 1.0", "sitemap"])
def test_a_cut_feed_keeps_what_came_before(form: str) -> None:
    """An entry that is cut is left out, those before it are whole, and the feed says that it is not complete."""
    [entry] = read(FORMS[form]).entries
    name = {"rss 2.0": "item", "rss 1.0": "item", "atom 1.0": "entry", "sitemap": "url"}[form]
    start, end = FORMS[form].index(f"<{name}"), FORMS[form].index(f"</{name}>")
    second = FORMS[form][start:end].replace("paper.example/1", "paper.example/2").replace("n-1", "n-2") + f"</{name}>"
    whole = FORMS[form][: end + len(name) + 3] + second
    for cut in range(len(whole) - len(second) + 1, len(whole), 7):
        channel = read(whole[:cut])
        assert channel.entries == (entry,)
        assert not channel.complete and channel.broken


def test_cut_gzip_is_read_as_far_as_it_goes() -> None:
    """A download that broke off still gives its first entries."""
    packed = gzip.compress(
        items(*(f"<guid>{n}</guid><title>{n * 7919}</title>" for n in range(5000))).encode(), mtime=0
    )
    channel = read(packed[: len(packed) // 2])
    assert 1000 < len(channel.entries) < 5000
    assert not channel.complete


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(
    "prologue",
    [
        f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>',
        f'<!DOCTYPE rss [<!ENTITY l9 "{"x" * 50_000}">]>',
        '<!DOCTYPE rss [<!ENTITY l9 SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE rss [<!ENTITY % l9 SYSTEM "http://127.0.0.1:9/x.dtd"> %l9;]>',
        "<!-- <rss> --><?x <rss?>\n<!DOCTYPE rss [\n<!ELEMENT rss ANY>\n<!entity l9 'x'>]>",
        'Warning: <1>\n<!DOCTYPE rss [<!ENTITY l9 "x">]>',
    ],
)
def test_entities_are_refused_before_parsing(prologue: str, encoding: str) -> None:
    """Bombs and outside entities are refused, in every encoding, in no time."""
    if encoding == "utf-16-be":  # without a byte-order mark, the bracket that XML begins with tells the encoding
        prologue = prologue[prologue.index("<!") :]
    started = time.perf_counter()
    assert reason((prologue + items(f"<title>{'&l9;' * 1000}</title>")).encode(encoding)) == "entities"
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("hidden", [
    '<!DOCTYPE rss SYSTEM "file://{path}">{feed}',
    '<rss><channel><!DOCTYPE rss [<!ENTITY x SYSTEM "file://{path}">]><item><title>&x;</title></item></channel></rss>',
    '<rss xmlns:xi="http://www.w3.org/2001/XInclude"><channel><item><title>t<xi:include href="file://{path}" '
    'parse="text"/></title></item></channel></rss>',
    '<?xml-stylesheet type="text/xsl" href="file://{path}"?>{feed}',
    "file://{path}",
    "{path}",
])  # fmt: skip
def test_no_file_is_ever_opened(tmp_path: Path, hidden: str) -> None:
    """What stands in a local file shows up by no way."""
    secret = tmp_path / "secret.txt"
    secret.write_text("hush-hush")
    feed = hidden.format(path=secret, feed=items("<title>&x;</title>"))
    try:
        assert "hush-hush" not in repr(read(feed))
    except NotAFeed as refused:
        assert "hush-hush" not in refused.detail


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "empty"),
        (" \n\t\ufeff", "empty"),
        (gzip.compress(b"", mtime=0), "empty"),
        ("just words", "not_xml"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_xml"),
        ("<" * 100_000, "not_xml"),
        ("<!--" * 100_000, "not_xml"),
        ("<!DOCTYPE html><html><body><item>x</item></body></html>", "not_a_feed"),
        ("<opml/>", "not_a_feed"),
        ('{"items": []}', "not_a_feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": 5}', "not_a_feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [', "not_a_feed"),
        ("[1, 2]", "not_a_feed"),
        ('{"items": [], "version": ' + "[" * 800 + "]" * 800 + "}", "not_a_feed"),
        ("[" * 100_000, "too_deep"),
        (items("<a>" * 100_000 + "</a>" * 100_000), "too_deep"),
        (items("<description>" + "<a>" * 100_000), "too_deep"),
        ("<rss>" * 100_000, "too_deep"),
        (gzip.compress(b"<rss>" + b" " * (MAX_BYTES + 1), mtime=0), "too_large"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_no_feed_has_a_reason(content: str | bytes, expected: str) -> None:
    """What is no feed is refused with a code and words."""
    assert reason(content) == expected


@pytest.mark.parametrize("name", FORMS)
def test_a_feed_without_entries_is_one(name: str) -> None:
    """An empty feed is read, it only has nothing to say."""
    empty = {
        "json": '{"version": "https://jsonfeed.org/version/1", "items": []}',
        "sitemap": "<urlset/>", "sitemap index": "<sitemapindex/>",
    }.get(name, "<rss><channel/></rss>" if name.startswith("rss") else "<feed/>")  # fmt: skip
    assert read(empty).entries == ()


@pytest.mark.parametrize("broken", ["", "<b>"])
def test_ten_thousand_entries_are_quick(broken: str) -> None:
    """A large feed is read in seconds, broken entries or not."""
    item = "<guid>{n}</guid><title>Title & {n}</title><link>/{n}</link><description>&lt;p&gt;{n}" + broken
    item += "</description><pubDate>Tue, 24 Jun 2025 10:00:00 GMT</pubDate>"
    content = items(*(item.format(n=n) for n in range(10_000)))
    started = time.perf_counter()
    channel = read(content)
    assert time.perf_counter() - started < 8
    assert len(channel.entries) == 10_000
    assert channel.entries[-1].title == "Title & 9999"


def test_entries_are_bounded() -> None:
    """Of more entries than the protocol allows, the first are read, and it is said."""
    channel = read(items(*(f"<guid>{n}</guid>" for n in range(MAX_ENTRIES + 10))))
    assert len(channel.entries) == MAX_ENTRIES
    assert not channel.complete and channel.broken


@pytest.mark.parametrize(
    "costly",
    [
        items(f"<author>{'a' * 300_000}</author>"),
        "\n" * 300_000 + items("<guid>1</guid>"),
        items(f"<title>{'&' * 300_000}</title>"),
        items(f"<title>{'&lt;a ' * 100_000}</title>"),
        items("<title>" + "".join(f'<n{n}:a xmlns:n{n}="u{n}"/>' for n in range(20_000)) + "</title>"),
        items("<title>&" + '<a b="' * 100_000),
        items(f"<pubDate>{'1' * 300_000}</pubDate>"),
        items("<description><![CDATA[" * 50_000),
        "<rss><channel>" + "<item><title>x</ti></item>" * 50_000,
        f'<rss a="{"x" * 9_000}"><channel>' + "<item><title>x</ti></item>" * 20_000,
        items(*[f"<title><![CDATA[{'<!--' * 2_000}]]></title>"] * 200),
        f'<rss {" ".join(f"""xmlns:n{n}="u{n}" """ for n in range(5_000))}><channel><item><description>'
        f"{'<a/>' * 5_000}</description></item></channel></rss>",
    ],
    ids=range(12),
)
def test_the_time_is_that_of_the_length(costly: str) -> None:
    """Bodies that make a parser's time the square of their length are read or refused quickly."""
    started = time.perf_counter()
    try:
        read(costly)
    except NotAFeed as refused:
        assert refused.reason in REASONS
    assert time.perf_counter() - started < 8


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | st.text("<>&;![]\"'/=? {}:-\x00aé#x1", max_size=200), st.text(max_size=20))
def test_any_bytes_are_read_or_refused(content: bytes | str, content_type: str) -> None:
    """Whatever the bytes and the header, nothing but a refusal is raised."""
    for start in ("", "<rss><channel><item>", "<feed><entry>", '{"version":"jsonfeed.org","items":[{"id":'):
        data = start.encode() + (content.encode("utf-8", "replace") if isinstance(content, str) else content)
        try:
            parse(data, content_type, ADDRESS)
        except NotAFeed as refused:
            assert refused.reason in REASONS


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(FORMS)),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=4),
    st.none() | st.integers(0, 3000),
    st.booleans(),
)
def test_damaged_feeds_are_read_or_refused(
    form: str, encoding: str, flips: list[tuple[int, int]], cut: int | None, packed: bool
) -> None:
    """Good feeds with bytes changed and the end cut off are read or refused, twice the same."""
    data = FORMS[form].encode(encoding)
    data = bytearray(gzip.compress(data, mtime=0) if packed else data)
    for place, byte in flips:
        data[place % len(data)] = byte
    outcomes = []
    for _ in range(2):
        try:
            channel = parse(bytes(data[:cut]), None, ADDRESS)
            assert all(entry.url is None or entry.url.startswith(("http://", "https://")) for entry in channel.entries)
            assert len({entry.guid for entry in channel.entries}) == len(channel.entries)
            json.dumps(repr(channel)).encode()
            outcomes.append(repr(channel))
        except NotAFeed as refused:
            assert refused.reason in REASONS
            outcomes.append(refused.detail)
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("site", ["my", "channel"])
def test_the_first_rss_is_read(site: str) -> None:
    """RSS 0.90, whose elements stand in a namespace of the site that made it up."""
    namespace = f"http://{site}.netscape.com/rdf/{'simple'}/0.9/"
    entry = only(
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{namespace}"><channel>'
        "<title>P</title></channel><item><title>Brigade arrives</title><link>https://paper.example/1</link></item></rdf:RDF>"
    )
    assert (entry.title, entry.url) == ("Brigade arrives", "https://paper.example/1")
