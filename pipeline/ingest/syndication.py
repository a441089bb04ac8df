"""Reading what publishers list their articles in: RSS, Atom, JSON Feed and sitemaps, from bytes to entries.

Pure functions: nothing is fetched, no file is opened, no entity is resolved. Fetching is another module's business, and
what an entry's page says is `page`'s. XML of all kinds is read by lxml with its limits on, after the prologue is taken
off, so that no document type reaches a parser. feedparser is not used here: its time is the square of the length of an
author's name or of the blank lines before a feed (6.0.14: 4 s at 40 kB), which a feed of a hostile host would use;
the tests compare what it reads of good feeds.
"""

from __future__ import annotations

import gzip
import html
import json
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr, parsedate_to_datetime
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from pipeline.ingest.charsets import decode_stated, mime_type
from pipeline.ingest.clean import clean
from pipeline.ingest.dates import find_day

MAX_BYTES = 52_428_800  # what the sitemap protocol allows, unpacked: https://www.sitemaps.org/protocol.html
MAX_ENTRIES = 50_000  # the same protocol's
MAX_PROLOGUE = 1_000_000
MAX_ELEMENTS = 2_000_000
MAX_DEPTH = 200  # libxml2 itself stops at 256
_MAX_NAME = 2_000
_MAX_ADDRESS = 8_000
_MAX_DATE = 100

NAMESPACES = {
    "http://purl.org/rss/1.0/": "",
    "http://backend.userland.com/rss2": "",
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/atom/ns#": "",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "",
    "http://www.google.com/schemas/sitemap/0.84": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://www.w3.org/1999/xhtml": "xhtml",
}
"""The namespaces that are read, in small letters, and the prefix that stands for each in this module."""

_RSS_0_90 = re.compile(r"http://(?:my|channel)\.netscape\.com/rdf/", re.IGNORECASE)  # and its channels

_ROOTS = {"rss": "rss", "rdf": "rss", "channel": "rss", "feed": "atom", "urlset": "sitemap",
          "sitemapindex": "sitemap_index"}  # fmt: skip
_ENTRIES = {"rss": ("item",), "atom": ("entry",), "sitemap": ("url",), "sitemap_index": ("sitemap",)}
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_LONGEST_TTL = 31_536_000
_ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "ut": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "met": 1, "mest": 2,
    "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7,
    "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
"""Hours ahead of UTC: the zones of RFC 822, and the European ones, which the standard library does not know."""

_SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "remove_comments": True,
         "remove_pis": True}  # fmt: skip
_ATOM = "{http://www.w3.org/2005/atom}"  # whose titles are plain text where they do not state their type
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # in XML 1.0, and libxml2 stops there
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{0,30};)?")
_KEPT_REFERENCES = frozenset({"&lt;", "&gt;", "&amp;", "&quot;", "&apos;"})
_LOOSE_BRACKET = re.compile(r"<(?![A-Za-z_:/!?\x80-\U0010ffff])")
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})""")
_HTML_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_BREAK = re.compile(r"<(?:br|hr|/p|/div|/li|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--[^<]*?-->")
_DECLARATION = re.compile(r' xmlns(?::[\w.-]+)?="[^"]*"')
_ZONE = re.compile(r"\s*\b([A-Za-z]{1,4})\s*\Z")
_LOOSE_OFFSET = re.compile(r"\s+([+-]\d\d:?\d\d)\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One article that a feed or sitemap lists. `summary` and `content` are HTML or text, as they were given."""

    guid: str
    url: str | None
    title: str | None = None
    author: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    summary: str | None = None
    content: str | None = None
    text: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed or sitemap. `pages` are addresses where more of it stands; `ttl` is how long it stays fresh, in seconds.

    `broken` says what is wrong with a document that was read as far as it can be; it is not `complete` where entries
    are missing because it was cut, so that it should be asked for again.
    """

    kind: str
    title: str | None
    language: str | None
    entries: tuple[Entry, ...]
    pages: tuple[str, ...]
    ttl: int | None
    broken: str | None = None
    complete: bool = True


class NotAFeed(Exception):
    """The bytes are no feed: `empty`, `not_xml`, `not_a_feed`, `entities`, `too_deep` or `too_large`, and why."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def parse(content: bytes, content_type: str | None, address: str) -> Channel:
    """Read a feed or a sitemap.

    Args:
        content: the body, gzip or not; at most `MAX_BYTES` unpacked.
        content_type: the Content-Type header; only its charset is used, and believed less than the bytes.
        address: where the body comes from; relative links are resolved against it.

    Returns:
        The channel. An id that repeats stands once, as it was updated last (as it came first, where that is equal).
        Broken XML is read as far as it can be; an entry that is cut is left out, and so are those after `MAX_ENTRIES`.

    Raises:
        NotAFeed: with the reason.
    """
    content, cut = _unpacked(content)
    charset = mime_type(content_type)[1]
    declared = _DECLARED.match(content[:400])
    text = decode_stated(content, (declared[1].decode("ascii") if declared else None, charset))
    opening = text[:200].lstrip("\ufeff \t\r\n\0")[:1]
    if not opening and not text.strip("\ufeff \t\r\n\0"):
        raise NotAFeed("empty", "there is nothing in it")
    channel = _json(text, address) if opening in ("{", "[") else _xml(text, address)
    return replace(
        channel,
        entries=_once(channel.entries),
        pages=tuple(dict.fromkeys(channel.pages)),
        broken=channel.broken or cut,
        complete=channel.complete and cut is None,
    )


def moment(value: object) -> datetime | None:
    """Read a time as feeds state it: RFC 822, ISO 8601, Unix seconds or milliseconds, or a day in words.

    Returns:
        The moment in UTC (a time without a zone is taken as UTC, a day as its midnight), None where none is stated.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = " ".join(str(value)[:_MAX_DATE].split())
    try:
        found = _stated(text)
        if found is None:
            return None
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return found if found.year > 1 else None  # the first day of all is what some software writes for none


def _stated(text: str) -> datetime | None:
    if re.fullmatch(r"\d{9,10}(?:\.\d+)?", text, re.ASCII):
        return datetime.fromtimestamp(float(text), UTC)
    if re.fullmatch(r"\d{12,13}", text, re.ASCII):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if re.fullmatch(r"\d{14}", text, re.ASCII):
        return datetime.strptime(text, "%Y%m%d%H%M%S")
    zone = _ZONE.search(text)
    hours = _ZONES.get(zone[1].lower()) if zone else None
    bare = text[: zone.start()] if zone and hours is not None else text
    for read in (_iso, parsedate_to_datetime):
        try:
            found = read(bare)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return found - timedelta(hours=hours) if hours is not None and found.tzinfo is None else found
    day = find_day(text)
    return None if day is None else datetime(day.year, day.month, day.day)


def _iso(text: str) -> datetime:
    return datetime.fromisoformat(_LOOSE_OFFSET.sub(r"\1", text).replace(",", "."))


def _unpacked(content: bytes) -> tuple[bytes, str | None]:
    """Unpack gzip, as far as it goes; return what is wrong with it too."""
    cut = None
    if content.startswith(b"\x1f\x8b"):
        pieces, size = [], 0
        try:
            with gzip.GzipFile(fileobj=BytesIO(content)) as packed:
                while size <= MAX_BYTES and (piece := packed.read1(65_536)):
                    pieces.append(piece)
                    size += len(piece)
        except (OSError, EOFError, zlib.error) as error:
            cut = f"the gzip data are broken: {error}"
        content = b"".join(pieces)
    if len(content) > MAX_BYTES:
        raise NotAFeed("too_large", f"more than {MAX_BYTES:,} bytes")
    return content, cut


def _once(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Keep one entry of each id, at the place of its first."""
    kept: dict[str, Entry] = {}
    for entry in entries:
        other = kept.get(entry.guid)
        if other is None or _age(entry) > _age(other):
            kept[entry.guid] = entry
    return tuple(kept.values())


def _age(entry: Entry) -> datetime:
    return entry.updated or entry.published or datetime.min.replace(tzinfo=UTC)


def _entry(guid: str | None, **values: Any) -> Entry:
    """Make an entry; one without an id is known by its address, or else by what it says."""
    if not guid and not (guid := values["url"]):
        said = [values.get(key) for key in ("title", "published", "summary", "content", "text")]
        guid = "sha256:" + sha256(json.dumps(said, default=str).encode()).hexdigest()
    if len(guid) > _MAX_NAME:
        guid = "sha256:" + sha256(guid.encode()).hexdigest()
    return Entry(guid=guid, **values)


def _address(link: str | None, base: str) -> str | None:
    """Resolve a link; return None for what leads to no web page."""
    link = re.sub(r"[\t\r\n]", "", clean(link or "")).strip()
    if not link or len(link) > _MAX_ADDRESS:
        return None
    try:
        stated = urlsplit(link)
        if stated.scheme and not stated.netloc:
            return None
        found = urljoin(base, link)
        parts = urlsplit(found)
        return found.replace(" ", "%20") if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def _line(text: str | None, most: int | None = _MAX_NAME) -> str | None:
    """Return text as one line of so many characters at most."""
    return " ".join(clean(text or "").split())[:most] or None


def _untagged(markup: str | None) -> str | None:
    """Return the text of a title that may be HTML: tags off, references decoded once."""
    if markup is None:
        return None
    return _line(html.unescape(_TAG.sub("", _BREAK.sub(" ", markup[: 4 * _MAX_NAME]))))


def _block(text: str | None) -> str | None:
    return clean(text or "").strip() or None


def _person(text: str | None) -> str | None:
    """Return the name in `Name`, `mail (Name)` or `Name <mail>`."""
    name = _line((text or "")[:300])
    return parseaddr(name)[0] or name if name and "@" in name else name


def _people(names: Iterable[str | None]) -> str | None:
    return ", ".join(dict.fromkeys(name for name in names if name)) or None


def _tongue(label: object) -> str | None:
    return (_line(label.replace("_", "-")[:35]) if isinstance(label, str) else None) or None


def _json(text: str, address: str) -> Channel:
    """Read a JSON Feed: https://www.jsonfeed.org/version/1.1/."""
    try:
        feed = json.loads(text.strip("\ufeff \t\r\n\0"))
    except RecursionError as error:
        raise NotAFeed("too_deep", "the JSON is nested too deeply") from error
    except ValueError as error:
        raise NotAFeed("not_a_feed", f"broken JSON: {str(error)[:200]}") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise NotAFeed("not_a_feed", "JSON without a list of items")
    if "jsonfeed.org" not in (_string(feed, "version") or ""):
        raise NotAFeed("not_a_feed", "JSON that does not state the version of JSON Feed")
    language = _tongue(feed.get("language"))
    authors = _json_authors(feed)
    items = [item for item in feed["items"][:MAX_ENTRIES] if isinstance(item, dict)]
    entries = tuple(_json_entry(item, address, language, authors) for item in items)
    more = _address(_string(feed, "next_url"), address)
    broken = None if len(items) == len(feed["items"]) else "there are items that are no objects, or too many"
    complete = len(feed["items"]) <= MAX_ENTRIES
    return Channel(
        "json", _line(_string(feed, "title")), language, entries, (more,) if more else (), None, broken, complete
    )


def _json_entry(item: Mapping[str, Any], address: str, language: str | None, authors: str | None) -> Entry:
    return _entry(
        _line(_string(item, "id"), None),
        url=_address(_string(item, "url"), address) or _address(_string(item, "external_url"), address),
        title=_line(html.unescape(_string(item, "title") or "")),
        author=_json_authors(item) or authors,
        published=moment(item.get("date_published")),
        updated=moment(item.get("date_modified")),
        summary=_block(_string(item, "summary")),
        content=_block(_string(item, "content_html")),
        text=_block(_string(item, "content_text")),
        language=_tongue(item.get("language")) or language,
    )


def _string(values: Mapping[str, Any], key: str) -> str | None:
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return str(value)
    except ValueError:  # a number of more digits than Python writes
        return None


def _json_authors(values: Mapping[str, Any]) -> str | None:
    authors = values.get("authors")
    stated = [*(authors if isinstance(authors, list) else ()), values.get("author")]
    return _people(_person(_string(author, "name")) for author in stated[:20] if isinstance(author, dict))


def _xml(text: str, address: str) -> Channel:
    """Read RSS, Atom or a sitemap: whole, or by its pieces where the document is broken."""
    text = text[_start(text) :]
    name = _ROOT.match(text)
    kind = _ROOTS.get(name[1].lower()) if name else None
    if name is None or kind is None:
        raise NotAFeed("not_a_feed", f"the root of the document is <{name[1][:40] if name else '?'}>")
    names = _ENTRIES[kind]
    entries: list[Entry] = []
    pages: list[str] = []

    def take(element: etree._Element) -> bool:
        if len(entries) + len(pages) == MAX_ENTRIES:
            return False
        base = _base(element, address)
        children = _children(element)
        if kind == "sitemap_index":
            pages.extend(page for page in [_address(_first(children, "loc"), base)] if page)
        elif kind == "sitemap":
            entries.extend(entry for entry in [_listed(children, base)] if entry)
        else:
            entries.append((_item if kind == "rss" else _atom)(element, children, base))
        return True

    text, broken = _mended(text), None
    try:
        root, complete = _walk(text, names, take)
    except etree.XMLSyntaxError as error:
        broken = _line(error.msg) or "the XML is broken"
        entries.clear()
        pages.clear()
        head, pieces, complete = _pieces(text, name[1], names)
        for piece in pieces:
            for element in _recovered(piece).iter():
                if _name(element) in names:
                    complete &= take(element)
                    break
        root = _recovered(head)
    head_children = _head(root)
    language = _tongue(_first(head_children, "language", "dc:language") or _spoken(root))
    author = _people(_author(one) for one in head_children.get("author", ())[:20]) if kind == "atom" else None
    return Channel(
        kind=kind,
        title=_title(head_children, "title"),
        language=language,
        entries=tuple(
            replace(entry, language=entry.language or language, author=entry.author or author) for entry in entries
        ),
        pages=(*pages, *_further(head_children, address)),
        ttl=_ttl(head_children),
        broken=broken or (None if complete else f"there are more than {MAX_ENTRIES:,} entries"),
        complete=complete,
    )


def _start(text: str) -> int:
    """Return where the first element begins; refuse what declares an entity before it.

    What stands before it (declaration, stylesheet, document type, comments, a server's warnings) is thrown away.
    """
    place = 0
    while (place := text.find("<", place, MAX_PROLOGUE)) >= 0:
        if text.startswith("<!--", place):
            place = text.find("-->", place)
        elif text.startswith("<?", place):
            place = text.find("?>", place)
        elif text[place : place + 8].upper() == "<!ENTITY":
            raise NotAFeed("entities", "it declares entities of its own, which no feed needs and attacks use")
        elif _ROOT.match(text, place, place + 200):
            return place
        else:
            place += 1
        if place < 0:
            break
    raise NotAFeed("not_xml", "there is no element in it")


def _pieces(text: str, root: str, names: tuple[str, ...]) -> tuple[str, list[str], bool]:
    """Cut a broken document into its head and its entries, so that what is wrong with one stays in it.

    An entry that the document ends in is left out; the third value says whether it goes on to the end of its root.
    """
    complete = re.search(rf"</(?:[\w.-]+:)?{re.escape(root)}\s*>", text[-2_000:], re.IGNORECASE) is not None
    either = "|".join(names)
    starts = [match.start() for match in re.finditer(rf"<(?:[\w.-]+:)?(?:{either})(?=[\s>])", text, re.IGNORECASE)]
    ends = [match.end() for match in re.finditer(rf"</(?:[\w.-]+:)?(?:{either})\s*>", text, re.IGNORECASE)]
    if not starts:
        return text, [], complete
    del starts[MAX_ENTRIES + 1 :]
    opening = text[: text.find(">") + 1]
    if len(opening) * len(starts) > MAX_BYTES or opening.endswith("/>"):
        opening = f"<{root}>"
    pieces, left, tail = [], deque(ends), len(text)
    for start, following in zip(starts, [*starts[1:], len(text)], strict=True):
        while left and left[0] <= start:
            left.popleft()
        if left and left[0] <= following:
            pieces.append(opening + text[start : left[0]])
            tail = left[0]
        elif following < len(text) or complete:
            pieces.append(opening + text[start:following])
    return text[: starts[0]] + text[tail:], pieces, complete


def _mended(text: str) -> str:
    """Make references and brackets well-formed outside of CDATA, where publishers forget to escape them."""
    pieces, place = [], 0
    while place < len(text):
        start = text.find("<![CDATA[", place)
        end = text.find("]]>", start) if start >= 0 else -1
        stop = start if start >= 0 else len(text)
        pieces.append(_LOOSE_BRACKET.sub("&lt;", _REFERENCE.sub(_reference, text[place:stop])))
        place = end + 3 if end >= 0 else len(text)
        pieces.append(text[stop:place])
    return _ILLEGAL.sub("", "".join(pieces))


def _reference(match: re.Match[str]) -> str:
    """Decode a reference that XML does not know; escape an ampersand that is none."""
    stated = match[0]
    if stated in _KEPT_REFERENCES:
        return stated
    decoded = html.unescape(stated)
    if decoded == stated:
        return "&amp;" + stated[1:]
    return html.escape(decoded)


def _walk(
    text: str, names: tuple[str, ...], take: Callable[[etree._Element], bool]
) -> tuple[etree._Element, bool]:
    """Hand over each element of one of these names as it ends, and forget it, until one is not taken.

    Returns:
        The root, and whether all were taken.

    Raises:
        NotAFeed: the document is nested deeper than any feed, or has more elements.
        XMLSyntaxError: the document is broken.
    """
    depth, count, root = 0, 0, None
    for event, element in etree.iterparse(BytesIO(_encoded(text)), events=("start", "end"), **_SAFE):
        if event == "start":
            root = element if root is None else root
            depth += 1
            count += 1
            if depth > MAX_DEPTH:
                raise NotAFeed("too_deep", f"elements are nested more than {MAX_DEPTH} deep")
            if count > MAX_ELEMENTS:
                raise NotAFeed("too_large", f"more than {MAX_ELEMENTS:,} elements")
        else:
            depth -= 1
            if depth and _name(element) in names:
                if not take(element):
                    return root, False
                element.clear()
    return root, True


def _recovered(text: str) -> etree._Element:
    """Return the root of broken XML, with what libxml2 makes of it."""
    root = etree.fromstring(_encoded(text), etree.XMLParser(recover=True, **_SAFE))
    return etree.Element("none") if root is None else root


def _encoded(text: str) -> bytes:
    return b'<?xml version="1.0" encoding="utf-8"?>' + text.encode("utf-8", "replace")


def _name(element: etree._Element) -> str:
    """Return an element's name with the prefix that this module uses, in small letters."""
    if not isinstance(element.tag, str):
        return ""
    if not element.tag.startswith("{"):
        return element.tag.lower()  # with the document's own prefix, where it forgot to declare it
    namespace, _, name = element.tag[1:].rpartition("}")
    prefix = NAMESPACES.get(namespace.lower(), "" if _RSS_0_90.match(namespace) else "?")
    return (f"{prefix}:{name}" if prefix else name).lower()


_Children = dict[str, list[Any]]


def _children(element: etree._Element) -> _Children:
    found: _Children = {}
    for child in element:
        found.setdefault(_name(child), []).append(child)
    return found


def _head(root: etree._Element) -> _Children:
    """Return what is said of the whole feed, in its root and in its channel."""
    found = _children(root)
    for channel in found.get("channel", ())[:1]:
        for name, elements in _children(channel).items():
            found.setdefault(name, []).extend(elements)
    return found


def _text(element: etree._Element) -> str:
    return "".join(element.itertext())


def _first(children: _Children, *names: str) -> str | None:
    for name in names:
        for element in children.get(name, ()):
            if found := _text(element).strip():
                return found
    return None


def _markup(element: etree._Element) -> str | None:
    """Return what an element holds as HTML: escaped, in CDATA, or as elements of its own."""
    if not len(element):
        return _block(element.text)
    for part in element.iter(etree.Element):  # not the references to entities that nothing declares
        local = re.split("[}:]", part.tag)[-1]
        part.tag = local if _HTML_NAME.fullmatch(local) else "span"
    first, around = element[0], (element.text or "") + (element[-1].tail or "")
    body = first if len(element) == 1 and first.tag == "div" and not around.strip() else element
    alone = etree.Element("div")  # elsewhere, each part would be written with all namespaces of the document
    alone.text = body.text
    alone.extend(list(body))
    written = etree.tostring(alone, encoding="unicode", method="html")
    return _block(_DECLARATION.sub("", written).removeprefix("<div>").removesuffix("</div>"))


def _first_markup(children: _Children, *names: str) -> str | None:
    for name in names:
        for element in children.get(name, ()):
            if found := _markup(element):
                return found
    return None


def _base(element: etree._Element, address: str) -> str:
    base = address
    for one in [*reversed(list(element.iterancestors())), element]:
        if stated := one.get(f"{_XML}base"):
            base = _address(stated, base) or base
    return base


def _spoken(element: etree._Element) -> str | None:
    stated: str | None = element.get(f"{_XML}lang")
    return stated


def _title(children: _Children, *names: str) -> str | None:
    for name in names:
        for element in children.get(name, ()):
            unstated = "text" if _ATOM in str(element.tag).lower() else "html"
            plain = len(element) or element.get("type", unstated).lower() in ("text", "text/plain")
            if found := _line(_text(element)) if plain else _untagged(element.text):
                return found
    return None


def _author(element: etree._Element) -> str | None:
    inside = _children(element)
    return _person(_first(inside, "name", "email") if inside else _text(element))


def _linked(children: _Children, base: str) -> str | None:
    """Return the address of an entry: RSS's link in text, or Atom's alternate."""
    for element in children.get("link", ()):
        if (element.get("rel") or "alternate").lower() == "alternate":
            link = element.get("href") or element.text
            if found := _address(link, _base(element, base)):
                return found
    return None


def _item(element: etree._Element, children: _Children, base: str) -> Entry:
    """Read an item of RSS 0.9 to 2.0."""
    guid = _line(_first(children, "guid"), None)
    about = element.get("about") or element.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about")
    url = _linked(children, base)
    if url is None and guid and all(one.get("isPermaLink", "true").lower() == "true" for one in children["guid"]):
        url = _address(guid, base) if guid.lower().startswith(("http://", "https://", "/")) else None
    return _entry(
        guid or _line(about, None),
        url=url or _address(about, base),
        title=_title(children, "title", "dc:title", "media:title"),
        author=_people(
            _author(one) for name in ("dc:creator", "author", "itunes:author") for one in children.get(name, ())[:20]
        ),
        published=moment(_first(children, "pubdate", "dc:date", "dcterms:issued", "dcterms:created", "published")),
        updated=moment(_first(children, "dcterms:modified", "updated", "modified")),
        summary=_first_markup(children, "description", "dc:description", "summary", "itunes:summary",
                              "media:description"),
        content=_first_markup(children, "content:encoded", "xhtml:body", "xhtml:div", "content"),
        language=_tongue(_first(children, "dc:language", "language") or _spoken(element)),
    )  # fmt: skip


def _atom(element: etree._Element, children: _Children, base: str) -> Entry:
    """Read an entry of Atom 0.3 or 1.0."""
    content = text = None
    for one in children.get("content", ())[:1]:
        if one.get("src") is None:
            form = one.get("type", "text").lower()
            if form in ("text", "text/plain") and not len(one) and one.get("mode", "") != "escaped":
                text = _block(one.text)
            elif form in ("html", "xhtml") or "html" in form or form.startswith("text"):
                content = _markup(one)
    return _entry(
        _line(_first(children, "id"), None),
        url=_linked(children, base),
        title=_title(children, "title", "media:title"),
        author=_people(_author(one) for one in children.get("author", ())[:20]),
        published=moment(_first(children, "published", "issued", "created", "dc:date")),
        updated=moment(_first(children, "updated", "modified")),
        summary=_first_markup(children, "summary", "media:description"),
        content=content,
        text=text,
        language=_tongue(_spoken(element) or next(map(_spoken, children.get("content", ())), None)),
    )


def _listed(children: _Children, base: str) -> Entry | None:
    """Read a page of a sitemap, with what a news sitemap says of it.

    https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
    """
    url = _address(_first(children, "loc"), base)
    if url is None:
        return None
    news = _children(children["news:news"][0]) if "news:news" in children else {}
    publication = _children(news["news:publication"][0]) if "news:publication" in news else {}
    return _entry(
        url,
        url=url,
        title=_title(news, "news:title"),
        published=moment(_first(news, "news:publication_date")),
        updated=moment(_first(children, "lastmod")),
        language=_tongue(_first(publication, "news:language") or _first(news, "news:language")),
    )


def _further(head: _Children, address: str) -> Iterator[str]:
    """Yield where the older pages of a feed stand (RFC 5005)."""
    for element in head.get("link", ()):
        if (element.get("rel") or "").lower() in ("next", "prev-archive"):
            page = _address(element.get("href"), _base(element, address))
            if page:
                yield page


def _ttl(head: _Children) -> int | None:
    """Return how long a feed says that it stays fresh, in seconds: RSS 2.0's ttl, or the syndication module's."""
    minutes = _first(head, "ttl") or ""
    if re.fullmatch(r"\d{1,7}", minutes, re.ASCII) and int(minutes):
        return min(int(minutes) * 60, _LONGEST_TTL)
    period = _PERIODS.get((_first(head, "sy:updateperiod") or "").lower())
    frequency = _first(head, "sy:updatefrequency") or "1"
    if period is None or not re.fullmatch(r"\d{1,7}", frequency, re.ASCII):
        return None
    return max(period // max(int(frequency), 1), 1)
