"""Sixty pages in the manner of news sites, each with the article that is in it, and pages that hold none.

A template is a kind of site: its markup and everything around the article. The articles come from `articles.yaml`; three go
into each template. The templates were written before the extractor was measured and are not to be bent to what it can do:
what it misses on a page belongs into the test's list of known failures. All names, events and addresses are invented.
"""

# ruff: noqa: E501 (markup is written as sites write it)

from __future__ import annotations

import html
import json
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Fields = dict[str, Any]

COOKIES = """We and our 842 partners store and access information on a device, such as unique IDs in cookies, to process
personal data. You may accept or manage your choices by clicking below, including your right to object where legitimate
interest is used, or at any time in the privacy policy page. These choices will be signalled to our partners and will not
affect browsing data."""
NEWSLETTER = """Every weekday morning our correspondents explain what matters in security and diplomacy, in five minutes and
without jargon. By signing up you agree to our terms of service and acknowledge our privacy policy."""
BIO = """{author} has covered defence and diplomacy for more than ten years, first as a stringer in Lesna and since 2019 as a
correspondent in Port Adelin. Reach the desk at tips@news.example or on the usual networks."""
COMMENTS = (
    ("oldsalt61", "I served on one of those ships for eleven years and nobody in the ministry ever asked the crews what they "
     "needed. They will buy the paint first and the pumps last, as always, and then wonder why it lists."),
    ("GreyGoose", "Interesting how the article does not mention what the previous government did. Four years of nothing and now "
     "everybody is an expert on logistics all of a sudden. Follow the money, people."),
    ("Tina in Holm", "@GreyGoose that is simply not true, read the report of 2022, page 40. They did order the spare parts, and "
     "the order was cancelled by the very people who are shouting now."),
    ("M. Petrossian", "Could the editors please explain how the figure was converted? At the rate of last week I get a sum that is "
     "about seven percent smaller, which is a school or two."),
    ("nightwatch", "Good piece. More of this and less of the horoscope, please. I would also like to know what the neighbours think, "
     "because geography has not changed since I left school in 1974."),
    ("Deleted user", "This comment was removed by a moderator because it did not meet our community standards. Replies may have "
     "been deleted as well. For more detail see our frequently asked questions."),
)  # fmt: skip
SECTIONS = ("Home", "World", "Europe", "Defence", "Diplomacy", "Economy", "Opinion", "Culture", "Sport", "Weather", "Podcasts", "Games")


@dataclass(frozen=True)
class Page:
    """A saved page and what a reader would copy out of it. Paragraphs are divided by a line feed."""

    kind: str
    number: int
    data: bytes
    address: str
    text: str
    title: str
    author: str | None
    source: str | None
    published_on: str | None
    canonical: str | None
    language: str | None
    judged: str = "article"
    modified: str | None = None

    @property
    def name(self) -> str:
        """Return what tests call the page."""
        return f"{self.kind}-{self.number}"


@cache
def invented() -> dict[str, list[Fields]]:
    """Return the articles, contract notices and briefings of `articles.yaml`."""
    loaded: dict[str, list[Fields]] = yaml.safe_load((Path(__file__).parent / "articles.yaml").read_text(encoding="utf-8"))
    return loaded


def _plain(body: list[str]) -> list[str]:
    return [line.removeprefix("## ") for line in body]


def _e(text: str) -> str:
    return html.escape(text, quote=True)


def _others(item: Fields, count: int = 5, start: int = 3) -> list[Fields]:
    """Return other articles, for teasers."""
    pool = [other for other in invented()["articles"] if other["title"] != item["title"]]
    return [pool[(start + step) % len(pool)] for step in range(count)]


def _slug(item: Fields) -> str:
    return "-".join("".join(c if c.isalnum() or c == " " else "" for c in item["title"].lower()).split()[:7])


def _menu(host: str, tag: str = "li") -> str:
    return "".join(f'<{tag}><a href="https://{host}/{name.lower()}">{name}</a></{tag}>' for name in SECTIONS)


def _authors(item: Fields) -> list[str]:
    return [name for name in item["author"].split(" and ") if name]


def _ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value, ensure_ascii=False)}</script>'


def _news(item: Fields, host: str, url: str, kind: object = "NewsArticle", **more: object) -> Fields:
    return {
        "@context": "https://schema.org", "@type": kind, "mainEntityOfPage": {"@type": "WebPage", "@id": url},
        "headline": item["title"], "description": item["lead"], "image": [f"https://{host}/img/1x1.jpg"],
        "datePublished": item["published"], "dateModified": item.get("modified", item["published"]),
        "author": [{"@type": "Person", "name": name, "url": f"https://{host}/by/{i}"} for i, name in enumerate(_authors(item))],
        "publisher": {"@type": "NewsMediaOrganization", "name": host.split(".")[-2].title(),
                      "logo": {"@type": "ImageObject", "url": f"https://{host}/logo.png"}},
        **more,
    }  # fmt: skip


def _script(size: int = 9000) -> str:
    """An inline script of the size that sites carry, with text in it that looks like prose and like markup."""
    state = json.dumps({"slots": [{"id": f"ad-{n}", "sizes": [[300, 250], [728, 90]], "html": "<p>Sponsored: the ten best boots "
                                   "for officers, tested by people who walk.</p>"} for n in range(size // 150)]})  # fmt: skip
    return f"<script>window.__STATE__={state.replace('</', '<' + chr(92) + '/')};for(var i=0;i<3&&i>-1;i++){{}}</script>"


def broadsheet(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A large daily: mega-menu, consent layer, JSON-LD graph, inline 'Read more', pull quote, newsletter box, rail, comments."""
    graph = {"@context": "https://schema.org", "@graph": [
        {"@type": "WebSite", "@id": f"https://{host}/#website", "url": f"https://{host}/", "name": "The Meridian"},
        {"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem", "position": 1, "name": "World"}]},
        _news(item, host, url, publisher={"@id": f"https://{host}/#org"}, inLanguage="en-GB"),
        {"@type": "Organization", "@id": f"https://{host}/#org", "name": "The Meridian"}]}  # fmt: skip
    other = _others(item, 8)
    body = []
    for at, line in enumerate(item["body"]):
        body.append(f'<h2 class="subhead">{_e(line[3:])}</h2>' if line.startswith("## ") else f'<p class="paywall-free">{_e(line)}</p>')
        if at == 1:
            body.append(f'<p><strong>Read more: <a href="/{_slug(other[0])}">{_e(other[0]["title"])}</a></strong></p>')
        if at == 2:
            body.append(f'<aside class="pullquote"><blockquote><p>{_e(item["pull"])}</p></blockquote></aside>'
                        '<div class="ad-slot" aria-label="Advertisement"><span>Advertisement</span></div>')
        if at == 4:
            body.append(f"""<section class="newsletter-signup" aria-labelledby="nl"><h3 id="nl">The Morning Dispatch</h3><p>{NEWSLETTER}</p>
              <form><label>Email address <input type="email" placeholder="you@example.org"></label><button>Sign up</button></form></section>""")
    mega = "".join(f'<div class="mega__col"><h4>{name}</h4><ul>{_menu(host)}</ul><p class="mega__promo">{_e(other[n]["lead"])}</p></div>'
                   for n, name in enumerate(SECTIONS[:6]))
    page = f"""<!DOCTYPE html><html lang="en-GB" class="no-js"><head><meta charset="utf-8"><title>{_e(item["title"])} | World news | The Meridian</title>
    <meta name="viewport" content="width=device-width"><link rel="canonical" href="{url}"><meta property="og:site_name" content="The Meridian">
    <meta property="og:title" content="{_e(item["title"])}"><meta property="og:url" content="{url}?ref=og">{_ld(graph)}{_script()}
    <style>.mega{{display:none}}</style></head><body>
    <noscript><img height="1" width="1" src="https://pixel.example/t.gif?e=view"></noscript>
    <div id="consent" role="dialog" aria-modal="true" aria-label="Privacy"><h2>We value your privacy</h2><p>{COOKIES}</p>
      <button>Accept all</button><button>Manage options</button></div>
    <a class="skip" href="#main">Skip to main content</a>
    <header role="banner"><div class="masthead"><a href="/">The Meridian</a><span>Support independent journalism</span></div>
      <nav aria-label="Primary"><ul>{_menu(host)}</ul><div class="mega">{mega}</div></nav></header>
    <div class="ticker" role="marquee">Breaking: {_e(other[1]["title"])} • {_e(other[2]["title"])}</div>
    <main id="main"><article data-id="8812"><header class="art-head"><nav class="breadcrumb"><a href="/world">World</a> › <a href="/defence">Defence</a></nav>
      <h1>{_e(item["title"])}</h1><p class="standfirst">{_e(item["lead"])}</p>
      <div class="byline">By <a rel="author" href="/by/1">{_e(item["author"])}</a>, defence correspondent</div>
      <time datetime="{item["published"]}">Published at breakfast</time>
      <ul class="share-bar" aria-label="Share"><li><a href="#">Facebook</a></li><li><a href="#">Copy link</a></li><li>37 comments</li></ul></header>
      <figure><picture><img src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP" alt="{_e(item["caption"])}"></picture>
      <figcaption>{_e(item["caption"])} <span class="credit">Photograph: A. Lens/Meridian Pictures</span></figcaption></figure>
      <div class="art-body" itemprop="articleBody">{"".join(body)}</div>
      <div class="topics"><h4>Topics</h4><ul><li><a href="/t/army">Army</a></li><li><a href="/t/navy">Navy</a></li></ul></div></article>
      <aside class="rail"><h2>Most viewed</h2><ol>{"".join(f'<li><a href="/{_slug(o)}">{_e(o["title"])}</a><p>{_e(o["lead"])}</p></li>' for o in other)}</ol></aside>
      <section class="onward"><h2>More on this story</h2>{"".join(f'<article class="card"><h3><a href="/{_slug(o)}">{_e(o["title"])}</a></h3><p>{_e(o["body"][0])}</p><time datetime="2025-01-02">2 Jan</time></article>' for o in other[:4])}</section>
      <section id="comments"><h2>Comments (37)</h2>{"".join(f'<div class="d-comment"><b>{who}</b><p>{what}</p></div>' for who, what in COMMENTS)}</section></main>
    <footer role="contentinfo"><ul>{_menu(host)}</ul><p>© 2025 Meridian Media Ltd. or its affiliated companies. All rights reserved. (dcr)</p></footer></body></html>"""
    return page, {"text": [item["lead"], *_plain(item["body"])], "source": "The Meridian", "language": "en-GB"}


def hashed(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A site built by a component framework: hashed class names, a div for each paragraph, no semantic element anywhere."""
    other = _others(item, 6, 1)
    points = "".join(f'<li class="css-9ktq">{_e(line.split(".")[0])}.</li>' for line in item["body"][:3])
    blocks = []
    for at, line in enumerate(item["body"]):
        if line.startswith("## "):
            blocks.append(f'<div class="css-1f8er69"><div class="css-x2hd"><span>{_e(line[3:])}</span></div></div>')
        else:
            first, _, rest = line.partition(" ")
            blocks.append(f'<div class="css-1f8er69" data-component="text-block"><div class="css-b7c0">{_e(first)} <span>{_e(rest)}</span></div></div>')
        if at == 3:
            blocks.append(f"""<div class="css-k2k2" data-component="links-block"><div class="css-t0t0">Related</div><ul>
              {"".join(f'<li><a class="css-li" href="/{_slug(o)}">{_e(o["title"])}</a></li>' for o in other[:3])}</ul></div>""")
    ld = [{"@context": "http://schema.org", "@type": "BreadcrumbList", "itemListElement": []},
          _news(item, host, url, publisher={"@type": "Organization", "name": "Kanal Nord"}, inLanguage="en")]  # fmt: skip
    page = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title data-rh="true">{_e(item["title"])} - Kanal Nord</title>
    <meta data-rh="true" property="og:title" content="{_e(item["title"])} - Kanal Nord"><meta property="og:locale" content="en_US">
    <link data-rh="true" rel="canonical" href="{url}">{_ld(ld)}{_script(20000)}</head><body><div id="root"><div class="css-0">
    <div class="css-1qn" data-testid="global-navigation"><div class="css-lnk">{"".join(f'<div class="css-2b"><a href="/{s}">{s}</a></div>' for s in SECTIONS)}</div></div>
    <div class="css-a11" data-component="headline-block"><h1 class="css-h1">{_e(item["title"])}</h1></div>
    <div class="css-a12" data-component="byline-block"><div>{item["published"][:10]}</div><div><span>{_e(item["author"])}</span><span>Kanal Nord News</span></div></div>
    <div class="css-a13" data-component="image-block"><div><img src="https://{host}/i/grey-placeholder.png" class="hide-when-no-script"><img src="https://{host}/i/1.webp"></div>
      <div class="css-cap" data-component="caption-block"><span>Kanal Nord</span><div>{_e(item["caption"])}</div></div></div>
    <div class="css-kp0" data-component="summary-block"><div>Key points</div><div class="css-sm">Summary generated by artificial intelligence and checked by an editor</div><ul>{points}</ul></div>
    {"".join(blocks)}
    <div class="css-tags" data-component="tags"><a href="/t/1">Armed forces</a><a href="/t/2">Politics</a></div>
    <div class="css-more" data-component="top-stories"><div class="css-h2">Top stories</div>{"".join(f'<div class="css-card"><div class="css-ct"><a href="/{_slug(o)}">{_e(o["title"])}</a></div><div class="css-cs">{_e(o["body"][0])}</div><div>3 hrs ago</div></div>' for o in other)}</div>
    <div class="css-foot" data-testid="footer"><div>Copyright © 2025 Kanal Nord. The broadcaster is not responsible for the content of external sites. Read about our approach to external linking.</div></div>
    </div></div></body></html>"""
    return page, {"text": _plain(item["body"]), "source": "Kanal Nord", "language": "en"}


def wordpress(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A trade blog: page builder, sharing plug-in, related posts, author box, tags, comments; the graph of the usual SEO plug-in."""
    other = _others(item, 6, 2)
    body = []
    for at, line in enumerate(item["body"]):
        body.append(f'<h3 class="wp-block-heading">{_e(line[3:])}</h3>' if line.startswith("## ") else f"<p>{_e(line)}</p>")
        if at == 1:
            body.append(f"""<div class="wp-block-image"><figure class="aligncenter size-large"><a href="/wp-content/uploads/1.jpg"><img loading="lazy" src="/wp-content/uploads/1.jpg"></a>
              <figcaption class="wp-element-caption">{_e(item["caption"])} (Photo: handout)</figcaption></figure></div>""")
        if at == 3:
            body.append(f'<blockquote class="wp-block-pullquote"><p>“{_e(item["pull"])}”</p></blockquote><p><em>Also read: <a href="/{_slug(other[0])}/">{_e(other[0]["title"])}</a></em></p>')
        if at == 5:
            body.append(f'<blockquote class="twitter-tweet" data-width="550"><p lang="en" dir="ltr">So it is official. More in the thread below 👇</p>— {_e(item["author"])} (@desk) <a href="https://social.example/1">{item["published"][:10]}</a></blockquote><script async src="https://platform.example/widgets.js"></script>')
    graph = {"@context": "https://schema.org", "@graph": [
        {"@type": "Article", "@id": url + "#article", "isPartOf": {"@id": url}, "headline": item["title"], "author": {"@id": f"https://{host}/#/person/7"},
         "datePublished": item["published"], "dateModified": item["modified"], "publisher": {"@id": f"https://{host}/#organization"}, "inLanguage": "en-US", "wordCount": 240},
        {"@type": "WebPage", "@id": url, "url": url, "name": item["title"] + " - Defence Ledger"},
        {"@type": "Organization", "@id": f"https://{host}/#organization", "name": "Defence Ledger"},
        {"@type": "Person", "@id": f"https://{host}/#/person/7", "name": item["author"]}]}  # fmt: skip
    page = f"""<!DOCTYPE html><html lang="en-US" prefix="og: https://ogp.me/ns#"><head><meta charset="UTF-8"><title>{_e(item["title"])} - Defence Ledger</title>
    <link rel="canonical" href="{url}" /><meta property="og:locale" content="en_US" /><meta property="og:type" content="article" /><meta property="og:title" content="{_e(item["title"])} - Defence Ledger" />
    <meta property="article:published_time" content="{item["published"]}" /><meta name="author" content="admin" />{_ld(graph)}</head>
    <body class="post-template-default single single-post elementor-default has-sidebar"><div id="page" class="hfeed site">
    <header id="masthead" class="site-header"><div class="elementor-widget-nav-menu"><ul class="menu">{_menu(host)}</ul></div></header>
    <div id="content" class="site-content"><div id="primary" class="content-area"><main class="site-main">
    <article id="post-4711" class="post-4711 post type-post status-publish category-land tag-artillery hentry"><header class="entry-header"><h1 class="entry-title">{_e(item["title"])}</h1>
      <div class="entry-meta"><span class="posted-on">Posted on <time class="entry-date published" datetime="{item["published"]}">{item["published"][:10]}</time></span> <span class="byline">by <span class="author vcard"><a class="url fn n" href="/author/7">{_e(item["author"])}</a></span></span> <span class="comments-link">6 Comments</span></div></header>
    <div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">Share this:</h3><ul><li><a>Click to share on X (Opens in new window)</a></li><li><a>Click to email a link to a friend</a></li></ul></div>
    <div class="entry-content elementor-widget-container">{"".join(body)}
      <div class="wp-block-group optin"><p><strong>Enjoying the Ledger?</strong> Join 14,000 professionals who receive our weekly briefing on contracts and programmes. Unsubscribe any time.</p></div>
      <div id="jp-relatedposts" class="jp-relatedposts"><h3>Related</h3>{"".join(f'<div class="jp-relatedposts-post"><h4><a href="/{_slug(o)}">{_e(o["title"])}</a></h4><p>{_e(o["lead"])}</p></div>' for o in other[:3])}</div></div>
    <footer class="entry-footer"><span class="tags-links">Tagged <a rel="tag">artillery</a>, <a rel="tag">procurement</a></span></footer></article>
    <div class="author-box"><img src="/a.png"><h4>About {_e(item["author"])}</h4><p>{_e(BIO.format(author=item["author"]))}</p></div>
    <nav class="post-navigation"><div class="nav-previous"><a href="/{_slug(other[4])}">← {_e(other[4]["title"])}</a></div><div class="nav-next"><a>{_e(other[5]["title"])} →</a></div></nav>
    <div id="comments" class="comments-area"><h2>6 thoughts on “{_e(item["title"])}”</h2><ol class="comment-list">{"".join(f'<li class="comment"><article class="comment-body"><footer class="comment-meta"><b class="fn">{who}</b> says:</footer><div class="comment-content"><p>{what}</p></div></article></li>' for who, what in COMMENTS)}</ol>
      <div id="respond" class="comment-respond"><h3>Leave a Reply</h3><p class="comment-notes">Your email address will not be published. Required fields are marked *</p></div></div></main></div>
    <div id="secondary" class="widget-area"><section class="widget"><h2>Recent Posts</h2><ul>{"".join(f'<li><a href="/{_slug(o)}">{_e(o["title"])}</a></li>' for o in other)}</ul></section><section class="widget widget_text"><p>Defence Ledger is an independent site that follows contracts, programmes and people. It takes no money from manufacturers and says so on every page.</p></section></div></div>
    <footer class="site-footer"><div class="site-info">Proudly powered by WordPress | Theme: Broadleaf. © 2025 Defence Ledger</div></footer></div></body></html>"""
    return page, {"text": _plain(item["body"]), "source": "Defence Ledger", "language": "en-US", "author": item["author"]}


def wire(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """Agency copy on an old server: the story hard-wrapped inside <pre>, slug lines above, desk notes below, no metadata."""
    paragraphs = "\n\n".join("\n".join(textwrap.wrap(("   " if n else "   HOLM (CP) -- ") + line.removeprefix("## "), 68)) for n, line in enumerate(item["body"]))
    other = _others(item, 7, 5)
    page = f"""<HTML><HEAD><TITLE>{_e(item["title"])}</TITLE></HEAD><BODY BGCOLOR="#FFFFFF" TEXT="#000000" LINK="#0000CC">
<CENTER><A HREF="/"><IMG SRC="/gfx/cp.gif" ALT="Continental Press" BORDER=0></A><BR>
<FONT SIZE=-1>[ <A HREF="/top.htm">Top</A> | <A HREF="/world.htm">World</A> | <A HREF="/biz.htm">Business</A> | <A HREF="/sports.htm">Sports</A> ]</FONT></CENTER><HR>
<TABLE WIDTH=600 ALIGN=CENTER><TR><TD>
<H2>{_e(item["title"])}</H2>
<P><I>{_long_day(item["published"])}</I>
<PRE>
{_e(paragraphs)}
</PRE>
<P><SMALL>(Copyright 2025 Continental Press. This material may not be published, broadcast, rewritten or redistributed.)</SMALL>
<HR><B>Other stories on this wire</B><UL>{"".join(f'<LI><A HREF="{n}.htm">{_e(o["title"])}</A>' for n, o in enumerate(other))}</UL>
<FORM ACTION="/cgi-bin/search"><INPUT NAME=q> <INPUT TYPE=SUBMIT VALUE="Search the wire"></FORM>
</TD></TR></TABLE></BODY></HTML>"""
    text = _plain(item["body"])
    return page, {"text": ["HOLM (CP) -- " + text[0], *text[1:]], "source": None, "language": None, "author": None, "canonical": None, "modified": None}


def ministry(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A press release on a government portal: table of contents, document details as a list, contact block, feedback form."""
    heads = [line[3:] for line in item["body"] if line.startswith("## ")]
    parts = "".join(f'<h2 id="h{n}">{_e(line[3:])}</h2>' if line.startswith("## ") else f"<p>{_e(line)}</p>" for n, line in enumerate(item["body"]))
    notes = ["Notes to editors", "The figures are provisional and exclude value added tax.", "The minister will answer questions in the press centre at 3 pm; accreditation closes at noon."]
    contents = "".join(f'<li class="contents-list__item"><a href="#h{n}">{_e(head)}</a></li>' for n, head in enumerate([*heads, "Notes to editors", "Share this page", "Updates to this page"]))
    page = f"""<!DOCTYPE html><html lang="en" class="template"><head><meta charset="utf-8"><title>{_e(item["title"])} - Ministry of Defence of Northland</title>
    <meta name="DC.title" content="{_e(item["title"])}"><meta name="DC.creator" content="Ministry of Defence"><meta name="DC.date.issued" scheme="W3CDTF" content="{item["published"][:10]}"><meta name="dcterms.modified" content="{item["modified"]}"><meta name="DC.language" content="en">
    <link rel="canonical" href="{url}"><meta property="og:site_name" content="Government of Northland"></head><body class="gov-template">
    <div id="global-cookie-message" class="cookie-banner" role="region" aria-label="cookie banner"><h2>Cookies on the government portal</h2><p>We use some essential cookies to make this website work. We would like to set additional cookies to understand how you use the portal, remember your settings and improve government services.</p><button>Accept additional cookies</button></div>
    <header class="gov-header"><div>Government of Northland</div><form role="search"><label for="s">Search</label><input id="s" type="search"></form></header>
    <div class="breadcrumbs"><ol><li><a href="/">Home</a></li><li><a href="/defence">Defence and armed forces</a></li></ol></div>
    <main id="content" role="main"><span class="title__context">Press release</span><h1 class="title__text">{_e(item["title"])}</h1><p class="lead-paragraph">{_e(item["lead"])}</p>
    <dl class="metadata"><dt>From:</dt><dd><a href="/mod">Ministry of Defence</a> and <a href="/m">Ilmar Tuule</a></dd><dt>Published</dt><dd>{_long_day(item["published"])}</dd><dt>Last updated</dt><dd>{_long_day(item["modified"])} — <a href="#history">See all updates</a></dd></dl>
    <div class="grid"><div class="one-third"><nav aria-label="Contents" class="contents-list"><h2>Contents</h2><ol>{contents}</ol></nav>
      <ul class="side-nav"><li><a href="/a">Speeches</a></li><li><a href="/b">Tenders and contracts</a></li><li><a href="/c">Parliamentary questions answered by the minister</a></li></ul></div>
    <div class="two-thirds"><div class="govspeak">{parts}<h2 id="notes">{notes[0]}</h2><ol><li>{notes[1]}</li><li>{notes[2]}</li></ol></div>
      <div class="contact vcard"><h3>Press office</h3><p>Media enquiries: press@mod.northland.example, telephone 0300 555 0100 (24 hours)</p><p>Please note that this number is for journalists only. Members of the public should use the contact form.</p></div>
      <div class="share"><h2>Share this page</h2><p>The following links open in a new tab</p><ul><li><a>Share on Facebook</a></li><li><a>Share on X</a></li></ul></div>
      <div id="history" class="published-dates"><h2>Updates to this page</h2><p>Published {_long_day(item["published"])}. The figures in the second paragraph were corrected on {_long_day(item["modified"])}.</p></div></div></div>
    <div class="related-navigation"><h2>Related content</h2><ul>{"".join(f'<li><a href="/{_slug(o)}">{_e(o["title"])}</a></li>' for o in _others(item))}</ul></div></main>
    <div class="feedback"><h2>Is this page useful?</h2><button>Yes this page is useful</button><button>Report a problem</button><p>Help us improve the portal. Don’t include personal or financial information like your national insurance number or credit card details.</p></div>
    <footer class="gov-footer"><p>All content is available under the Open Government Licence, except where otherwise stated</p><p>© Crown of Northland</p></footer></body></html>"""
    return page, {"text": [item["lead"], *_plain(item["body"]), *notes], "source": "Government of Northland", "language": "en", "author": "Ministry of Defence"}


def amp(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """An AMP page: custom elements, sidebar, ad slots, sticky sharing, a list of further stories; canonical on another host."""
    other = _others(item, 5, 4)
    body = []
    for at, line in enumerate(item["body"]):
        body.append(f"<h2>{_e(line[3:])}</h2>" if line.startswith("## ") else f"<p>{_e(line)}</p>")
        if at % 2 == 1:
            body.append('<div class="amp-ad-wrapper"><p class="label">ADVERTISEMENT</p><amp-ad width="300" height="250" type="doubleclick"><div placeholder>Loading the best offers for you</div></amp-ad></div>')
        if at == 2:
            body.append('<amp-twitter width="375" height="472" data-tweetid="1"><blockquote placeholder>We will publish the text of the agreement tonight. Thank you for your patience.</blockquote></amp-twitter>')
    page = f"""<!doctype html><html ⚡ lang="en-IE"><head><meta charset="utf-8"><title>{_e(item["title"])} – Harbour Gazette</title><link rel="canonical" href="{url}">
    <meta name="viewport" content="width=device-width,minimum-scale=1">{_ld(_news(item, host, url, publisher={"@type": "Organization", "name": "Harbour Gazette"}))}
    <style amp-custom>p{{font:16px serif}}</style><script async src="https://cdn.amp.example/v0.js"></script></head><body>
    <amp-analytics type="x"><script type="application/json">{{"vars":{{"title":"{_e(item["title"])}"}}}}</script></amp-analytics>
    <amp-sidebar id="sb" layout="nodisplay"><ul>{_menu(host)}</ul><p>Subscribe to the Gazette and read without advertising from two euros a week, cancel at any time.</p></amp-sidebar>
    <amp-consent id="c" layout="nodisplay"><div id="ui"><p>{COOKIES}</p><button>Accept</button></div></amp-consent>
    <header class="top"><button on="tap:sb.toggle">☰</button><a href="/">Harbour Gazette</a></header>
    <div class="article"><h1 class="hl">{_e(item["title"])}</h1><p class="sub">{_e(item["lead"])}</p><div class="by"><span>{_e(item["author"])}</span> <span class="ts">Updated: {item["modified"][:10]}</span></div>
    <amp-carousel width="400" height="300" type="slides"><div class="slide"><amp-img src="1.jpg" width="4" height="3"></amp-img><div class="caption">{_e(item["caption"])} Photo: Gazette archive</div></div></amp-carousel>
    <div class="share"><amp-social-share type="email"></amp-social-share><amp-social-share type="whatsapp"></amp-social-share></div>
    <div class="txt">{"".join(body)}</div>
    <amp-accordion><section><h4>About this story</h4><div><p>This story was produced by the Gazette’s newsroom. Corrections can be sent to the readers’ editor at the address given in the imprint.</p></div></section></amp-accordion></div>
    <amp-list src="/more.json" class="more"><div placeholder>{"".join(f'<div class="story"><a href="/{_slug(o)}"><h3>{_e(o["title"])}</h3><p>{_e(o["lead"])}</p></a></div>' for o in other)}</div></amp-list>
    <footer><p>Harbour Gazette, 4 Mole Street, Port Adelin. Registered in Elland under number 118221. Member of the Press Council.</p></footer></body></html>"""
    return page, {"text": [item["lead"], *_plain(item["body"])], "source": "Harbour Gazette", "language": "en-IE"}


def tables(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A page of the nineties that still runs: nested layout tables, fonts, spacer images, paragraphs by <br><br>, windows-1252."""
    other = _others(item, 7, 6)
    text = "<br><br>\n".join(f"<b>{_e(line[3:])}</b>" if line.startswith("## ") else _e(line) for line in item["body"])
    left = "".join(f'<tr><td bgcolor="#003366"><font face="Arial" size="1"><a href="/{s}.asp">{s}</a></font></td></tr>' for s in SECTIONS)
    page = f"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN"><html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1252">
<title>Lesna Post: {_e(item["title"])}</title><meta name="author" content="{_e(item["author"])}"><meta name="date" content="{item["published"][:10]}"><meta name="publisher" content="Lesna Post"><meta http-equiv="content-language" content="en"></head>
<body leftmargin="0" topmargin="0" marginwidth="0"><table width="760" border="0" cellspacing="0" cellpadding="0" align="center"><tr><td colspan="3"><img src="/spacer.gif" width="760" height="1"><br>
<table width="100%"><tr><td><a href="/"><img src="/logo.gif" border="0"></a></td><td align="right"><font size="1" face="Arial">Thursday | 12:04 | Subscribe | Archive | Weather: rain, 7 degrees, wind from the west</font></td></tr></table></td></tr>
<tr valign="top"><td width="120"><table width="120">{left}</table></td><td width="480"><table width="100%" cellpadding="8"><tr><td>
<font face="Times New Roman" size="5"><b>{_e(item["title"])}</b></font><br><font face="Arial" size="1" color="#666666">by {_e(item["author"])}, {_long_day(item["published"])}</font><br><br>
<table align="right" width="200"><tr><td><img src="photo.jpg" width="200"></td></tr><tr><td><font size="1" face="Arial">{_e(item["caption"])}</font></td></tr></table>
<font face="Times New Roman" size="3">{text}</font><br><br>
<table width="100%" bgcolor="#eeeeee"><tr><td><font size="1" face="Arial"><b>On the same subject</b><br>{"<br>".join(f'<a href="/{n}.asp">{_e(o["title"])}</a> ({o["published"][:10]})' for n, o in enumerate(other[:5]))}</font></td></tr></table>
<font size="1" face="Arial"><a href="#">Print this article</a> | <a href="#">Send it to a friend</a> | <a href="#">Letter to the editor</a></font></td></tr></table></td>
<td width="160" bgcolor="#f0f0e0"><table cellpadding="4">{"".join(f'<tr><td><font size="2"><b><a href="/{n}x.asp">{_e(o["title"])}</a></b><br>{_e(o["lead"])}</font></td></tr>' for n, o in enumerate(other))}</table></td></tr>
<tr><td colspan="3" align="center"><hr><font size="1">Copyright 1999-2025 Lesna Post. Reproduction in whole or in part is forbidden without the written consent of the publisher.</font></td></tr></table></body></html>"""
    return page, {"text": _plain(item["body"]), "source": "Lesna Post", "language": "en", "canonical": None, "modified": None, "charset": "windows-1252"}


def soup(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A portal's div soup: text nodes and <br><br> in one div with adverts between, empty class names, scripts in the middle."""
    other = _others(item, 6, 2)
    chunks = []
    for at, line in enumerate(item["body"]):
        chunks.append(f"<b>{_e(line[3:])}</b>" if line.startswith("## ") else _e(line))
        if at == 1:
            chunks.append('<div class="banner_in"><script>ads.push({id:7})</script><a href="//ads.example">Winter tyres from 39 a piece</a></div>')
        if at == 3:
            chunks.append(f'<div class="inset"><div class="inset_t">See also</div><a href="/n/{_slug(other[0])}">{_e(other[0]["title"])}</a></div>')
        chunks.append("<br>&nbsp;<br/>")
    page = f"""<html><head><meta charset="utf-8"><title>{_e(item["title"])} :: Portal 24</title><meta property="og:title" content="{_e(item["title"])}"><meta property="og:site_name" content="Portal 24">
    <meta property="og:url" content="{url}"><meta property="og:locale" content="en_GB"><meta property="article:published_time" content="{item["published"]}"><meta property="article:modified_time" content="{item["modified"]}"><meta property="article:author" content="https://social.example/portal24"></head>
    <body><div class="wrap"><div class="top_line"><a href="/">Portal 24</a> <a href="/reg">Log in</a> <span class="rate">EUR 1.08 USD 0.92</span></div><div class="m">{_menu(host, "span")}</div>
    <div class="cols"><div class="c1"><div class="h_big">{_e(item["title"])}</div><div class="dt">{_long_day(item["published"])}, 08:15 | <span class="v">12 345 views</span> | <span class="au">Author: {_e(item["author"])}</span></div>
    <div class="ph"><img src="/u/1.jpg"><i>{_e(item["caption"])}</i></div>
    <div class="t">{"".join(chunks)}</div>
    <div class="err">Found a mistake? Select it and press Ctrl+Enter, and our editors will correct it as soon as they can.</div>
    <div class="sub_tg">Subscribe to our channel so that you do not miss the most important news of the day.</div>
    <div class="lst">{"".join(f'<div class="i"><a href="/n/{_slug(o)}">{_e(o["title"])}</a><br>{_e(o["lead"])} {_e(o["body"][0])}</div>' for o in other)}</div></div>
    <div class="c2"><div class="hd">News feed</div>{"".join(f'<div class="f"><span>1{n}:05</span> <a href="/n/{_slug(o)}">{_e(o["title"])}</a></div>' for n, o in enumerate(_others(item, 10, 0)))}</div></div>
    <div class="ft">Use of materials is permitted only with a direct hyperlink open to search engines in the first paragraph. Materials marked as partner content are published as advertising.</div></div></body></html>"""
    return page, {"text": _plain(item["body"]), "source": "Portal 24", "language": "en-GB"}


def live(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A live blog: time-stamped posts, newest first, a summary box, posts that embed, a timeline and a list of other live blogs."""
    second = _others(item, 1, 7)[0]
    posts = [line for line in [*item["body"], *second["body"][:4]] if not line.startswith("## ")][::-1]
    heads = [f"{' '.join(line.split()[:6])} …" for line in posts]
    updates = [{"@type": "BlogPosting", "headline": head, "datePublished": f"{item['published'][:11]}{20 - n:02}:15:00Z", "articleBody": line} for n, (head, line) in enumerate(zip(heads, posts, strict=True))]
    blog = _news(item, host, url, "LiveBlogPosting", liveBlogUpdate=updates, coverageStartTime=item["published"], coverageEndTime=item["modified"], publisher={"@type": "Organization", "name": "Kontinent Live"})
    blocks = "".join(f"""<li class="liveblog-post" id="p{n}"><div class="post-meta"><time class="post-time" datetime="{item["published"][:11]}{20 - n:02}:15:00Z">{20 - n:02}:15 GMT</time><a class="permalink" href="#p{n}">Permalink</a></div>
      <h3>{_e(head)}</h3><div class="post-content"><p>{_e(line)}</p></div><div class="post-share"><button>Share</button><button>Copy link to post</button></div></li>""" for n, (head, line) in enumerate(zip(heads, posts, strict=True)))
    page = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Live: {_e(item["title"])} - latest updates | Kontinent</title><link rel="canonical" href="{url}">
    <meta property="og:title" content="{_e(item["title"])}"><meta property="og:type" content="article">{_ld(blog)}</head><body>
    <header class="site-head"><nav>{_menu(host)}</nav></header><div class="live-bar"><span class="pulse">LIVE</span> 1,204 following</div>
    <main><div class="liveblog-header"><h1>{_e(item["title"])}</h1><p class="dek">{_e(item["lead"])}</p><p class="by">With {_e(item["author"])} and agencies</p></div>
    <div class="liveblog-summary" role="complementary"><h2>What we know so far</h2><ul>{"".join(f'<li>{_e(line.split(".")[0])}</li>' for line in posts[:4])}</ul></div>
    <div class="sort"><button>Newest first</button><button>Oldest first</button><span>Refresh for new posts</span></div>
    <ol class="liveblog-posts">{blocks}</ol><button class="load-more">Load older posts</button></main>
    <aside class="timeline"><h2>Timeline</h2><ol>{"".join(f'<li><a href="#p{n}"><b>{20 - n}:15</b> {_e(head)}</a></li>' for n, head in enumerate(heads))}</ol></aside>
    <section class="other-live"><h2>Other live coverage</h2>{"".join(f'<div><a href="/{_slug(o)}">{_e(o["title"])}</a><p>{_e(o["lead"])}</p></div>' for o in _others(item, 4))}</section>
    <footer>© Kontinent 2025. Live text may contain errors which will be corrected in later posts.</footer></body></html>"""
    text = [item["lead"], *(part for pair in zip(heads, posts, strict=True) for part in pair)]
    return page, {"text": text, "source": "Kontinent Live", "language": "en", "judged": "live_blog"}


def paywall(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A metered business daily: two paragraphs, then the offer; the rest is not in the page."""
    other = _others(item, 6, 5)
    page = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{_e(item["title"])} | Ledger & Crown</title><link rel="canonical" href="{url}">
    {_ld(_news(item, host, url, isAccessibleForFree=False, hasPart={"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".premium-body"}, wordCount=sum(len(line.split()) for line in item["body"]), publisher={"@type": "Organization", "name": "Ledger & Crown"}))}
    </head><body class="tier-anonymous"><header><nav><ul>{_menu(host)}</ul></nav><a href="/subscribe">Subscribe for 1 euro</a></header>
    <main><article class="story story--locked"><h1>{_e(item["title"])}</h1><p class="story__deck">{_e(item["lead"])}</p><div class="story__meta"><span class="story__author">{_e(item["author"])}</span><time datetime="{item["published"]}">{_long_day(item["published"])}</time></div>
    <figure><img src="/1.jpg"><figcaption>{_e(item["caption"])} © Ledger & Crown</figcaption></figure>
    <div class="story__body"><p>{_e(item["body"][0])}</p><p class="fade-out">{_e(item["body"][1])}</p></div>
    <div class="paywall" data-offer="trial"><h2>Subscribe to continue reading</h2><p>This article is reserved for subscribers. Get unlimited access to all articles, the archive back to 1921, and the weekend magazine.</p>
      <ul><li>Four weeks for one euro, then 29 euros a month</li><li>Cancel at any time during your trial</li><li>Already a subscriber? <a href="/login">Sign in</a></li></ul><button>Start your trial</button><p>Or buy this article for 2.50 euros and keep it for a year.</p></div></article>
    <section class="recirc"><h2>Recommended</h2>{"".join(f'<div class="recirc__item"><a href="/{_slug(o)}">{_e(o["title"])}</a><p>{_e(o["lead"])}</p></div>' for o in other)}</section></main>
    <footer><p>Ledger & Crown and its journalism are subject to a self-regulation regime under the editorial code of practice.</p></footer></body></html>"""
    return page, {"text": [item["lead"], *item["body"][:2]], "source": "Ledger & Crown", "language": "en", "judged": "paywall"}


def client(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """An application that draws itself in the browser: the body holds a skeleton, the article stands in JSON-LD only."""
    text = "\n\n".join(_plain(item["body"]))
    ld = _news(item, host, url, articleBody=text, articleSection="World", publisher={"@type": "Organization", "name": "Nordlys Daily"}, inLanguage="en-GB")
    page = f"""<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{_e(item["title"])}</title>
    <link rel="preload" as="script" href="/app.8f3c.js"><link rel="canonical" href="{url}"><meta property="og:image" content="https://{host}/og.png">{_ld(ld)}</head><body>
    <noscript><div class="nojs">You need to enable JavaScript to run this app. Without it we cannot show you the stories, the videos and the interactive maps of this site.</div></noscript>
    <div id="app"><div class="skeleton-header"></div><div class="skeleton"><span></span><span></span><span></span></div>
    <div class="shell-links">{_menu(host, "span")}</div><div class="shell-promo"><p>The Nordlys app brings you breaking news, live video and the crossword. Download it for free in your store and choose which alerts you want to receive.</p></div></div>
    {_script(30000)}<div class="shell-footer"><p>Editor in chief: S. Haugen. Nordlys Daily is edited according to the code of press ethics and is responsible for all content on this page.</p></div></body></html>"""
    return page, {"text": _plain(item["body"]), "source": "Nordlys Daily", "language": "en-GB"}


def video(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A broadcaster's video page: player markup, a transcript in a fold-out, a playlist of other clips with descriptions."""
    transcript = "".join(f'<p><span class="tc" aria-hidden="true">0{n}:1{n}</span>{_e(line)}</p>' for n, line in enumerate(_plain(item["body"])))
    other = _others(item, 9, 1)
    page = f"""<!DOCTYPE html><html lang="en-US"><head><meta charset="utf-8"><title>Video: {_e(item["title"])} – Lake Television</title><link rel="canonical" href="{url}"><meta property="og:site_name" content="Lake Television"><meta property="og:title" content="{_e(item["title"])}"><meta property="og:type" content="video.other">
    {_ld({"@context": "https://schema.org", "@type": "VideoObject", "name": item["title"], "description": item["lead"], "uploadDate": item["published"], "duration": "PT4M12S", "author": {"@type": "Person", "name": item["author"]}, "thumbnailUrl": "https://" + host + "/t.jpg"})}</head>
    <body><div class="header-wrap"><div class="nav-primary" role="navigation"><ul>{_menu(host)}</ul></div><div class="now-on-air"><b>On air</b> The Late Bulletin with our team in Fort Alder, repeated at midnight</div></div>
    <div class="video-page"><div class="player" data-src="blob:https://{host}/1"><div class="player__overlay"><p>Your browser does not support this video. Please update it or switch to another browser to watch.</p><button>Play</button><span>04:12</span></div><div class="player__captions">English (auto-generated)</div></div>
    <div class="video-info"><h1>{_e(item["title"])}</h1><p class="video-description">{_e(item["lead"])}</p><p class="air-date">{_long_day(item["published"])}</p></div>
    <details class="transcript" open><summary>Transcript</summary><div class="transcript__note">Transcripts are produced automatically and may contain errors. Please check the audio before quoting.</div><div class="transcript__text">{transcript}</div></details>
    <div class="playlist"><h2>Up next</h2>{"".join(f'<div class="clip"><a href="/v/{n}"><img src="/t{n}.jpg"><span class="dur">0{n}:30</span><h3>{_e(o["title"])}</h3></a><p>{_e(o["lead"])} {_e(o["body"][0])}</p></div>' for n, o in enumerate(other))}</div></div>
    <div class="footer-links"><p>Lake Television Corporation. Closed captioning and audio description: call our viewer line on weekdays.</p></div></body></html>"""
    return page, {"text": [item["lead"], *_plain(item["body"])], "source": "Lake Television", "language": "en-US", "modified": None}


def parts(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A magazine that divides its stories: page 1 of 3, page links above and below, sponsor boxes, meta tags of analytics tools."""
    other = _others(item, 5, 3)
    body = "".join(f"<h4>{_e(line[3:])}</h4>" if line.startswith("## ") else (f'<p class="dropcap"><span class="dc">{_e(line[0])}</span>{_e(line[1:])}</p>' if not n else f"<p>{_e(line)}</p>") for n, line in enumerate(item["body"]))
    pager = '<div class="pagination"><span>Page 1 of 3</span> <a href="?page=2" rel="next">Next page</a> <a href="?page=all">Read on a single page</a></div>'
    page = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{_e(item["title"])} – Page 1 – The Foreign Quarterly</title><link rel="canonical" href="{url}"><link rel="next" href="{url}?page=2">
    <meta name="parsely-title" content="{_e(item["title"])}"><meta name="parsely-pub-date" content="{item["published"]}"><meta name="parsely-author" content="{_e(_authors(item)[0])}">{"".join(f'<meta name="parsely-author" content="{_e(a)}">' for a in _authors(item)[1:])}<meta name="sailthru.date" content="{item["published"]}"><meta property="og:site_name" content="The Foreign Quarterly"></head>
    <body><div id="topbar"><a href="/subscribe">Subscribe</a><a href="/login">Log in</a></div><div id="header"><h2 class="logo">The Foreign Quarterly</h2><div id="mainmenu"><ul>{_menu(host)}</ul></div></div>
    <div id="container"><div id="leftcol"><h1 class="storytitle">{_e(item["title"])}</h1><h3 class="storysub">{_e(item["lead"])}</h3><div class="storyinfo">By {_e(item["author"])} | {_long_day(item["published"])}</div>
    <div class="tools"><a>Email</a> <a>Print</a> <a>Text size</a> <a>Reprints</a></div>{pager}
    <div id="storybody"><div class="imgbox right"><img src="1.jpg"><span class="cutline">{_e(item["caption"])}</span></div>{body}<div class="sponsor">Paid for by the Port of Holm: discover why forty shipping lines have chosen the deepest harbour in the north. <a>Learn more</a></div></div>{pager}
    <div class="bio"><p><i>{_e(BIO.format(author=item["author"]))}</i></p></div></div>
    <div id="rightcol"><div class="box"><h3>Editor’s picks</h3>{"".join(f'<div class="pick"><a href="/{_slug(o)}">{_e(o["title"])}</a><p>{_e(o["body"][0])}</p></div>' for o in other)}</div>
    <div class="box poll"><h3>Poll</h3><p>Should members of the alliance spend more on their railways than on their air forces?</p><label><input type=radio>Yes</label><label><input type=radio>No</label><button>Vote</button></div></div></div>
    <div id="footer">© 2025 The Foreign Quarterly. Published since 1931 by the Society for International Affairs.</div></body></html>"""
    return page, {"text": [item["lead"], *_plain(item["body"])], "source": "The Foreign Quarterly", "language": "en", "judged": "part", "modified": None}


def briefing(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """Questions and answers: speakers in bold or a question as a heading, on an institution's site with a list of other events."""
    rows = []
    for n, line in enumerate(item["body"]):
        speaker, mark, said = line.partition(": ")
        if mark and len(speaker) < 30:
            rows.append(f"<p><strong>{_e(speaker)}:</strong> {_e(said)}</p>")
        else:
            rows.append(f"<h3>{_e(line)}</h3>" if n % 2 == 0 else f"<div class='answer'>{_e(line)}</div>")
    other = _others(item, 6, 0)
    page = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{_e(item["title"])} | Office of the Spokesperson</title><meta property="og:title" content="{_e(item["title"])}"><meta property="og:site_name" content="Office of the Spokesperson"><link rel="canonical" href="{url}">{f'<meta name="author" content="{_e(item["author"])}">' if item["author"] else ""}</head>
    <body><div class="banner-official" aria-label="Official website"><p>An official website. Here’s how you know: official websites use our domain, and secure sites use a lock.</p></div>
    <header><nav aria-label="Main"><ul>{_menu(host)}</ul></nav></header><div class="hero"><p class="kicker">Briefings</p><h1>{_e(item["title"])}</h1><time datetime="{item["published"]}">{_long_day(item["published"])}</time></div>
    <div class="layout"><div class="layout__main"><p class="summary"><em>{_e(item["lead"])}</em></p><div class="embed-video"><iframe src="https://video.example/1" title="Video of the briefing"></iframe><p class="embed-note">If the video does not play, allow third-party content in your settings.</p></div>
    {"".join(rows)}<p class="end">###</p></div>
    <div class="layout__side"><h2>Upcoming events</h2><ul>{"".join(f'<li><b>{o["published"][:10]}</b> {_e(o["title"])}: {_e(o["lead"])}</li>' for o in other)}</ul><h2>Subscribe to updates</h2><p>Receive transcripts by email as soon as they are published. We do not share your address.</p></div></div>
    <div class="back-to-top"><a href="#top">Back to top</a></div><footer><p>White pages, accessibility statement, freedom of information, no fear act, privacy programme</p></footer></body></html>"""
    return page, {"text": [item["lead"], *_plain(item["body"])], "source": "Office of the Spokesperson", "language": "en", "author": item["author"] or None, "modified": None}


def notices(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """Contract notices: one long list, centred service names, a footnote, inside a content management system's wrappers."""
    rows = []
    for line in item["body"]:
        if line.startswith("## "):
            rows.append(f'<p style="text-align: center;"><strong>{_e(line[3:])}</strong></p>')
        elif item["title"].startswith("Framework") and ": " in line:
            rows.append(f"<ul><li><strong>{_e(line.partition(': ')[0])}:</strong> {_e(line.partition(': ')[2])}</li></ul>")
        else:
            rows.append(f"<p>{_e(line)}&nbsp;</p>")
    page = f"""<!DOCTYPE html><html lang="en-us"><head id="Head"><meta content="text/html; charset=UTF-8" http-equiv="Content-Type"><title>{_e(item["title"])} > Procurement Agency > Contract View</title><meta name="description" content="{_e(item["lead"])}"><meta property="og:title" content="{_e(item["title"])}"><meta property="og:site_name" content="Procurement Agency"><meta property="og:url" content="{url}"><meta name="author" content="{_e(item["author"])}"></head>
    <body id="Body"><form method="post" id="Form"><input type="hidden" name="__VIEWSTATE" value="{"dDwtMTA4" * 400}">
    <div class="skin-header"><div class="hamburger"></div><ul class="dnnmega">{_menu(host)}</ul></div>
    <div class="skin-body"><div id="dnn_ContentPane" class="content-pane"><div class="DnnModule"><div class="breadcrumbs">HOME > NEWS > CONTRACTS</div>
    <div class="item-container contracts-view"><div class="header"><h1 class="maintitle">{_e(item["title"])}</h1><div class="info"><span class="date">{_long_day(item["published"])}</span></div><div class="social-share"><a>SHARE</a><a>PRINT</a></div></div>
    <div class="content content-wrap"><div class="inside ntext"><div class="body">{"".join(rows)}</div></div></div>
    <div class="tags"><span>Tags: <a>contracts</a></span></div></div></div>
    <div class="DnnModule promo"><h2>MORE CONTRACTS</h2><ul class="listing">{"".join(f'<li><a href="/c/{n}"><h3>Contracts for an earlier day</h3><p>{_e(line)}</p></a></li>' for n, line in enumerate(invented()["contracts"][n % 3]["body"][1] for n in range(6)))}</ul></div></div></div>
    <div class="skin-footer"><div>Hosted by the Defence Media Activity. The appearance of hyperlinks does not constitute endorsement.</div></div></form></body></html>"""
    return page, {"text": _plain(item["body"]), "source": "Procurement Agency", "language": "en-us", "author": item["author"] or None, "modified": None}


def broken(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """Markup that no validator has seen: unclosed and crossed tags, unquoted attributes, two bodies, hidden text, broken JSON-LD."""
    other = _others(item, 5, 2)
    body = "\n".join(f"<h3>{_e(line[3:])}" if line.startswith("## ") else (f"<p><b>{_e(line)}</p></b>" if n == 0 else f"<p class=para>{_e(line)}") for n, line in enumerate(item["body"]))
    page = f"""<html lang=en><head><title>{_e(item["title"])} &mdash; Orva Courier<meta charset=utf-8></title><meta property=og:title content="{_e(item["title"])}"><meta property=og:site_name content="Orva Courier"><meta name=author content='{_e(item["author"])}'>
<meta property="article:published_time" content="{item["published"]}"><meta property="article:modified_time" content="{item["modified"]}"><link rel=canonical href={url}>
<script type="application/ld+json">{{"@context":"https://schema.org","@type":"NewsArticle","headline":"{_e(item["title"])}","author":{{"name":"Wrong Person"}},}}</script></head>
<body onload="init()"><body class=article><img src="https://pix.example/1.gif" width=1 height=1 alt="tracking"><div class=menu><ul><li><a href=/>Home<li><a href=/world>World<li><a href=/war>War<li><a href=/money>Money</ul></div>
<div style="display:none">Orva Courier news today, latest news, breaking news, defence news, army, navy, air force, contracts, ministers, budgets, conflicts and elections in the valley and in the world.</div>
<div class=visually-hidden aria-hidden=true>You are reading a page of the Orva Courier. Use the arrow keys to move between the sections of the page.</div>
<center><h1>{_e(item["title"])}</h1></center></div></div>
<div id=story-text><span class=author>{_e(item["author"])}</span>
<img src="data:image/png;base64,{"iVBORw0KGgo" * 60}" alt="">
<p class=caption><small>{_e(item["caption"])}</small>
{body}
<p hidden>Internal note: check the spelling of the second name before the print edition closes at eleven.
<p style="font-size:0;display: none;">orva valley news orva valley news orva valley news orva valley news orva valley news
</div></section>
<div class=also><b>You may also like</b><br><ul>{"".join(f'<li><a href=/{_slug(o)}>{_e(o["title"])}</a> {_e(o["lead"])}' for o in other)}</ul>
<div class=comments><h4>Readers write<p><b>{COMMENTS[0][0]}</b> {COMMENTS[0][1]}<p><b>{COMMENTS[1][0]}</b> {COMMENTS[1][1]}</h4></div>
<table><tr><td>Copyright Orva Courier 2025<td>Imprint<td>Contact</table></html></body></html><!-- page generated in 0.31 s --><script>var a="</p></div>"</script>"""
    return page, {"text": _plain(item["body"]), "source": "Orva Courier", "language": "en"}


def tabloid(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A tabloid: bullet-point summary, one-sentence paragraphs, puff boxes and videos between them, a rail and comments longer than the story."""
    other = _others(item, 11, 0)
    body = []
    for at, line in enumerate(item["body"]):
        body.append(f'<h3 class="mol-h">{_e(line[3:])}</h3>' if line.startswith("## ") else "".join(f'<p class="mol-para-with-font">{_e(s)}</p>' for s in _sentences(line)))
        if at == 1:
            body.append(f'<div class="related-carousel with-fb-btn"><h3>RELATED ARTICLES</h3><ul><li><a href="/{_slug(other[0])}">{_e(other[0]["title"])}</a></li><li><a href="/{_slug(other[1])}">{_e(other[1]["title"])}</a></li></ul><div class="ccow"><h3>Share this article</h3><a>Share</a> 1.4k shares</div></div>')
        if at == 3:
            body.append(f'<div class="moduleFull mol-video"><p class="video-title">Moment the ship leaves the harbour as families wave</p><div class="vjs-error-display">Loaded: 0% Progress: 0% 0:00 Previous Play Skip Mute Current Time 0:00 / Duration Time 0:00 Fullscreen Need Text</div></div><div class="artSplitter mol-img-group"><img src="data:image/gif;base64,R0lG"><p class="imageCaption">{_e(item["caption"])}</p></div>')
        if at == 4:
            body.append(f'<div class="mol-factbox"><h3>WHAT YOU NEED TO KNOW</h3><p>{_e(item["lead"])}</p><p>The story so far in ninety seconds: who decided what, what it costs and who says that it is too much.</p></div>')
    title = item["title"].replace("’", "&#8217;").replace(" and ", " &amp; ")
    ld = _news(item, host, url, publisher={"@type": "Organization", "name": "Daily Trumpet"}) | {"headline": title}
    page = f"""<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>{_e(item["title"].replace(" and ", " & "))} | Daily Trumpet Online</title><link rel="canonical" href="{url}"><meta property="og:title" content="{_e(item["title"])} | Daily Trumpet">{_ld(ld)}{_script(40000)}</head><body>
    <div class="page-header"><div class="nav-primary"><ul>{_menu(host)}</ul></div><div class="nav-secondary"><ul>{_menu(host)}</ul></div></div>
    <div class="articleWide"><div class="alpha"><div id="js-article-text"><h2>{_e(item["title"].replace(" and ", " & "))}</h2><ul class="mol-bullets-with-font"><li><strong>{_e(item["lead"])}</strong></li><li><strong>Have YOU seen something? Email our reporters</strong></li></ul>
    <p class="author-section byline-plain">By {_e(item["author"]).upper()} FOR DAILY TRUMPET ONLINE</p><p class="byline-section"><span class="article-timestamp-label">Published:</span> <time datetime="{item["published"]}">08:15</time> | <span>Updated:</span> <time datetime="{item["modified"]}">11:40</time></p>
    <div class="shareArticles"><ul><li>Share</li><li>e-mail</li></ul><p class="count">214 View comments</p></div><div itemprop="articleBody">{"".join(body)}</div></div>
    <div class="reader-comments"><h2>Comments 214</h2>{"".join(f'<div class="comment js-comm"><p class="user-info">{who}, somewhere, moments ago</p><p class="comment-body comment-text">{what}</p></div>' for who, what in COMMENTS * 4)}</div></div>
    <div class="beta"><div class="femail item"><h2>DON’T MISS</h2><ul>{"".join(f'<li><a href="/{_slug(o)}"><span class="pufftext"><strong>{_e(o["title"].upper())}</strong> {_e(o["lead"])} {_e(o["body"][0])}</span></a></li>' for o in other * 3)}</ul></div></div></div>
    <div class="page-footer"><p>Published by Trumpet Newspapers Ltd, part of the Trumpet, Bugle and Metro Horn group. Contact us, how to complain, leadership team, advertise with us.</p></div></body></html>"""
    text = [part for line in item["body"] for part in ([line[3:]] if line.startswith("## ") else _sentences(line))]
    return page, {"text": [item["lead"], *text], "title": item["title"].replace(" and ", " & "), "source": "Daily Trumpet", "language": "en-GB"}


def latin(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A regional site of central Europe in ISO 8859-2, declared in a meta tag only; names with their letters; mixed-language menus."""
    menu = "".join(f'<li class="pozycja"><a href="/{n}">{name}</a></li>' for n, name in enumerate(("Wiadomości", "Świat", "Wojsko", "Gospodarka", "Łączność", "Żegluga", "Ogłoszenia")))
    body = "".join(f"<h3>{_e(line[3:])}</h3>" if line.startswith("## ") else f"<p>{_e(line)}</p>" for line in item["body"])
    extra = "The report was compiled with Łukasz Żółkiewski in Gdynia and Zdeněk Šťastný in Plzeň, who spoke to officials in both ministries."
    page = f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd"><html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en"><head>
    <meta http-equiv="Content-Type" content="text/html; charset=iso-8859-2" /><title>{_e(item["title"])} - Przegląd Północny in English</title><meta property="og:title" content="{_e(item["title"])}" /><meta property="og:site_name" content="Przegląd Północny" /><meta property="article:published_time" content="{item["published"]}" /><meta name="Author" content="{_e(item["author"])}" /><link rel="canonical" href="{url}" /></head>
    <body><div id="top"><div id="logo">Przegląd Północny</div><ul id="menu">{menu}</ul></div><div id="ciasteczka">Ta strona używa ciasteczek (cookies). Korzystając z niej, zgadzasz się na ich użycie zgodnie z ustawieniami przeglądarki. <a href="#">Zamknij</a></div>
    <div id="srodek"><div class="artykul"><h1 class="tytul">{_e(item["title"])}</h1><div class="data">{_long_day(item["published"])} · {_e(item["author"])}</div><div class="zajawka"><strong>{_e(item["lead"])}</strong></div><div class="foto"><img src="f.jpg" alt="" /><div class="podpis">{_e(item["caption"])} Fot. M. Wójcik</div></div>
    <div class="tresc">{body}<p>{_e(extra)}</p></div><div class="polecane"><h4>Polecane</h4><ul>{"".join(f'<li><a href="/{n}">{_e(o["title"])}</a></li>' for n, o in enumerate(_others(item, 5)))}</ul></div></div>
    <div class="prawa"><h4>Najczęściej czytane</h4>{"".join(f'<div class="box"><a href="/{n}">{_e(o["title"])}</a><p>{_e(o["lead"])}</p></div>' for n, o in enumerate(_others(item, 6, 5)))}</div></div><div id="stopka">Wszelkie prawa zastrzeżone © 2025 Przegląd Północny sp. z o.o.</div></body></html>"""
    return page, {"text": [item["lead"], *_plain(item["body"]), extra], "source": "Przegląd Północny", "language": "en", "charset": "iso-8859-2", "modified": None}


def institute(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A think-tank's commentary: drop quote, numbered notes, a table of contents, a box on the authors, citation meta tags."""
    notes = ["Interview of the author with two officials, Port Adelin, 3 February.", "See the annual report of the Reconstruction Bank, tables 4 and 7.", "The author thanks three anonymous reviewers."]
    body = []
    for at, line in enumerate(item["body"]):
        if line.startswith("## "):
            body.append(f'<h2 id="s{at}">{_e(line[3:])}</h2>')
            continue
        mark = f'<sup class="footnote-ref"><a href="#fn{at}" id="r{at}">[{at}]</a></sup>' if at in (1, 3, 5) else ""
        body.append(f"<p>{_e(line)}{mark}</p>")
        if at == 2:
            body.append(f'<div class="drop-quote">“{_e(item["pull"])}”</div>')
    page = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{_e(item["title"])} | Institute for Security Studies</title><meta name="citation_title" content="{_e(item["title"])}">{"".join(f'<meta name="citation_author" content="{_e(a)}">' for a in _authors(item))}<meta name="citation_publication_date" content="{item["published"][:10].replace("-", "/")}"><meta name="citation_publisher" content="Institute for Security Studies"><meta property="og:site_name" content="Institute for Security Studies"><link rel="canonical" href="{url}"></head>
    <body class="node-type-commentary"><div class="region region-header"><div class="block-menu"><ul>{_menu(host)}</ul></div></div>
    <div role="main"><div class="node node--commentary"><div class="field field--name-type">Commentary</div><h1 class="page-title"><span class="field--name-title">{_e(item["title"])}</span></h1>
    <div class="field--name-authors">{_e(item["author"])}</div><div class="field--name-date"><time datetime="{item["published"][:10]}T12:00:00Z">{_long_day(item["published"])}</time></div><div class="downloads"><a href="/1.pdf">Download PDF (412 KB)</a> <a>Cite this page</a></div>
    <div class="toc-block"><h2>On this page</h2><ul><li><a href="#s0">Summary</a></li><li><a href="#s5">What follows</a></li></ul></div>
    <div class="text-formatted field field--name-body field--type-text-with-summary"><p class="field-lead">{_e(item["lead"])}</p>{"".join(body)}</div>
    <div class="footnotes"><h3>Notes</h3><ol>{"".join(f"<li id='fn{n}'>{_e(note)} <a href='#r{n}'>↩</a></li>" for n, note in enumerate(notes))}</ol></div>
    <div class="disclaimer"><p><em>Commentaries published by the Institute represent the views of their authors and not those of the Institute, which takes no institutional positions on matters of policy.</em></p></div>
    <div class="people"><h3>About the authors</h3><div class="profile"><h4>{_e(item["author"])}</h4><p>{_e(BIO.format(author=item["author"]))}</p></div></div>
    <div class="views-related"><h3>More from this programme</h3>{"".join(f'<div class="views-row"><h4><a href="/{_slug(o)}">{_e(o["title"])}</a></h4><div class="field-summary">{_e(o["body"][1])}</div></div>' for o in _others(item, 4, 6))}</div></div></div>
    <div class="region-footer"><p>The Institute is a registered charity. It is funded by subscriptions, grants and the sale of its yearbook. Its building has a lift.</p></div></body></html>"""
    return page, {"text": [item["lead"], *_plain(item["body"])], "source": "Institute for Security Studies", "language": "en", "modified": None}


def brief(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A news flash of two sentences among everything that a large site puts around it."""
    other = _others(item, 10, 3)
    short = item["body"][0]
    page = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{_e(item["title"])} - Rapid News</title><link rel="canonical" href="{url}"><meta property="og:title" content="{_e(item["title"])}">{_ld(_news(item, host, url, ["NewsArticle", "ReportageNewsArticle"], publisher={"@type": "Organization", "name": "Rapid News"}))}</head>
    <body><div data-testid="Consent" class="onetrust-pc-dark-filter"><div id="onetrust-banner-sdk"><p id="onetrust-policy-text">{COOKIES}</p></div></div>
    <header data-testid="Header"><nav><ul>{_menu(host)}</ul></nav></header><main><article data-testid="Article"><header><span>World</span><h1 data-testid="Heading">{_e(item["title"])}</h1><div><span>By {_e(item["author"])}</span><time datetime="{item["published"]}">{_long_day(item["published"])}, 6:15 AM</time><span>Updated an hour ago</span></div></header>
    <div class="article-body__content__17Yit"><p data-testid="paragraph-0">{_e(short)}</p><p data-testid="paragraph-1">The government did not immediately reply to a request for comment. More details are expected later in the day.</p>
    <p data-testid="Body"><span>Reporting by {_e(item["author"])}; editing by P. Quill</span></p><p>Our Standards: <a href="/t">The Rapid News Trust Principles.</a></p></div>
    <div class="toolbar"><a>Share</a><a>Purchase Licensing Rights</a></div></article>
    <aside data-testid="ReadNext"><h2>Read Next</h2>{"".join(f'<div class="media-story-card"><h3><a href="/{_slug(o)}">{_e(o["title"])}</a></h3><p>{_e(o["body"][0])}</p><p>{_e(o["lead"])}</p></div>' for o in other)}</aside></main>
    <footer><section><h2>About Rapid News</h2><p>Rapid News, the news division of Rapid Group, is one of the largest providers of text and pictures to editors. It supplies business, national and international news via desktop terminals, media organisations, events and directly to consumers.</p></section><p>All quotes delayed a minimum of 15 minutes.</p></footer></body></html>"""
    return page, {"text": [short, "The government did not immediately reply to a request for comment. More details are expected later in the day."], "source": "Rapid News", "language": "en"}


def _sentences(line: str) -> list[str]:
    """Divide a paragraph as a tabloid does: after a full stop that a capital or a quotation mark follows."""
    return re.split(r"(?<=[.!?]”)\s+(?=[A-Z“])|(?<=[a-z0-9)][.!?])\s+(?=[A-Z“])", line)


def _long_day(stamp: str) -> str:
    return f"{date.fromisoformat(stamp[:10]):%B %-d, %Y}"


Template = Callable[[Fields, str, str], tuple[str, Fields]]
TEMPLATES: tuple[Template, ...] = (broadsheet, hashed, wordpress, wire, ministry, amp, tables, soup, live, paywall, client, video, parts,
                                   briefing, notices, broken, tabloid, latin, institute, brief)  # fmt: skip
_OF = {"briefing": "briefings", "notices": "contracts"}


@cache
def pages() -> tuple[Page, ...]:
    """Make the sixty pages."""
    made = []
    for row, template in enumerate(TEMPLATES):
        kind = template.__name__
        pool = invented()[_OF.get(kind, "articles")]
        for number in range(3):
            item = pool[(row * 5 + number * 4) % len(pool)] if len(pool) > 3 else pool[number]
            host = f"{'amp' if kind == 'amp' else 'www'}.{kind}.example"
            url = f"https://www.{kind}.example/{item['published'][:10].replace('-', '/')}/{_slug(item)}"
            text, told = template(item, host, url)
            expected = {
                "title": item["title"], "author": "; ".join(_authors(item)) or None, "published_on": item["published"][:10],
                "canonical": url, "modified": item.get("modified"), **told,
            }  # fmt: skip
            data = text.encode(expected.pop("charset", "utf-8"), "xmlcharrefreplace")
            made.append(Page(kind, number, data, url, **{**expected, "text": "\n".join(expected["text"])}))
    return tuple(made)


def barren() -> dict[str, str]:
    """Make pages that hold no article: fronts, search results, errors, walls."""
    items, host = invented()["articles"], "www.barren.example"
    menu = f'<header><nav><ul>{_menu(host)}</ul></nav></header>'
    foot = "<footer><p>© 2025 Barren Media. All rights reserved. Terms of use, privacy policy, cookie settings.</p></footer>"

    def page(title: str, body: str, head: str = "") -> str:
        return f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>{menu}{body}{foot}</body></html>'

    cards = "".join(f'<article class="card"><a href="/{_slug(i)}"><img src="/t.jpg"><h3>{_e(i["title"])}</h3></a><p>{_e(i["lead"])}</p><span class="by">{_e(i["author"])}</span></article>' for i in items)
    hits = "".join(f'<li class="result"><h3><a href="/{_slug(i)}">{_e(i["title"])}</a></h3><p class="snippet">{_e(i["body"][0][:140])} …</p><cite>{host}/{_slug(i)}</cite></li>' for i in items)
    names = "".join(f'<li><a href="/{_slug(i)}">{_e(i["title"])}</a> <time>{i["published"][:10]}</time></li>' for i in items)
    site = _ld({"@context": "https://schema.org", "@type": "CollectionPage", "name": "Defence"})
    return {
        "front": page("Defence news | Barren", f'<main><h1>Defence</h1><section class="grid">{cards}</section><aside><h2>Most read</h2><ol>{names}</ol></aside></main>', site),
        "front-of-divs": page("Barren News - world news", "".join(f'<div class="s"><div class="k">World</div><div class="t"><a href="/{_slug(i)}">{_e(i["title"])}</a></div><div class="d"><a href="/{_slug(i)}">{_e(i["lead"])}</a></div></div>' for i in items), '<meta property="og:type" content="website">'),
        "search": page("Search results for “howitzer”", f'<main><form role="search"><input value="howitzer"></form><p>About 1,240 results (0.31 seconds)</p><ol class="results">{hits}</ol><nav class="pages">1 2 3 Next</nav></main>'),
        "tag": page("Topic: Navy", f'<main><h1>Navy</h1><ul>{names}</ul></main>'),
        "missing": page("404 - Page not found", '<main><h1>Page not found</h1><p>Sorry, the page you are looking for does not exist or has been moved. Check the address, go back to the home page or use the search.</p><a href="/">Home</a></main>'),
        "login": page("Sign in", '<main><h1>Sign in to continue</h1><form action="/login"><label>Email <input type="email"></label><label>Password <input type="password"></label><button>Sign in</button></form><p>New here? Create a free account to read three articles a month. By signing in you accept our terms and our privacy policy.</p></main>'),
        "robot": '<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1><p>Please enable JavaScript and cookies to continue. This process is automatic. Your browser will redirect to the requested content shortly. Ray 8f2c.</p></body></html>',
        "consent": f'<html lang="en"><head><title>Before you continue</title></head><body><div class="consent"><h1>We value your privacy</h1><p>{COOKIES}</p><form><button>Accept all</button><button>Reject all</button></form></div></body></html>',
        "region": page("Unavailable", "<main><h1>451: Unavailable due to legal reasons</h1><p>We recognise that you are attempting to access this website from a country that belongs to the European Economic Area and therefore cannot grant you access at this time.</p></main>"),
        "empty": '<html><head><title>Loading</title></head><body><div id="app"></div><script src="/a.js"></script></body></html>',
    }  # fmt: skip
