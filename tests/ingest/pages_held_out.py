"""Forty-eight further pages, in the manner of sixteen other kinds of site, written after the extractor was made.

They say how it does on pages that nobody had in mind: their first measurements are in the docstrings of the tests that
read them. What the first thirty showed was mended by rules, not by words that only they have; after the second round
nothing was changed. Names, events and addresses are invented.
"""

from __future__ import annotations

import html
import textwrap
from functools import cache

from tests.ingest.pages import (
    SECTIONS,
    Fields,
    Page,
    Template,
    _authors,
    _e,
    _ld,
    _long_day,
    _menu,
    _news,
    _others,
    _plain,
    _script,
    _slug,
    invented,
)

# ruff: noqa: E501 (markup is written as sites write it)


def union(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A press release of a union of states: component library, press contacts, background, links to the decisions."""
    body = "".join(
        f'<h2 class="ecl-u-type-heading-2">{_e(line[3:])}</h2>'
        if line.startswith("## ")
        else f'<p class="ecl-u-type-paragraph">{_e(line)}</p>'
        for line in item["body"]
    )
    page = f"""<!DOCTYPE html><html lang="en" dir="ltr"><head><meta charset="utf-8"><title>{_e(item["title"])} - Council of the Union</title><meta property="og:title" content="{_e(item["title"])}"><meta property="og:site_name" content="Council of the Union"><meta property="article:published_time" content="{item["published"]}"><link rel="canonical" href="{url}"></head><body>
    <div class="ecl-site-header"><div class="ecl-site-header__language"><a href="#">Choose language, current: English</a><ul><li><a lang="fr">français</a></li><li><a lang="de">Deutsch</a></li></ul></div><div class="ecl-mega">{_menu(host)}</div></div>
    <div class="ecl-page-header"><div class="ecl-page-header__meta">Press release | {item["published"][:10]} | 12:40 | 412/25</div><h1 class="ecl-page-header__title">{_e(item["title"])}</h1></div>
    <div class="ecl-container"><div class="ecl-row"><div class="ecl-col-l-3"><div class="ecl-inpage-navigation"><div>Page contents</div><ul><li><a href="#a">Top</a></li><li><a href="#b">Background</a></li><li><a href="#c">Press contacts</a></li></ul></div></div>
    <div class="ecl-col-l-9"><div class="ecl"><p class="ecl-u-type-paragraph"><strong>{_e(item["lead"])}</strong></p>{body}<h2 id="b">Background</h2><p>The decision implements the strategic plan that heads of state and government adopted in March. It enters into force on the day after its publication.</p>
    <ul class="ecl-file-list"><li><a href="/1.pdf">Council decision on the common fund (text)</a></li><li><a href="/2.pdf">Strategic plan</a></li><li><a href="/3">Security and defence (background information)</a></li></ul></div>
    <div class="ecl-social-media-share"><p>Share this page</p><a>X</a><a>LinkedIn</a></div><div class="press-contacts"><h2>Press contacts</h2><div class="card"><b>Paula Vries</b><div>Press officer</div><div>+00 2 555 01 01</div><div>If you are not a journalist, please send your request to the public information service.</div></div></div></div></div></div>
    <div class="ecl-site-footer"><p>This site is managed by the General Secretariat. It does not reflect the views of any single government.</p></div></body></html>"""
    back = [
        "Background",
        "The decision implements the strategic plan that heads of state and government adopted in March. It enters into force on the day after its publication.",
    ]
    return page, {
        "text": [item["lead"], *_plain(item["body"]), *back],
        "source": "Council of the Union",
        "language": "en",
        "author": None,
        "modified": None,
    }


def agency(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A state news agency: place and day in the first line, a feed of headlines down the side, paragraphs in a text block."""
    rest = "".join(
        f"<p>{_e(line.removeprefix('## '))}</p>" if not line.startswith("## ") else f"<h2>{_e(line[3:])}</h2>"
        for line in item["body"][1:]
    )
    first = f"LESNA, {_long_day(item['published']).rsplit(',', 1)[0]}. /LNA/. {item['body'][0]}"
    page = f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{_e(item["title"])} - Politics - LNA</title><meta property="og:title" content="{_e(item["title"])}"><meta property="og:site_name" content="LNA"><meta property="og:url" content="{url}"><meta property="og:locale" content="en_US"></head><body><div id="sitename">LNA</div>
    <div class="wrapper"><div class="newsfeed-column"><div class="newsfeed-column__title">All news</div>{"".join(f'<a class="newsfeed-item" href="/{_slug(o)}"><span class="dt">{n}:40</span><span>{_e(o["title"])}</span><span>{_e(o["lead"])}</span><span class="more-link">Read more</span></a>' for n, o in enumerate(_others(item, 9)))}</div>
    <div class="content-column"><div class="news-header"><div class="news-header__top"><time class="news-header__date" datetime="{item["published"]}">{_long_day(item["published"])}, 11:03</time></div><h1 class="news-header__title">{_e(item["title"])}</h1><div class="news-header__lead">{_e(item["lead"])}</div></div>
    <div class="news-media"><img src="//cdn.example/1.jpg"><div class="news-media__descr">{_e(item["caption"])}</div><div class="news-media__author">© Press service/LNA</div></div>
    <div class="news"><div class="text-content"><div class="text-block"><p>{_e(first)}</p>{rest}</div></div><div class="tags-block"><div>Tags</div><a href="/t">Lesna</a><a href="/u">Foreign policy</a></div></div>
    <div class="specials"><div class="specials__title">In other media</div><div class="specials__card"><b>Ten habits of people who never lose their umbrella</b><div>The seventh one surprised even the experts in our editorial office.</div></div></div></div></div>
    <div id="bottom"><div>LNA News Agency, certificate of registration no. 03247 issued on 2 April 1999. Some publications may contain information not intended for users under 16 years of age.</div></div>{_script(3000)}</body></html>"""
    return page, {
        "text": [item["lead"], first, *_plain(item["body"][1:])],
        "source": "LNA",
        "language": "en-US",
        "author": None,
        "modified": None,
    }


def letter(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A newsletter platform: subscription widgets between paragraphs, captioned images, likes, a discussion, posts by the same hand."""
    body = []
    for at, line in enumerate(item["body"]):
        body.append(
            f'<h2 class="header-anchor-post">{_e(line[3:])}</h2>' if line.startswith("## ") else f"<p>{_e(line)}</p>"
        )
        if at in (1, 4):
            body.append(
                '<div class="subscription-widget-wrap"><div class="subscription-widget show-subscribe"><div class="preamble"><p class="cta-caption">The Long Range is a reader-supported publication. To receive new posts and support my work, consider becoming a free or paid subscriber.</p></div><form><input placeholder="Type your email"></form></div></div>'
            )
        if at == 2:
            body.append(
                f'<div class="captioned-image-container"><figure><a><img src="/1.png"></a><figcaption class="image-caption">{_e(item["caption"])}</figcaption></figure></div>'
            )
    page = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title data-rh="true">{_e(item["title"])} - by {_e(_authors(item)[0])}</title><meta property="og:title" content="{_e(item["title"])}"><meta name="author" content="{_e("; ".join(_authors(item)))}"><link rel="canonical" href="{url}">{_ld({**_news(item, host, url, publisher={"@type": "Organization", "name": "The Long Range"}), "isAccessibleForFree": True})}</head><body><div id="entry"><div id="main" class="main typography use-theme-bg"><div class="main-menu"><div class="mainMenuContent"><h1 class="name-BKZGzG"><a href="/">The Long Range</a></h1><button>Subscribe</button><button>Sign in</button></div></div>
    <div class="single-post-container"><div class="container"><div class="single-post"><article class="typography newsletter-post post"><div role="region" aria-label="Post header" class="post-header"><h1 class="post-title published">{_e(item["title"])}</h1><h3 class="subtitle">{_e(item["lead"])}</h3><div class="byline-wrapper"><a>{_e(item["author"])}</a><div>{_long_day(item["published"])}</div></div><div class="post-ufi"><a>41</a><a>Share</a></div></div>
    <div class="visibility-check"></div><div><div class="available-content"><div dir="auto" class="body markup">{"".join(body)}<p class="button-wrapper"><a class="button primary" href="#"><span>Leave a comment</span></a></p></div></div></div><div class="post-footer"><div class="like-button">41 likes</div></div></article></div></div>
    <div class="comments-section"><h4>Discussion about this post</h4><div class="comment-list"><div class="comment"><p>Thank you for this. The part on wagons should be read aloud in every transport ministry on the continent, twice.</p></div></div></div>
    <div class="portable-archive"><div>Top</div><div>Latest</div>{"".join(f'<div class="portable-archive-item"><div><a href="/p/{_slug(o)}">{_e(o["title"])}</a></div><div>{_e(o["lead"])}</div><div>Jan 3 • {_e(o["author"])}</div></div>' for o in _others(item, 5))}</div></div></div></div><div class="footer"><p>© 2025 The Long Range. Privacy ∙ Terms ∙ Collection notice</p></div></body></html>"""
    return page, {"text": [item["lead"], *_plain(item["body"])], "source": "The Long Range", "language": "en"}


def columns(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A large American daily: companion columns, advert wrappers between them, a biography under the story, a carousel of stories."""
    chunks = []
    for at in range(0, len(item["body"]), 2):
        pair = "".join(
            f'<h2 class="css-13o6u42 eoo0vm40">{_e(line[3:])}</h2>'
            if line.startswith("## ")
            else f'<p class="css-at9mc1 evys1bk0">{_e(line)}</p>'
            for line in item["body"][at : at + 2]
        )
        chunks.append(
            f'<div class="css-s99gbd StoryBodyCompanionColumn" data-testid="companionColumn-{at}"><div class="css-53u6y8">{pair}</div></div><div class="css-8h527k" data-testid="Dropzone-{at}"><div id="story-ad-{at}-wrapper" class="css-rfqw0c"><div class="css-14xxbj1"><p>Advertisement</p><a href="#after">SKIP ADVERTISEMENT</a></div></div></div>'
        )
    page = f"""<!DOCTYPE html><html lang="en-US"><head><meta charset="utf-8"><title data-rh="true">{_e(item["title"])} - The Continental Times</title><link data-rh="true" rel="canonical" href="{url}">{_ld(_news(item, host, url, publisher={"@type": "NewsMediaOrganization", "name": "The Continental Times"}, isAccessibleForFree=False, hasPart={"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".meteredContent"}))}</head><body><div id="app"><div class="css-1ez5fsm"><div data-testid="masthead-container">{_menu(host, "span")}</div></div><main id="site-content"><div><div class="css-1aor85t">You have been granted access, use your keyboard to continue reading.</div><article id="story" class="css-1vxca1d e1lmdhsb0"><div id="top-wrapper" class="css-1c7ppkf"><p>Advertisement</p></div>
    <header class="css-u03l6r"><div class="css-1vkm6nb"><h1 id="link-1" class="css-1l8buln" data-testid="headline">{_e(item["title"])}</h1></div><p id="article-summary" class="css-1n0orw4">{_e(item["lead"])}</p><div class="css-pscyww"><figure><img src="1.jpg"><figcaption><span>{_e(item["caption"])}</span><span>Credit... A. Lens for The Continental Times</span></figcaption></figure></div><div class="css-4anu6l"><p class="css-4anu6l e1jsehar1"><span>By </span><a>{_e(item["author"])}</a></p><p>Reporting from Port Adelin</p></div><time class="css-8blifj" datetime="{item["published"]}">{_long_day(item["published"])}</time></header>
    <section name="articleBody" class="meteredContent css-1r7ky0e">{"".join(chunks)}</section><div class="bottom-of-article"><div class="css-1ubp8k9"><div class="css-1e2jphy"><p><a>{_e(item["author"])}</a> reports on security for The Times and is based in Port Adelin.</p></div><p class="css-1d">A version of this article appears in print on <span>{_long_day(item["published"])}</span>, Section A, Page 6 of the national edition with the headline: A Shorter One. Order Reprints | Today’s Paper | Subscribe</p></div></div></article></div>
    <div id="bottom-sheet-sensor"></div><section id="styln-bottom" class="css-wq"><h2>More on Security</h2><hr>{"".join(f'<div class="css-uub"><h3>{_e(o["title"])}</h3><p>{_e(o["lead"])} {_e(o["body"][0])}</p></div>' for o in _others(item, 4))}</section></main><div>{_menu(host)}<p>© 2025 The Continental Times Company</p></div></div>{_script(12000)}</body></html>"""
    return page, {"text": [item["lead"], *_plain(item["body"])], "source": "The Continental Times", "language": "en-US"}


def cooperative(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """An agency's own site: rich-text body, list enhancements and hub links in it, taxonomy and more below."""
    body = []
    for at, line in enumerate(item["body"]):
        body.append(
            f"<h2>{_e(line[3:])}</h2>"
            if line.startswith("## ")
            else f"<p>{_e(line if at else 'PORT ADELIN (CP) — ' + line)}</p>"
        )
        if at == 1:
            body.append(
                f'<div class="Enhancement"><div class="HTMLModuleEnhancement"><bsp-list-loadmore><div class="PageListEnhancementGeneric-title">RELATED COVERAGE</div>{"".join("<div class=PagePromo><div class=PagePromo-title><a href=/x>" + _e(o["title"]) + "</a></div></div>" for o in _others(item, 3))}</bsp-list-loadmore></div></div>'
            )
        if at == 3:
            body.append(
                '<div class="FreeStar"><div id="fs-1" data-x="y"></div></div><div class="Enhancement"><div class="QuoteEnhancement">What to know: five things about the decision</div></div>'
            )
    body.append(f"<p>___</p><p>{_e(_authors(item)[0])} contributed from Holm.</p>")
    page = f"""<!DOCTYPE html><html class="ArticlePage" lang="en"><head><meta charset="UTF-8"><title>{_e(item["title"])} | CP News</title><meta property="og:title" content="{_e(item["title"])}"><meta property="og:url" content="{url}"><meta property="og:site_name" content="CP News"><meta property="article:published_time" content="{item["published"]}"><meta property="article:modified_time" content="{item["modified"]}">{_ld([_news(item, host, url, publisher={"@type": "Organization", "name": "CP News"})])}</head><body class="Page-body"><bsp-header class="Page-header"><div class="Page-header-bar">{_menu(host)}</div></bsp-header><div class="Page-oneColumn"><div class="Page-contentHeading"><h1 class="Page-headline">{_e(item["title"])}</h1></div><div class="Page-content"><main class="Page-main"><div class="Page-lead"><div class="CarouselSlide-info"><div class="CarouselSlide-infoDescription"><p>{_e(item["caption"])} (CP Photo/A. Lens)</p></div></div></div><div class="Page-byline"><div class="Page-authors">By <a>{_e(item["author"])}</a></div><div class="Page-dateModified">Updated 6:10 AM</div></div><div class="Page-storyBody"><div class="RichTextStoryBody RichTextBody">{"".join(body)}</div></div></main><div class="Page-below"><div class="PageList-header"><h2>Most read</h2></div>{"".join(f'<div class="PagePromo"><div class="PagePromo-media"><a><img></a></div><div class="PagePromo-title">{_e(o["title"])}</div><div class="PagePromo-description">{_e(o["body"][0])}</div></div>' for o in _others(item, 5, 4))}</div></div></div><div class="Page-footer"><p>The Continental Press is an independent news organisation dedicated to factual reporting. Founded in 1871, it remains the most trusted source of fast news in all formats.</p></div></body></html>"""
    text = ["PORT ADELIN (CP) — " + item["body"][0], *_plain(item["body"][1:])]
    return page, {"text": text, "source": "CP News", "language": "en"}


def islands(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A daily that renders islands: custom elements inside the body, newsletter promotion, bullets as links, a label after it."""
    body = []
    for at, line in enumerate(item["body"]):
        body.append(
            f"<h2 id='h'>{_e(line[3:])}</h2>" if line.startswith("## ") else f'<p class="dcr-16w5gq9">{_e(line)}</p>'
        )
        if at == 1:
            body.append(
                '<gu-island name="EmailSignUp"><aside aria-label="newsletter promotion" class="dcr-1"><p>Sign up to <span>First Light</span></p><p>Our morning email breaks down the key stories of the day.</p></aside></gu-island><p id="EmailSignup-skip-link" tabindex="0" class="dcr-jzxpee">after newsletter promotion</p>'
            )
        if at == 3:
            body.append(
                f'<div data-spacefinder-role="richLink" class="dcr-rl"><a href="/{_slug(_others(item)[0])}"><div class="dcr-rt">{_e(_others(item)[0]["title"])}</div><div>Read more</div></a></div>'
            )
        if at == 4:
            body.append(f'<aside class="dcr-pq"><svg></svg><blockquote>{_e(item["pull"])}</blockquote></aside>')
    page = f"""<!DOCTYPE html><html lang="en"><head><title>{_e(item["title"])} | Armed forces | The Custodian</title><meta charset="utf-8"><meta property="og:title" content="{_e(item["title"])}"><meta property="og:site_name" content="the Custodian"><meta property="og:url" content="{url}"><meta property="article:published_time" content="{item["published"]}"><meta property="article:modified_time" content="{item["modified"]}"><meta property="article:author" content="https://www.custodian.example/profile/x"><meta name="author" content="{_e(item["author"])}"><link rel="canonical" href="{url}"></head><body><div class="dcr-skip"><a href="#maincontent">Skip to main content</a></div><section data-link-name="reader revenue"><div>Support the Custodian</div><div>Fund independent journalism with 5 a month</div></section><gu-island name="Titlepiece"><nav>{_menu(host)}</nav></gu-island><main data-layout="StandardLayout"><div class="dcr-grid"><div data-gu-name="media"><figure id="1"><figcaption>{_e(item["caption"])} Photograph: A. Lens/CP</figcaption></figure></div><div data-gu-name="title"><a href="/army">Army</a></div><div data-gu-name="headline"><h1 class="dcr-h">{_e(item["title"])}</h1></div><div data-gu-name="standfirst"><p>{_e(item["lead"])}</p></div><div data-gu-name="meta"><div data-component="meta-byline"><a rel="author">{_e(item["author"])}</a> in Port Adelin</div><details class="dcr-d"><summary>{_long_day(item["published"])} 07.15</summary>Last modified on {_long_day(item["modified"])} 10.40</details></div>
    <div data-gu-name="body"><div id="maincontent" class="dcr-mc"><div class="article-body-commercial-selector article-body-viewer-selector dcr-ab">{"".join(body)}</div></div><div data-component="submeta"><span>Explore more on these topics</span><ul><li><a>Army</a></li><li><a>Lesna</a></li><li><a>news</a></li></ul><a>Share</a><a>Reuse this content</a></div></div></div></main><section data-component="more-on-this-story">{"".join(f'<div class="dcr-c"><h3>{_e(o["title"])}</h3><p>{_e(o["lead"])}</p><span>2d ago</span></div>' for o in _others(item, 6))}</section><footer>{_menu(host)}<div>© 2025 Custodian News &amp; Media Limited or its affiliated companies. All rights reserved.</div></footer></body></html>"""
    return page, {"text": [item["lead"], *_plain(item["body"])], "source": "the Custodian", "language": "en"}


def blog(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A hobby blog on a free host: spans with styles, div and br as paragraphs, an archive of years, a visible date above the title."""
    body = "".join(
        f'<div style="text-align: justify;"><b>{_e(line[3:])}</b></div><div><br /></div>'
        if line.startswith("## ")
        else f'<div style="text-align: justify;"><span style="font-family: georgia;">{_e(line)}</span></div><div style="text-align: justify;"><br /></div>'
        for line in item["body"]
    )
    page = f"""<!DOCTYPE html><html dir="ltr" xmlns="http://www.w3.org/1999/xhtml"><head><meta content="text/html; charset=UTF-8" http-equiv="Content-Type"/><title>Armoured Snail: {_e(item["title"])}</title><link href="{url}" rel="canonical"/><meta content="{url}" property="og:url"/><meta content="{_e(item["title"])}" property="og:title"/></head><body class="loading"><div class="navbar section" id="navbar"><div class="widget Navbar"></div></div><div class="body-fauxcolumns"></div><div class="content"><div class="content-outer"><div class="header-outer"><h1 class="title"><a href="/">Armoured Snail</a></h1><p class="description"><span>Slow news about fast vehicles, since 2009</span></p></div>
    <div class="main-outer"><div class="column-center-outer"><div class="main section" id="main"><div class="widget Blog" id="Blog1"><div class="blog-posts hfeed"><div class="date-outer"><h2 class="date-header"><span>{_long_day(item["published"])}</span></h2><div class="date-posts"><div class="post-outer"><div class="post hentry"><h3 class="post-title entry-title">{_e(item["title"])}</h3><div class="post-body entry-content"><div class="separator" style="clear: both;"><a href="1.jpg"><img src="1.jpg" /></a></div><table class="tr-caption-container"><tbody><tr><td><img src="2.jpg"></td></tr><tr><td class="tr-caption">{_e(item["caption"])}</td></tr></tbody></table>{body}<div style="clear: both;"></div></div><div class="post-footer"><span class="post-author vcard">Posted by <span class="fn">{_e(item["author"])}</span></span> <span class="post-timestamp">at 08:15</span> <span class="post-labels">Labels: <a>tanks</a>, <a>news</a></span></div></div>
    <div class="comments" id="comments"><h4>2 comments:</h4><dl id="comments-block"><dt>Anonymous</dt><dd><p>Finally somebody explains the width of the wagons. I have waited for this since the old blog closed in 2015.</p></dd></dl></div></div></div></div></div><div class="blog-pager"><a>Newer Post</a> <a>Older Post</a></div></div></div></div><div class="column-right-outer"><div class="widget BlogArchive"><h2>Blog Archive</h2><ul>{"".join(f'<li><a href="/{_slug(o)}">{_e(o["title"])}</a></li>' for o in _others(item, 9))}</ul></div><div class="widget Profile"><h2>About Me</h2><p>Retired mechanic, amateur historian, owner of two half-tracks that do not run and one that does on Sundays.</p></div></div></div></div></div></body></html>"""
    return page, {"text": _plain(item["body"]), "source": None, "language": None, "modified": None}


def hansard(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A record of parliament: contributions with a speaker's name as a link, column numbers, tools beside each contribution."""
    names = ("Ms Hana Zelenkova", "Mr Tomas Brenk", "The Speaker", "Mrs Ludmila Cerna")
    rows, text = [], []
    for at, line in enumerate(line for line in item["body"] if not line.startswith("## ")):
        name = names[at % 4]
        rows.append(
            f'<div class="contribution" id="c{at}"><div class="header"><a href="/member/{at}" class="attributed-to-details"><div class="primary-text">{name}</div><div class="secondary-text">(Lesna North)</div></a></div><div class="content"><p class="hs_Para">{_e(line)}</p></div><div class="tools"><a>Link to this contribution</a><a>Share this contribution</a></div></div>'
            + (f'<span class="column-number" data-column-number="{410 + at}"></span>' if at % 3 == 2 else "")
        )
        text.append(line)
    page = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{_e(item["title"])} - Official Record - Parliament of Lesna</title><meta property="og:site_name" content="Official Record"><link rel="canonical" href="{url}"></head><body><div class="header-bar"><a>Parliament of Lesna</a>{_menu(host)}</div><div class="hero-banner"><div class="container"><h1>{_e(item["title"])}</h1><div>Volume 712: debated on {_long_day(item["published"])}</div></div></div><div class="main-content"><div class="container"><div class="row"><div class="col-md-3"><div class="tree"><b>In this sitting</b><ul><li><a>Prayers</a></li><li><a>Questions</a></li><li><a>Business of the House</a></li><li><a>Adjournment</a></li></ul></div><div class="download"><a>Download text</a></div></div><div class="col-md-9"><div class="debate-items">{"".join(rows)}</div></div></div></div></div><div class="page-bottom"><p>Contains parliamentary information licensed under the Open Parliament Licence. The official record may be corrected until the bound volume appears.</p></div></body></html>"""
    return page, {"text": text, "source": "Official Record", "language": "en", "author": None, "modified": None}


def plain(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A bare page that a list archive makes of an e-mail: headers, the text hard-wrapped in <pre>, thread links above and below."""
    links = "<UL><LI><A HREF='1.html'>Next message</A><LI><A HREF='2.html'>Previous message</A><LI><B>Messages sorted by:</B> <A HREF='d'>[ date ]</A> <A HREF='t'>[ thread ]</A></UL>"
    copy = "\n\n".join("\n".join(textwrap.wrap(line.removeprefix("## "), 72)) for line in item["body"])
    page = f"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2//EN"><HTML><HEAD><TITLE>[Security-L] {_e(item["title"])}</TITLE><META NAME="robots" CONTENT="index,nofollow"></HEAD><BODY BGCOLOR="#ffffff"><H1>[Security-L] {_e(item["title"])}</H1><B>{_e(item["author"])}</B> <A HREF="mailto:x">list at lists.example</A><BR><I>{_long_day(item["published"])}</I><P>{links}<HR><!--beginarticle--><PRE>{html.escape(copy)}
</PRE><!--endarticle--><HR><P>{links}<HR><A HREF="x">More information about the Security-L mailing list</A></BODY></HTML>"""
    return page, {
        "text": _plain(item["body"]),
        "title": f"[Security-L] {item['title']}",
        "source": None,
        "language": None,
        "canonical": None,
        "modified": None,
    }


def european(item: Fields, host: str, url: str) -> tuple[str, Fields]:
    """A foreign broadcaster's English service: hashed wrappers around rich text, a player's notice in it, the editor's name at the end."""
    body = []
    for at, line in enumerate(item["body"]):
        body.append(f"<h2>{_e(line[3:])}</h2>" if line.startswith("## ") else f"<p>{_e(line)}</p>")
        if at == 2:
            body.append(
                f'<div class="vjs-wrapper embed big"><div class="sxya"><h2 class="s1kt">{_e(_others(item)[1]["title"])}</h2><noscript>x</noscript><p>To view this video please enable JavaScript, and consider upgrading to a web browser that supports HTML5 video</p></div></div>'
            )
    body.append("<p><em>Edited by: Nils Petter Quist</em></p>")
    page = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{_e(item["title"])} – EW – {item["published"][:10]}</title><meta property="og:title" content="{_e(item["title"])} – EW – {item["published"][:10]}"><meta property="og:site_name" content="euwelle.example"><link rel="canonical" href="{url}">{_ld(_news(item, host, url, publisher={"@type": "Organization", "name": "Europe Wave"}))}</head><body><div id="root"><div class="s1ehw"><header class="hf4"><a aria-label="Home">EW</a><nav>{_menu(host)}</nav></header><div class="l1k"><div class="content-area"><article class="a1b"><header><span class="kicker">Conflicts</span><h1 class="h1x">{_e(item["title"])}</h1><div class="author-details"><span class="author">{_e(item["author"])}</span></div><span class="publication"><time aria-hidden="true">{item["published"][:10]}</time></span><div class="teaser-text"><p class="teaser-text s1a">{_e(item["lead"])}</p></div></header><figure><img><figcaption>{_e(item["caption"])}<small>Image: A. Lens/CP</small></figcaption></figure><div class="c17j8gzx rc0m0op r1ebneao s198y7xq rich-text ep37f">{"".join(body)}</div></article><section class="r1m"><h2>Explore more</h2>{"".join(f'<div class="t1s"><a href="/{_slug(o)}"><h3>{_e(o["title"])}</h3></a><p>{_e(o["lead"])}</p><div>{_long_day(o["published"])}</div></div>' for o in _others(item, 5, 2))}</section></div></div></div><div class="f1o">© 2025 Europe Wave <ul>{_menu(host)}</ul></div></div></body></html>"""
    return page, {"text": [item["lead"], *_plain(item["body"])], "source": "Europe Wave", "language": "en"}


HELD_OUT: tuple[Template, ...] = (union, agency, letter, columns, cooperative, islands, blog, hansard, plain, european)


@cache
def held_out() -> tuple[Page, ...]:
    """Make the thirty pages."""
    made, pool = [], invented()["articles"]
    for row, template in enumerate(HELD_OUT):
        for number in range(3):
            item = pool[(row * 7 + number * 4 + 1) % len(pool)]
            kind = template.__name__
            url = f"https://www.{kind}.example/{_slug(item)}"
            text, told = template(item, f"www.{kind}.example", url)
            expected = {"title": item["title"], "author": "; ".join(_authors(item)) or None, "published_on": item["published"][:10],
                        "canonical": url, "modified": item["modified"], **told}  # fmt: skip
            made.append(Page(kind, number, text.encode(), url, **{**expected, "text": "\n".join(expected["text"])}))
    return tuple(made)


TITLE, LEAD = "title", "lead"
Told = tuple[str, list[str]]


def alliance(item: Fields) -> Told:
    """A military alliance's site: a bulleted list and bold headings in the text, a box of related news."""
    b = "".join(
        f"<p><strong>{_e(line[3:])}</strong></p>"
        if line.startswith("## ")
        else (f"<ul class='bullets'><li>{_e(line)}</li></ul>" if n == 4 else f"<p>{_e(line)}</p>")
        for n, line in enumerate(item["body"])
    )
    page = f"<html lang=en><head><title>Alliance - News: {_e(item['title'])}</title></head><body><div class=wrap><ul id=main-nav>{_menu('x')}</ul><div class=row><div class=col-9><h1>{_e(item['title'])}</h1><ul class=meta><li>{_long_day(item['published'])} -</li><li>Last updated: {_long_day(item['modified'])} 10:12</li></ul><p class=intro>{_e(item['lead'])}</p><div class=content>{b}</div></div><div class=col-3><div class=box><h3>Related News</h3><ul>{''.join(f'<li><a href=/{n}>{_e(o[TITLE])}</a> <span>01 Jan 2025</span></li>' for n, o in enumerate(_others(item)))}</ul></div></div></div></div></body></html>"
    return page, [item["lead"], *_plain(item["body"])]


def tidings(item: Fields) -> Told:
    """A news site that asks for followers: links to other stories and to channels as paragraphs of the text."""
    out = []
    for n, line in enumerate(item["body"]):
        out.append(f"<h2>{_e(line[3:])}</h2>" if line.startswith("## ") else f"<p>{_e(line)}</p>")
        if n in (1, 4):
            out.append(f"<p><strong>Read also: <a href=/x>{_e(_others(item)[n]['title'])}</a></strong></p>")
    out.append(
        "<p><em>Follow us on <a href=t>Telegram</a> and <a href=x>X</a> so as not to miss a thing!</em></p><p><strong>Support us or become <a href=z>our patron</a>!</strong></p>"
    )
    page = f'<html><head><title>{_e(item["title"])} | Valley Truth</title><meta property=og:title content="{_e(item["title"])}"></head><body><header class=header><div class=header_nav>{_menu("x", "div")}</div></header><div class=post><header class=post_header><h1 class=post_title>{_e(item["title"])}</h1><div class=post_time><span class=post_author><a>{_e(item["author"])}</a></span> — {_long_day(item["published"])}, 11:20</div></header><div class=post_content><div class=post_views>11242</div><div class=post_photo><img src=1><div class=post_photo_source>{_e(item["caption"])} Stock photo: Getty Images</div></div><div class=post_text>{"".join(out)}</div><div class=post_tags><a>army</a><a>navy</a></div></div></div><div class=section_side><div class=title>All news</div>{"".join(f"<div class=article_small><div class=article_time>0{n}:10</div><div class=article_t><a href=/{n}>{_e(o[TITLE])}</a></div></div>" for n, o in enumerate(_others(item, 9)))}</div></body></html>'
    return page, _plain(item["body"])


def channel(item: Fields) -> Told:
    """A channel in an application: spans in divs without meaning, one class for each, further posts below."""
    b = "".join(
        f"<div class='r-1 r-{n}x'><span dir=auto>{_e(line.removeprefix('## '))}</span></div>"
        for n, line in enumerate(item["body"])
    )
    page = f"<html><head><title>{_e(item['title'])}</title><meta property=og:type content=article></head><body><div id=react-root><div class='r-9'><div>{_menu('x', 'div')}</div><div class=r-7><div class=r-h><span>{_e(item['title'])}</span></div><div class=r-s>{_e(item['lead'])}</div><div class=r-d>{_e(item['author'])} · 3 days ago</div>{b}</div><div class=r-6><div>More from this channel</div>{''.join(f'<div class=r-c><span>{_e(o[TITLE])}</span><span>{_e(o[LEAD])}</span></div>' for o in _others(item))}</div></div></div></body></html>"
    return page, [item["lead"], *_plain(item["body"])]


def monthly(item: Fields) -> Told:
    """An old management system: cells of a table, the title a paragraph, an editorial's text beside the article."""
    b = "".join(f"<p><b>{_e(line[3:])}</b></p>" if line.startswith("## ") else f"<p>{_e(line)}</p>" for line in item["body"])
    page = f"<html><head><title>{_e(item['title'])}</title></head><body><table><tr><td class=left>{''.join(f'<p><a href={s}>{s}</a></p>' for s in SECTIONS)}</td><td class=bodytext><p class=headline>{_e(item['title'])}</p><p class=date>{_long_day(item['published'])}</p>{b}<p align=right><a href=#>Top</a> | <a href=p>Printable version</a></p></td><td class=right><p><b>Editorial</b></p><p>{_e(_others(item)[2]['body'][0])}</p><p>{_e(_others(item)[3]['body'][0])}</p></td></tr></table><p class=small>Copyright 2025 Harbour Monthly. All rights reserved.</p></body></html>"
    return page, _plain(item["body"])


def scroll(item: Fields) -> Told:
    """A site that goes on with the next story in full below the first."""

    def art(x: Fields, first: int) -> str:
        ps = "".join(
            f"<p>{_e(line.removeprefix('## '))}</p>"
            + ("<p><b>Also Read | </b><a href=/q>" + _e(_others(item)[0]["title"]) + "</a></p>" if n == 2 else "")
            for n, line in enumerate(x["body"])
        )
        return f"<div class='storypage' id=s{first}><h1 class=native_story_title>{_e(x['title'])}</h1><h2 class=synopsis>{_e(x['lead'])}</h2><div class=editor>Written by <a>{_e(x['author'])}</a> Updated: {_long_day(x['modified'])} 13:40 IST</div><div class=full-details><span class=custom-caption><img src=1>{_e(x['caption'])}</span><div id=pcl-full-content class=story_details>{ps}<div class=ie-premium-content-block>Story continues below this ad</div></div></div></div>"

    page = f"<html><head><title>{_e(item['title'])} | World News - The Subcontinental</title>{_ld(_news(item, 'www.sub.example', 'https://www.sub.example/1'))}</head><body><div class=hd>{_menu('x')}</div>{art(item, 1)}<div class=next-story-loading>{art(_others(item)[1], 2)}</div></body></html>"
    return page, [item["lead"], *_plain(item["body"])]


def foreign(item: Fields) -> Told:
    """A foreign ministry whose paragraphs are the definitions of a list."""
    b = "".join(f"<dd>{_e(line.removeprefix('## '))}</dd>" for line in item["body"])
    page = f"<html lang=en><head><title>{_e(item['title'])} | Ministry of Foreign Affairs of Sandmark</title></head><body><div id=header><ul>{_menu('x')}</ul></div><div id=topicpath><ol><li><a>Top</a></li><li>Press Releases</li></ol></div><div id=maincontents><div id=news-title><h2>Press Releases</h2></div><h1>{_e(item['title'])}</h1><p class=rightalign>{_long_day(item['published'])}</p><dl>{b}</dl><p class=pagetop><a>Back to Press Releases</a></p></div><div id=footer><address>Copyright Ministry of Foreign Affairs of Sandmark</address></div></body></html>"
    return page, _plain(item["body"])


@cache
def second_round() -> tuple[Page, ...]:
    """Make eighteen pages of six more kinds, with their text only, written after the first thirty had been learned from."""
    made = []
    for template in (alliance, tidings, channel, monthly, scroll, foreign):
        for number in range(3):
            item = invented()["articles"][4 * number + 1]
            page, text = template(item)
            made.append(
                Page(
                    template.__name__,
                    number,
                    page.encode(),
                    "",
                    "\n".join(text),
                    item["title"],
                    None,
                    None,
                    None,
                    None,
                    None,
                )
            )
    return tuple(made)
