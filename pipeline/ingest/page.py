"""The article in an HTML page: its text by paragraphs, and what the page states of it. Pages without one are refused.

What pages name their parts is data (`seeds/reference/page_words.csv`), what they state is read by `page_facts`;
fetching, language and dating in doubt belong elsewhere. Method: what is not the article by its role, name, visibility
or links is cut out; the container of most prose is found as Readability does it (A. Dyson, Arc90, 2009: paragraphs
vote for their ancestors, less the farther up); in it the paragraphs of the make that carries most words mark where the
article begins and ends. Trafilatura judges what is left where this finds nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import Any, Literal

import trafilatura
from lxml import etree, html

from pipeline.ingest.charsets import codec, decode_stated
from pipeline.ingest.clean import clean
from pipeline.ingest.clean import decode as decode_unstated
from pipeline.ingest.page_facts import Facts, facts, short_text
from pipeline.reference import rows

Judged = Literal["article", "live_blog", "paywall", "part"]

_FEWEST_WORDS = 8  # less on a page is a menu or a button
_SHORT = 80  # words of text up to which a page titled as a wall is one
_STUB = 250  # words of text up to which a gate makes a page a stub
_NAME = 6  # words of a speaker's name and office, on average, at most
_REMARK = 15  # words of what a speaker says, on average, at least
_FIRST_STEPS = 200  # of the walk through an element, among which its first words are looked for
_LONGEST_TITLE = 60  # words
_CAPTION = 40  # words that stand with a picture at most
_MOST_ELEMENTS = 100_000
_SECOND_OPINION = 20_000  # elements of a page up to which trafilatura is asked where nothing was found
_LONGEST_TAG = 8192  # characters; libxml2 takes a time that is the square of a tag's number of attributes

_SILENT = frozenset({
    "aside", "audio", "button", "canvas", "datalist", "dialog", "embed", "figcaption", "figure", "footer", "head",
    "iframe", "img", "input", "label", "link", "map", "math", "menu", "meta", "meter", "nav", "noscript", "object",
    "option", "picture", "progress", "script", "select", "style", "svg", "template", "textarea", "title", "video",
})  # fmt: skip
_INLINE = frozenset({
    "a", "abbr", "b", "button", "cite", "code", "em", "font", "i", "img", "input", "label", "link", "meta", "noscript",
    "q", "script", "small", "span", "strong", "style", "sub", "sup", "svg", "template", "time", "u",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "ol", "p",
    "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_LINES = frozenset({"p", "li", "span", "a", "b", "em", "strong", "h1", "h2", "h3", "h4", "h5", "h6"})
_NO_PARTS = _INLINE | {"p", "br"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ROLES = frozenset({
    "alert", "alertdialog", "banner", "button", "complementary", "contentinfo", "dialog", "form", "marquee", "menu",
    "menubar", "navigation", "search", "status", "tablist", "toolbar", "tooltip",
})  # fmt: skip
_NAMES = ("class", "id", "data-component", "data-testid", "data-type")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…:][\"”’»')\]]*\s*(?:\[\d+\])?$")
_WORDS = re.compile(r"[^\W\d_]{2}")
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*+\n)++")
_BLANKS = re.compile(r"\s+")
_NOTE_MARK = re.compile(r"[\[(]\s*\w{1,3}\s*[\])]|[*†‡]+")
# A single <br> ends a line of its own, unless the sentence goes on in small letters: those lines are wrapped by hand.
_BREAK = re.compile(r"(?<=[.!?:”\"]) ?\v[\v ]*| ?\v[\v ]*(?=by\b|[^a-z\s])")
_BLANKS_IN_LINES = re.compile(r"[^\S\v]+")
_BYLINE = re.compile(r"^\W*(?:by|with|author|written by|posted by|published|updated|last updated)\b", re.IGNORECASE)
_COPYRIGHT = re.compile(r"^\W*(?:\(c\)|©|copyright\b)", re.IGNORECASE)
_DESK = re.compile(
    r"^\W*(?:reporting|additional reporting|writing|editing|edited|compiled|produced)\s+by\b", re.IGNORECASE
)
_CHARSET = re.compile(
    rb"<(?:meta|\?xml)\b[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE
)
# One step over the markup that always goes on, so that the time is linear: comments, raw text, tags with quoted values.
_TAGS = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<(script|style|textarea|title)\b[^<>]{0,4096}>.*?(?:</\1|\Z)"
    r"|<[a-zA-Z](?:[^>\"'=]++|=\s*+\"[^\"]*+\"|=\s*+'[^']*+'|[\"'=])*+>?",
    re.IGNORECASE | re.DOTALL,
)
_TAG_NAME = re.compile(r"[\w:-]+")
_LONG_VALUE = re.compile(r"=\s*(?:\"[^\"]{512,}\"|'[^']{512,}')")


class NoArticle(Exception):
    """A page holds no article: a reason code and the reason in words."""

    def __init__(self, detail: str, reason: str = "no_article_text") -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Article:
    """What a page holds; None where it does not say.

    text: paragraphs, each on a line of its own; headings inside the article are paragraphs, the title is none.
    published_on, modified_at: as stated, in the time zone stated; nothing is converted.
    judged: `article`; `live_blog`, whose posts follow in the order of the page; `paywall`, where only the beginning is
    shown; `part`, where it goes on at `next_page`.
    """

    text: str
    title: str | None = None
    author: str | None = None
    source: str | None = None
    published_on: date | None = None
    modified_at: datetime | None = None
    language: str | None = None
    canonical: str | None = None
    judged: Judged = "article"
    next_page: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """How an element is nested and made; elements of the same path share one."""

    above: _Path | None
    depth: int
    named: bool


@dataclass(slots=True)
class _Block:
    """A run of text between the borders of block elements."""

    node: Any
    text: str
    linked: int
    leads: bool
    path: _Path
    words: int = 0

    @property
    def tag(self) -> str:
        return str(self.node.tag)

    @property
    def prose(self) -> bool:
        """Tell whether it reads like a sentence that is no link."""
        return (
            self.words >= 4
            and self.linked * 2 < self.words
            and bool(_SENTENCE_END.search(self.text) or self.words >= 25)
        )


def decode(data: bytes, charset: str | None = None) -> str:
    """Decode a page: as its bytes say, else as HTTP, a `<meta charset>` or an XML declaration do, else by a guess.

    Args:
        data: the page.
        charset: what the Content-Type header gave.

    Raises:
        NotText: nothing is stated, and the bytes are no text in any encoding.
    """
    declared = _CHARSET.search(data[:4096])
    stated = [charset, declared[1].decode("ascii") if declared else None]
    return decode_stated(data, stated) if any(map(codec, stated)) else decode_unstated(data)


def article(page: str, address: str | None = None) -> Article:
    """Take the article out of a page.

    Args:
        page: the page's markup; it may be broken anywhere.
        address: where it was fetched, to complete relative links.

    Raises:
        NoArticle: there is none (`no_article_text`), or the page is too large to be looked into (`too_large`).
    """
    try:
        return _article(page, address)
    except (etree.LxmlError, ValueError, RecursionError, AssertionError) as error:  # what lxml raises of broken markup
        raise NoArticle(f"the page cannot be parsed: {type(error).__name__}") from error


def _article(page: str, address: str | None) -> Article:
    tree, size = _parsed(page)
    stated = facts(tree, address)
    sizes = _sizes(tree)
    open_text = _shows_all(tree, stated, sizes)
    gated = _prune(tree, stated, sizes) and not open_text
    text = _text_of(tree, stated)
    if len(text.split()) < _FEWEST_WORDS and stated.is_article and size < _SECOND_OPINION:
        found = trafilatura.bare_extraction(_parsed(page)[0], with_metadata=False, include_comments=False)
        text = _joined((getattr(found, "text", None) or "").split("\n"), stated)
    words = len(text.split())
    if words < _FEWEST_WORDS:
        raise NoArticle("there is no article in the page")
    title = (stated.title or "").casefold()
    if words < _SHORT and not stated.is_article and any(_begins(title, wall) for wall in _words()["wall"]):
        raise NoArticle(f"the page is no article but says: {stated.title}")
    return Article(
        text, stated.title, stated.author, stated.source, stated.published_on, stated.modified_at, stated.language,
        stated.canonical, _judged(stated, gated, open_text, words), stated.next_page,
    )  # fmt: skip


def _shows_all(tree: Any, stated: Facts, sizes: Mapping[Any, int]) -> bool:
    """Tell whether a page that asks for payment shows its text all the same: the part that is paid for is there."""
    part = stated.paid_part
    return part is not None and any(
        sizes[node] > _STUB / 2 and part in (node.get("class") or "").split()
        for node in tree.iter("div", "section", "article", "main")
    )


def _judged(stated: Facts, gated: bool, open_text: bool, words: int) -> Judged:
    if stated.is_live:
        return "live_blog"
    whole = open_text or (stated.word_count is not None and words >= 0.8 * stated.word_count)
    if not whole and ((gated and words < _STUB) or (stated.free is False and words < _STUB / 2)):
        return "paywall"
    return "part" if stated.next_page else "article"


def _begins(text: str, phrase: str) -> bool:
    return re.match(rf"\W*{re.escape(phrase)}\b", text) is not None


# Parsing


def _parsed(page: str) -> tuple[Any, int]:
    """Parse a page; return its tree and the number of its elements."""
    shortened = _TAGS.sub(_shortened, clean(page))
    parser = html.HTMLParser(
        encoding="utf-8",
        huge_tree=True,
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
        default_doctype=False,
    )
    if not shortened.strip():
        raise NoArticle("the page is empty")
    tree = html.document_fromstring(shortened.encode("utf-8", "replace"), parser=parser)
    size = sum(1 for _ in tree.iter())
    if size > _MOST_ELEMENTS:
        raise NoArticle(f"the page has more than {_MOST_ELEMENTS:,} elements", "too_large")
    return tree, size


def _shortened(match: re.Match[str]) -> str:
    """Take from a tag of absurd length its long values, else all its attributes."""
    whole = match[0]
    if len(whole) <= _LONGEST_TAG or match[1] or whole.startswith("<!--"):
        return whole
    short = _LONG_VALUE.sub('=""', whole)
    return short if len(short) <= _LONGEST_TAG else f"<{_TAG_NAME.findall(whole[:200])[0]}>"


def _sizes(tree: Any) -> dict[Any, int]:
    """Count the words in every element once, since elements ask for those of all that is in them, 2,000 levels deep."""
    sizes: dict[Any, int] = {}
    for _, node in etree.iterwalk(tree, events=("end",)):
        own = 0 if node.tag in ("script", "style", "noscript", "template") else len((node.text or "").split())
        sizes[node] = own + sum(sizes[child] + len((child.tail or "").split()) for child in node)
    return sizes


# Cutting out what is not the article


@cache
def _words() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows("page_words"):
        found.setdefault(row["kind"], set()).update(row["words"].split("|"))
    return {kind: frozenset(words) for kind, words in found.items()}


@cache
def _name_test(kind: str) -> Callable[[str], bool]:
    """Make the test whether an element's names, as words between blanks, hold one of a kind."""
    forms = "|".join(
        re.escape(words.rstrip("*")) + (r"\w*" if words.endswith("*") else "") for words in sorted(_words()[kind])
    )
    pattern = re.compile(rf" (?:{forms}) ")
    return lambda names: pattern.search(names) is not None


def _names(node: Any) -> str:
    values = " ".join(filter(None, (node.get(key) for key in _NAMES)))
    return f" {' '.join(_WORD.findall(values[:1000])).lower()} " if values else ""


def _prune(tree: Any, stated: Facts, sizes: Mapping[Any, int]) -> bool:
    """Take out of the tree what is not the article; tell whether a gate stands in place of the text.

    What holds the page's heading is not taken out by its name, since sites name wrappers after what they arrange.
    """
    boilerplate, hidden, body, gate = (_name_test(kind) for kind in ("boilerplate", "hidden", "body", "gate"))
    heading = _heading(tree, stated, sizes)
    kept = set() if heading is None else {heading, *heading.iterancestors()}
    bodies = [
        node
        for node in tree.iter("div", "section", "article", "main", "td", "ol")
        if node.get("itemprop") == "articleBody" or body(_names(node))
    ]
    for holder in bodies:
        while holder is not None and holder not in kept:
            kept.add(holder)
            holder = holder.getparent()  # noqa: PLW2901 (it climbs)
    about = set()  # what stands in one <header> with the heading: a lead, a byline
    gated = False
    pictures = tree.iter("img", "amp-img", "picture", "video", "amp-video")
    captions = {_caption(picture, kept, sizes) for picture in pictures}
    doomed: list[Any] = []
    gone = set()  # what is in it goes with it
    for node in tree.iter():
        tag = node.tag
        if not isinstance(tag, str) or tag in ("html", "body"):
            continue
        parent = node.getparent()
        if parent in gone:
            gone.add(node)
            continue
        if (
            tag in _SILENT
            or tag.startswith("amp-")
            or node in captions
            or _is_hidden(node, hidden)
            or (tag == "sup" and sizes[node] <= 2 and _is_note_mark(node))
        ):
            gone.add(node)
            doomed.append(node)
            continue
        if parent in about or (tag == "header" and node in kept and node.get("role") != "banner"):
            about.add(node)
        if node in kept or node in about:
            continue
        role = (node.get("role") or "").lower()
        names = _names(node)
        is_gate = bool(names) and tag not in _LINES and sizes[node] < _STUB and gate(names) and _asks(node)
        gated = gated or is_gate
        if (
            is_gate
            or role in _ROLES
            or (tag == "header" and heading is not None)
            or (names and boilerplate(names) and tag != "main")
        ):
            gone.add(node)
            doomed.append(node)
    for node in doomed:
        _remove(node)
    sizes = _sizes(tree)
    for node in list(tree.iter("ul", "ol", "dl", "table", "tbody", "div", "section", "tr", "td")):
        if node not in kept and _is_link_list(node, sizes):
            _remove(node)
    return gated


def _caption(picture: Any, kept: set[Any], sizes: Mapping[Any, int]) -> Any:
    """Return the largest element that holds a picture and little text, which is its caption; None where none does."""
    found, node = None, picture.getparent()
    for _ in range(4):
        if node is None or node in kept or sizes[node] > _CAPTION:
            break
        found, node = node, node.getparent()
    return found


def _is_note_mark(node: Any) -> bool:
    """Tell whether a raised text is the number of a note and not, say, that of a square metre."""
    return bool(_NOTE_MARK.fullmatch(short_text(node).strip())) or next(node.iter("a"), None) is not None


def _asks(node: Any) -> bool:
    """Tell whether an element asks for a subscription in words: sites name the text behind the gate after it too."""
    text = f" {_folded(short_text(node))} "
    return any(f" {words} " in text for words in _words()["gate_text"])


def _is_hidden(node: Any, hidden: Callable[[str], bool]) -> bool:
    return (
        node.get("hidden") is not None
        or node.get("aria-hidden") == "true"
        or node.get("aria-modal") == "true"
        or _UNSEEN.search(node.get("style") or "") is not None
        or hidden(_names(node))
    )


def _heading(tree: Any, stated: Facts, sizes: Mapping[Any, int]) -> Any:
    """Return the element that shows the title: the first heading of these words, else any element, else the only h1."""
    title = _folded(stated.title or "")
    first = None
    for node in tree.iter("h1", "h2", "h3", "div", "p", "span", "b", "strong", "font", "center"):
        if title and 0 < sizes[node] < _LONGEST_TITLE and len(node) <= 3 and _folded(short_text(node)) == title:
            return node
        first = first if first is not None or node.tag != "h1" else node
    return first


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _remove(node: Any) -> None:
    """Empty an element in its place, so that the text behind it stays where it is, apart from the text before."""
    node.tag = "span" if node.tag in _INLINE else "div"
    node.clear(keep_tail=True)
    node.text = " "


def _is_link_list(node: Any, sizes: Mapping[Any, int]) -> bool:
    """Tell whether an element is a list of links or of teasers: at least three parts that begin with a link.

    Turns of a debate begin with a link too, their speaker's: short ones that much follows.
    """
    parts = [child for child in node if isinstance(child.tag, str) and child.tag not in _NO_PARTS and sizes[child]]
    links = [(link, part) for part in parts[:200] if (link := _opening(part)) is not None]
    leading = [(link, sizes[part] - link) for link, part in links if link]
    if len(leading) < 3 or len(leading) < 0.7 * len(links):
        return False
    of_links, of_rest = (sum(words) / len(leading) for words in zip(*leading, strict=True))
    return bool(of_links > _NAME or of_rest < _REMARK)


def _opening(node: Any) -> int | None:
    """Return how many words the link has that an element begins with: 0 where there is none, None without any words."""
    for event, inner in islice(etree.iterwalk(node, events=("start", "end")), _FIRST_STEPS):
        text = inner.text if event == "start" else (inner.tail if inner is not node else None)
        if text and _WORDS.search(text):
            linked = inner if event == "start" else inner.getparent()
            while linked is not None:
                if linked.tag == "a":
                    return len("".join(linked.itertext()).split())
                if linked is node:
                    return 0
                linked = linked.getparent()
            return 0
    return None


# Blocks


def _blocks(tree: Any) -> list[_Block]:
    """Divide what is left into runs of text: at block elements, double line breaks, and empty lines in `<pre>`."""
    found: list[_Block] = []
    stack: list[tuple[Any, _Path]] = []
    paths: dict[tuple[_Path | None, str, str], _Path] = {}
    parts: list[tuple[str, bool]] = []
    links = breaks = pre = 0

    def close() -> None:
        nonlocal breaks
        breaks = 0
        if parts and stack:
            whole = "".join(text for text, _ in parts)
            pieces = _EMPTY_LINES.split(whole) if pre else _BREAK.split(_BLANKS_IN_LINES.sub(" ", whole))
            shown = [text for text, _ in parts if text.strip()]
            leads = bool(shown) and next(link for text, link in parts if text.strip())
            linked = sum(len(text.split()) for text, link in parts if link)
            for piece in pieces:
                text = _BLANKS.sub(" ", piece).strip()
                if text:
                    found.append(
                        _Block(
                            stack[-1][0],
                            text,
                            linked if len(pieces) == 1 else 0,
                            leads,
                            stack[-1][1],
                            len(text.split()),
                        )
                    )
        parts.clear()

    def take(text: str | None) -> None:
        nonlocal breaks
        if text:
            if text.strip():
                breaks = 0
            parts.append((text, links > 0))

    body = next(tree.iter("body"), tree)
    for event, node in etree.iterwalk(body, events=("start", "end")):
        tag = node.tag
        if event == "start":
            if tag in _BLOCKS or "-" in tag:
                close()
                above, make = stack[-1][1] if stack else None, _make(node)
                path = paths.get((above, tag, make))
                if path is None:
                    depth, named = (above.depth + 1, above.named) if above else (0, False)
                    path = paths[above, tag, make] = _Path(above, depth, named or bool(make))
                stack.append((node, path))
                pre += tag == "pre"
            elif tag == "br":
                breaks += 1
                parts.append(("\n" if pre else "\v", links > 0))
                if breaks >= 2:
                    close()
            elif tag == "a" and node.get("href") is not None:
                links += 1
            take(node.text)
        else:
            if tag in _BLOCKS or "-" in tag:
                close()
                pre -= tag == "pre"
                stack.pop()
            elif tag == "a" and node.get("href") is not None:
                links -= 1
            if node is not body:
                take(node.tail)
    return found


def _make(node: Any) -> str:
    name = (
        node.get("class") if node.tag not in _LINES else None
    )  # first and last paragraphs are often dressed otherwise
    return str(name.split()[0].rstrip("0123456789")) if name and name.strip() else ""


# Choosing


def _text_of(tree: Any, stated: Facts) -> str:
    blocks = [block for block in _blocks(tree) if not _is_aside(block)]
    chosen = _chosen(blocks, stated)
    text = _joined((block.text for block in chosen), stated)
    if stated.updates and len(text.split()) < 40:
        return _joined((line for update in stated.updates for line in update if line), stated)
    told = [_BLANKS.sub(" ", line).strip() for line in re.split(r"\n+|<br */?>|</p>", stated.body or "")]
    told = [line for line in (re.sub(r"<[^<>]{1,300}>", "", line).strip() for line in told) if line]
    # of a stub's text the page shows what it gives away; the rest is not taken from what search engines are told
    if told and stated.free is not False and sum(len(line.split()) for line in told) > 1.2 * len(text.split()):
        return _joined(told, stated)
    return text


def _joined(lines: Iterable[str], stated: Facts) -> str:
    title = _folded(stated.title or "")
    kept = [line for line in (clean(line).strip() for line in lines) if line]
    if len(kept) > 1 and _folded(kept[0]) == title:
        kept = kept[1:]
    return "\n".join(kept)


def _is_aside(block: _Block) -> bool:
    """Tell whether a paragraph leads elsewhere or is a label: all link, or beginning as such lines do."""
    if block.words <= 40 and (_COPYRIGHT.match(block.text) or _DESK.match(block.text)):
        return True
    if not _WORDS.search(block.text):
        return True
    opening = block.text[:60].casefold().lstrip("([•–—-»>* ")
    if block.words <= 40 and _aside_line().match(opening):
        label = _aside_line().match(opening)
        rest = opening[label.end() :].lstrip() if label else ""
        return not rest or rest[0] in ":|>" or block.linked * 2 >= block.words
    return block.linked >= 0.8 * block.words and block.words >= 1 and block.tag not in _HEADINGS


@cache
def _aside_line() -> re.Pattern[str]:
    forms = "|".join(re.escape(words) for words in sorted(_words()["aside_line"], key=len, reverse=True))
    return re.compile(rf"(?:{forms})\b")


def _chosen(blocks: list[_Block], stated: Facts) -> list[_Block]:
    """Return the blocks of the article, in order."""
    title = _folded(stated.title or "")
    top = next((at for at, block in enumerate(blocks) if title and _folded(block.text) == title), None)
    container = _container(blocks, top)
    if container is None:
        return []
    members = set(container.iter())
    inside = [at for at, block in enumerate(blocks) if block.node in members]
    makes: Counter[_Path] = Counter()
    for at in inside:
        if blocks[at].prose:
            makes[blocks[at].path] += blocks[at].words
    if not makes:
        return []
    main, weight = makes.most_common(1)[0]
    alike = [block.node for block in blocks if block.path is main and block.prose]
    if main.named and any(node not in members for node in alike):  # the article stands in columns or between adverts
        members = set(_common(_common(container, alike[0]), alike[-1]).iter())
        inside = [at for at, block in enumerate(blocks) if block.node in members]
        weight = sum(block.words for block in blocks if block.path is main and block.prose)
    body = [at for at in inside if blocks[at].path is main and blocks[at].prose]
    loose = weight < 0.6 * sum(blocks[at].words for at in inside)
    first, last = body[0], body[-1]
    chosen = [at for at in inside if (first <= at <= last or not loose) and _belongs(blocks[at], main)]
    begin = min(chosen, default=first)
    if top is not None and top < begin and begin - top < 15:
        chosen += [at for at in range(top + 1, begin) if _is_lead(blocks[at])]
    elif top is not None and top > begin:
        chosen = [at for at in chosen if at > top]
    return _without_repeats([blocks[at] for at in sorted(set(chosen))], main)


def _common(one: Any, other: Any) -> Any:
    """Return the smallest element that holds both."""
    holders = {one, *one.iterancestors()}
    while other not in holders:
        other = other.getparent()
    return other


def _container(blocks: list[_Block], top: int | None) -> Any:
    """Return the element whose paragraphs are the most prose, those near it counting most."""
    scores: dict[Any, float] = {}
    starts: dict[Any, int] = {}
    holds = Counter(block.node for block in blocks)
    body = _name_test("body")
    for at, block in enumerate(blocks):
        if not block.prose or block.words < 8 or block.tag in _HEADINGS:
            continue
        node = block.node if holds[block.node] > 1 else block.node.getparent()
        weight = 1.0
        while node is not None and node.tag != "html" and weight > 0.05:
            scores[node] = scores.get(node, 0.0) + weight * min(block.words, 100)
            starts.setdefault(node, at)
            node, weight = node.getparent(), weight * 0.5
    best, most = None, 0.0
    for node, score in scores.items():
        distance = 0 if top is None else starts[node] - top
        near = 1.5 if 0 <= distance < 15 else 0.5 if distance < -3 else 1.0
        named = 1.5 if node.get("itemprop") == "articleBody" or body(_names(node)) else 1.0
        if score * near * named > most:
            best, most = node, score * near * named
    return best


def _belongs(block: _Block, main: _Path) -> bool:
    if block.path is main or block.prose or block.tag in _HEADINGS or block.tag in ("li", "dd", "dt"):
        return True
    return block.path.above is main.above and main.depth > 2 and block.linked == 0 and 2 <= block.words <= 12


def _is_lead(block: _Block) -> bool:
    return block.prose and block.words >= 6 and not (_BYLINE.match(block.text) and block.words < 25)


def _without_repeats(blocks: list[_Block], main: _Path) -> list[_Block]:
    """Leave out quotations in large type and summaries, which repeat a text of the article, and headings of nothing."""
    folded = [f" {_folded(block.text)} " for block in blocks]
    whole = "\n".join(text for text, block in zip(folded, blocks, strict=True) if block.path is main)
    kept = [
        block
        for text, block in zip(folded, blocks, strict=True)
        if block.path is main or block.words < 5 or block.tag in _HEADINGS or text not in whole
    ]
    while kept and kept[-1].tag in _HEADINGS:
        kept.pop()
    return kept
