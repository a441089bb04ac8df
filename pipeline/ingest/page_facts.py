"""What a page states about itself, in this order: JSON-LD, OpenGraph, `<meta>`, `<link>`, `<time>`, a visible byline.

The text of the article is `page`'s business, the reading of a date `dates`'. Facts are taken as stated: none is
guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from pipeline.ingest.dates import find_day, parse_day, parse_moment

# schema.org's types of articles, https://schema.org/Article, and what stands for one on a page of a broadcaster
_ARTICLES = frozenset({
    "analysisnewsarticle", "article", "askpublicnewsarticle", "backgroundnewsarticle", "blogposting", "liveblogposting",
    "newsarticle", "opinionnewsarticle", "report", "reportagenewsarticle", "reviewnewsarticle", "satiricalarticle",
    "scholarlyarticle", "socialmediaposting", "techarticle",
})  # fmt: skip
_FILMS = frozenset({"videoobject", "audioobject", "podcastepisode", "radioepisode", "tvepisode"})
# names of <meta>, first ones first: OpenGraph, then Dublin Core, citation and the analytics tools of publishers
_TITLES = (
    "og:title",
    "dc.title",
    "dcterms.title",
    "citation_title",
    "parsely-title",
    "sailthru.title",
    "twitter:title",
    "headline",
)
_AUTHORS = ("og:article:author", "article:author", "author", "dc.creator", "dcterms.creator", "citation_author",
            "parsely-author", "sailthru.author", "byl")  # fmt: skip
_SITES = ("og:site_name", "application-name", "citation_publisher", "dc.publisher", "dcterms.publisher", "publisher",
          "copyright")  # fmt: skip
_PUBLISHED = ("article:published_time", "og:article:published_time", "article:published", "datepublished",
              "parsely-pub-date", "sailthru.date", "citation_publication_date", "citation_online_date",
              "dc.date.issued", "dcterms.issued",
              "dcterms.date", "dcterms.created", "dc.date.created", "dc.date", "pubdate", "publishdate", "publish-date",
              "publication_date", "cxenseparse:recs:publishtime", "date")  # fmt: skip
_MODIFIED = ("article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "dcterms.modified",
             "dc.date.modified", "lastmod", "last-modified", "revised")  # fmt: skip
_LANGUAGES = ("og:locale", "dc.language", "dcterms.language", "content-language", "inlanguage")
_BYLINE = re.compile(
    r"^\W*(?:(?:words|story|text|report|author|authors|written|posted)\s*(?:by|:)|by\b)[:\s]+", re.IGNORECASE
)
_AND = re.compile(r"\s*(?:[;&]|,|\band\b|\bund\b|\bet\b)\s*")
_NO_AUTHOR = re.compile(
    r"https?:|@|\d|^(?:admin|administrator|editor|staff|web ?master|unknown|none|null|n/a)$", re.IGNORECASE
)
_TAIL = re.compile(r"\s+(?:[|–—»·•>]|::|-|>)\s+")
_MARKUP = re.compile(r"<[^<>]{1,200}>")
_BLANKS = re.compile(r"\s+")
_PUBLISHED_LABEL = re.compile(r"\b(?:published|posted|issued|first published|publication date)\b", re.IGNORECASE)
_UPDATED_LABEL = re.compile(r"\b(?:updated|modified|corrected|last update|revised)\b", re.IGNORECASE)
_LONGEST = 400  # characters of a title or a name; more is a text in the wrong place
_FIRST = 50  # elements of a kind that are looked at
_DEEPEST = 12  # levels of JSON-LD that are looked into


@dataclass(slots=True)
class Facts:
    """What is stated about an article; None where nothing is."""

    title: str | None = None
    author: str | None = None
    source: str | None = None
    published_on: date | None = None
    modified_at: datetime | None = None
    language: str | None = None
    canonical: str | None = None
    next_page: str | None = None
    body: str | None = None
    word_count: int | None = None
    free: bool | None = None
    paid_part: str | None = None
    is_article: bool = False
    is_live: bool = False
    updates: list[tuple[str, str]] = field(default_factory=list)


def facts(tree: Any, address: str | None) -> Facts:
    """Read what a page states about its article.

    Args:
        tree: the parsed page (lxml), not yet cleaned.
        address: where the page was fetched, to complete relative links.
    """
    found = Facts()
    meta = _meta(tree)
    nodes = list(_nodes(tree))
    _of_json(found, nodes)
    kind = next(iter(meta.get("og:type", ())), "").lower()
    found.is_article = (
        found.is_article or kind in ("article", "video.other", "video") or "article:published_time" in meta
    )
    found.source = found.source or _first(meta, _SITES)
    found.title = _title(found.title, meta, tree, found.source)
    found.author = found.author or _author_of_meta(meta) or _byline(tree)
    found.published_on = found.published_on or _first_day(meta, _PUBLISHED) or _visible_day(tree)
    found.modified_at = found.modified_at or _first_moment(meta, _MODIFIED) or _visible_update(tree)
    found.language = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or found.language
    found.language = (found.language or _first(meta, _LANGUAGES) or "").strip().replace("_", "-")[:35] or None
    base = _base(tree, address)
    found.canonical = _canonical(tree, meta, base, address)
    for link in tree.iter("link", "a"):
        if "next" in (link.get("rel") or "").lower().split() and (url := _web_address(link.get("href"), base)):
            found.next_page = url
            break
    return found


def _line(value: object) -> str | None:
    """Take a line of text out of a value whose entities are decoded: blanks unified, tags off; None if none is left."""
    if not isinstance(value, str):
        return None
    text = _BLANKS.sub(" ", _MARKUP.sub("", value[: 4 * _LONGEST])).strip()
    return text[:_LONGEST] or None


# JSON-LD


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of the page's JSON-LD, outer ones first; a block that is no JSON is passed over."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        text = (
            script.text.strip()
            .removeprefix("<!--")
            .removesuffix("-->")
            .strip()
            .removeprefix("//<![CDATA[")
            .removesuffix("//]]>")
        )
        try:
            value = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _walk(value, 0)


def _walk(value: object, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for part in value:
            yield from _walk(part, depth + 1)
    elif isinstance(value, dict):
        yield value
        for part in value.values():
            if isinstance(part, dict | list):
                yield from _walk(part, depth + 1)


def _types(node: dict[str, Any]) -> set[str]:
    kinds = node.get("@type")
    return {
        kind.rsplit("/", 1)[-1].lower()
        for kind in (kinds if isinstance(kinds, list) else [kinds])
        if isinstance(kind, str)
    }


def _of_json(found: Facts, nodes: list[dict[str, Any]]) -> None:
    """Fill in what the first article in the JSON-LD says; names that it refers to by @id are looked up."""
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    lists = [node["liveBlogUpdate"] for node in nodes if isinstance(node.get("liveBlogUpdate"), list)]
    posts = {id(post) for posts in lists for post in posts}  # they are articles too, but not the page's own
    article = next((node for node in nodes if _types(node) & _ARTICLES and id(node) not in posts), None)
    film = next((node for node in nodes if _types(node) & _FILMS), None) if article is None else None
    node = article or film
    if node is None:
        return
    found.is_article = True
    found.is_live = "liveblogposting" in _types(node)
    found.title = _decoded(node.get("headline") or node.get("name"))
    found.author = "; ".join(dict.fromkeys(_names(node.get("author") or node.get("creator"), by_id))) or None
    found.source = next(iter(_names(node.get("publisher"), by_id)), None)
    found.published_on = parse_day(node.get("datePublished") or node.get("uploadDate") or node.get("dateCreated"))
    found.modified_at = parse_moment(node.get("dateModified"))
    language = node.get("inLanguage")
    language = language.get("name") if isinstance(language, dict) else language
    found.language = language if isinstance(language, str) else None
    free = node.get("isAccessibleForFree")
    found.free = None if free is None else str(free).strip().lower() not in ("false", "0", "no")
    parts = node.get("hasPart")
    part = next(iter(parts), None) if isinstance(parts, list) else parts
    selector = part.get("cssSelector") if isinstance(part, dict) else None
    found.paid_part = selector[1:] if isinstance(selector, str) and selector.startswith(".") else None
    found.word_count = node["wordCount"] if isinstance(node.get("wordCount"), int) else None
    body = node.get("articleBody") or node.get("text")
    found.body = unescape(body) if isinstance(body, str) else None
    updates = node.get("liveBlogUpdate")
    for update in updates if isinstance(updates, list) else []:
        if isinstance(update, dict) and isinstance(update.get("articleBody"), str):
            found.updates.append((_decoded(update.get("headline")) or "", unescape(update["articleBody"])))


def _decoded(value: object) -> str | None:
    """Take a line of JSON-LD: entities, which many systems leave in it, are decoded once."""
    return _line(unescape(value)) if isinstance(value, str) else None


def _names(value: object, by_id: dict[str, dict[str, Any]]) -> Iterator[str]:
    if isinstance(value, list):
        for part in value[:20]:
            yield from _names(part, by_id)
    elif isinstance(value, dict):
        whole = value if "name" in value else by_id.get(str(value.get("@id")), value)
        name = whole.get("name")
        if isinstance(name, list):
            yield from _names(name, by_id)
        elif (line := _decoded(name)) and not _NO_AUTHOR.search(line):
            yield line
    elif (line := _decoded(value)) and not line.startswith(("http:", "https:")) and not _NO_AUTHOR.search(line):
        yield from _people(line)


# <meta>, <link>, <time>, byline


def _meta(tree: Any) -> dict[str, list[str]]:
    """Return the contents of `<meta>` by property, name, itemprop or http-equiv, in lower case."""
    found: dict[str, list[str]] = {}
    for node in tree.iter("meta"):
        content = (node.get("content") or "").strip()
        name = node.get("property") or node.get("name") or node.get("itemprop") or node.get("http-equiv")
        if name and content:
            found.setdefault(name.strip().lower().replace("dc:", "dc."), []).append(content)
    return found


def _first(meta: dict[str, list[str]], names: tuple[str, ...]) -> str | None:
    return next((line for name in names for value in meta.get(name, ()) if (line := _line(value))), None)


def _first_day(meta: dict[str, list[str]], names: tuple[str, ...]) -> date | None:
    return next((day for name in names for value in meta.get(name, ()) if (day := parse_day(value))), None)


def _first_moment(meta: dict[str, list[str]], names: tuple[str, ...]) -> datetime | None:
    return next((moment for name in names for value in meta.get(name, ()) if (moment := parse_moment(value))), None)


def _title(stated: str | None, meta: dict[str, list[str]], tree: Any, source: str | None) -> str | None:
    """Choose the title: stated, else the heading, else what stands in `<title>`, the site's name cut off."""
    headings = [line for node in islice(tree.iter("h1"), _FIRST) if (line := _line(short_text(node)))]
    title = stated or _first(meta, _TITLES)
    window = next((line for node in tree.iter("title") if (line := _line(short_text(node)))), None)
    if title is None:
        title = headings[0] if len(headings) == 1 else window
    elif title in headings:
        return title
    if title is None:
        return None
    for heading in headings:
        if len(heading) > 12 and (title.startswith(heading) or title.endswith(heading)):
            return heading  # the rest is the site's name
    head, tail = _TAIL.split(title)[0], _TAIL.split(title)[-1]
    if source and head != title and tail.casefold() in (source.casefold(), f"the {source}".casefold()):
        return title[: title.rindex(tail)].rstrip(" |–—»·•>:-")
    if source and title.casefold().startswith(f"{source}: ".casefold()):
        return title[len(source) + 2 :]
    if not stated and title == window and head != title and len(head.split()) >= 3:
        return head
    return title


def _author_of_meta(meta: dict[str, list[str]]) -> str | None:
    for name in _AUTHORS:
        people = [person for value in meta.get(name, ()) if (line := _line(value)) for person in _people(line)]
        if people:
            return "; ".join(dict.fromkeys(people))
    return None


def _people(line: str) -> list[str]:
    """Divide a byline into names: `By Ann Lee and Bo Ek` has two; an address or a user's name is none."""
    names = [name.strip(" .|·–—-") for name in _AND.split(_BYLINE.sub("", line))]
    return [name for name in names if name and not _NO_AUTHOR.search(name) and len(name.split()) <= 6]


def _byline(tree: Any) -> str | None:
    """Read a visible byline: a link or an element that is marked as the author's."""
    looked_at = 0
    for node in tree.iter("a", "span", "div", "p", "address", "li", "font", "strong", "h4"):
        name = f"{node.get('class') or ''} {node.get('itemprop') or ''} {node.get('rel') or ''}".lower()
        marked = "author" in name.replace("-", " ").replace("_", " ").split() or any(
            word in name
            for word in ("byline", "authorname", "author-name", "author_name", "__author", "-author", "authors")
        )
        if not marked and (len(node) or not _BYLINE.match((node.text or "")[:30])):
            continue
        looked_at += 1
        if looked_at > _FIRST:
            break
        line = _line(short_text(node))
        people = _people(line) if line and len(line) < 90 else []
        if people and all(person[0].isupper() and 2 <= len(person.split()) <= 5 for person in people):
            return "; ".join(dict.fromkeys(people))
    return None


def _visible_day(tree: Any) -> date | None:
    """Read the day of a `<time>` near the top, or of a line that says when the page was published."""
    holders = {holder for heading in islice(tree.iter("h1"), _FIRST) for holder in heading.iterancestors()}
    for node in sorted(tree.iter("time"), key=lambda each: not _is_publication(each))[:_FIRST]:
        if _is_in_teaser(node, holders):
            continue
        day = parse_day(node.get("datetime")) or find_day(short_text(node)[:100])
        if day:
            return day
    for node in tree.iter("span", "div", "p", "td", "font", "i", "em", "small", "dd", "li", "b", "center"):
        own = (node.text or "").strip()
        if not 7 < len(own) < 90 or not (len(own) < 40 or _PUBLISHED_LABEL.search(own)) or _UPDATED_LABEL.search(own):
            continue
        if day := find_day(own):
            return day
    return None


def _is_publication(node: Any) -> bool:
    name = f"{node.get('class') or ''} {node.get('itemprop') or ''}".lower()
    return node.get("pubdate") is not None or "publish" in name


def _is_in_teaser(node: Any, holders: set[Any]) -> bool:
    """Tell whether a `<time>` belongs to a teaser: it stands in a list or in an article without the page's heading."""
    return any(
        parent.tag != "article" or (holders and parent not in holders)
        for parent in node.iterancestors("article", "aside", "nav", "footer", "li")
    )


def _visible_update(tree: Any) -> datetime | None:
    for node in islice(tree.iter("time"), _FIRST):
        before = node.getprevious()
        label = " ".join(
            (
                node.get("class") or "",
                node.get("itemprop") or "",
                (short_text(before) + (before.tail or "")) if before is not None else "",
            )
        )
        if _UPDATED_LABEL.search(label.replace("dateModified", "modified")[-80:]) and (
            moment := parse_moment(node.get("datetime"))
        ):
            return moment
    return None


def _base(tree: Any, address: str | None) -> str | None:
    base = next((node.get("href") for node in tree.iter("base") if node.get("href")), None)
    try:
        return urljoin(address or "", base) if base else address
    except ValueError:
        return address


def _web_address(value: str | None, base: str | None) -> str | None:
    """Complete a link; None where it is none to the web."""
    try:
        url = urljoin(base or "", (value or "").strip())
        split = urlsplit(url)
        return url if value and split.scheme in ("http", "https") and split.hostname else None
    except ValueError:
        return None


def _canonical(tree: Any, meta: dict[str, list[str]], base: str | None, address: str | None) -> str | None:
    """Return the address that a page gives as its own; another host is believed of `rel=canonical` and `og:url`."""
    for node in tree.iter("link"):
        if "canonical" in (node.get("rel") or "").lower().split() and (url := _web_address(node.get("href"), base)):
            return url
    for value in meta.get("og:url", ()):
        if url := _web_address(value, base):
            return url
    for value in meta.get("twitter:url", ()):
        url = _web_address(value, base)
        if url and address and urlsplit(url).hostname == urlsplit(address).hostname:
            return url
    return None


def short_text(node: Any) -> str:
    """Return the text of an element; of one that holds many, nothing: that is no line, and asking it of all is slow."""
    if len(list(islice(node.iter(), _FIRST))) == _FIRST:
        return ""
    return "".join(node.itertext())
