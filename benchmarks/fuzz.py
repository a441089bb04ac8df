"""Fuzzing of every reader of `pipeline.ingest`, guided by coverage: nothing may be raised, and nothing may hang.

    ./run bench fuzz [seconds] [reader]

Needs atheris, which is installed by hand (`pip install atheris`): it is of use here only. Each reader runs for so many
seconds (default 60) in a process of its own, from small valid samples that are made here. What is raised is saved once
for each place that raises it, and fuzzing goes on; an input that takes longer than `SLOW` seconds or more memory than
`MEGABYTES` ends the process, is saved, and the next process takes over. Random bytes and damaged samples are tested
without atheris too, in `tests/ingest/`.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path

SLOW = 20
MEGABYTES = 2_048
LONGEST = 20_000  # bytes of an input
DAY = date(2026, 6, 1)
WORDS = "The ministry said on Monday that the brigade would arrive in May and stay there for a year."

PAGE = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Brigade arrives | The Paper</title>
<link rel="canonical" href="https://paper.example/1">
<meta property="article:published_time" content="2025-06-24T08:00Z">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Brigade arrives", "author": {{"name": "Ann"}},
"datePublished": "2025-06-24"}}</script></head><body><nav><a href="/">Home</a></nav><article><h1>Brigade arrives</h1>
<p class="byline">By Ann Writer</p><p>{WORDS}</p><figure><img src="a.jpg"><figcaption>A brigade</figcaption></figure>
<p>“We are ready,” said the captain, who has waited for the order since the winter storms ended.</p></article></body>
</html>"""
RSS = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>The Paper</title><ttl>60</ttl>
<language>en</language><item><title>A &amp; B</title><link>/1?a=1&amp;b=2</link>
<guid isPermaLink="false">n-1</guid><dc:creator>Ann</dc:creator>
<pubDate>Tue, 24 Jun 2025 10:00:00 EST</pubDate><description>&lt;p&gt;{WORDS}&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>{WORDS}</p>]]></content:encoded></item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="https://paper.example/">
<title>The Paper</title><link rel="next" href="2"/><entry><id>tag:1</id>
<title type="html">A &amp;amp; B</title><link href="1"/>
<updated>2025-06-24 10:00</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{WORDS}</p></div>
</content></entry></feed>"""
JSON_FEED = json.dumps(
    {"version": "https://jsonfeed.org/version/1.1", "title": "The Paper", "next_url": "/2",
     "items": [{"id": 1, "url": "/1", "title": "A", "content_html": f"<p>{WORDS}</p>", "date_published": "1750759200",
                "authors": [{"name": "Ann"}]}]}
)  # fmt: skip
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://paper.example/1</loc>
<lastmod>2025-06-24</lastmod><news:news><news:publication><news:language>en</news:language></news:publication><news:title>A</news:title>
<news:publication_date>2025-06-24T08:00:00Z</news:publication_date></news:news></url></urlset>"""
SITEMAP_INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>
<loc>https://paper.example/1.xml.gz</loc></sitemap></sitemapindex>"""
LINE = json.dumps({"id": 1, "text": WORDS, "url": "https://paper.example/1", "date": "2025-06-24", "tags": ["a"]})
TOKENS = (
    "<![CDATA[", "]]>", "<!--", "-->", "<!DOCTYPE", "<!ENTITY", "<?xml", "&#x", "&amp;", "encoding=", "xmlns:a=",
    "xml:base=", "<item>", "</item>", "<entry>", "<link rel='next' href='", "<p>", "</p>", "<br>", "<script>",
    "<meta charset=", "ld+json", "\\xff\\xfe", "\\xef\\xbb\\xbf", "\\x00", "\\x1f\\x8b", "\\xe2\\x80\\xa8",
    "\\xed\\xa0\\x80", "---\\x0a", "# ", "\\x0d\\x0a", "WARC/1.0\\x0d\\x0a", "WARC-Type: response", "Content-Length: ",
    "HTTP/1.1 200 OK", "Content-Encoding: gzip", "Transfer-Encoding: chunked", "2025-06-24", "9999-12-31",
    "0001-01-01", "1e999", "NaN", "\\\\ud800", "http://[", "utf-16",
)  # fmt: skip
"""What the mutations put in; escaped as libFuzzer's dictionaries are."""


def warc() -> bytes:
    """Make an archive of three records."""
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{PAGE}".encode()
    packed = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n"
    packed += b"Transfer-Encoding: chunked\r\n\r\n"
    body = gzip.compress(PAGE.encode(), mtime=0)
    packed += b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    head = "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: https://paper.example/%d\r\n"
    head += "WARC-Date: 2025-06-24T10:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
    head += "Content-Length: %d\r\n\r\n"
    blocks = [("warcinfo", b"software: fuzz\r\n"), ("response", http), ("response", packed)]
    return b"".join(
        (head % (kind, number, len(block))).encode() + block + b"\r\n\r\n"
        for number, (kind, block) in enumerate(blocks, start=1)
    )


def samples(reader: str) -> list[bytes]:
    """Return valid inputs of a reader, to begin from."""
    texts = {
        "text": [WORDS, f"---\ntitle: A\ndate: 2025-06-24\n---\nBRUSSELS, 24 June 2025 – {WORDS}"],
        "markdown": [f"# Brigade arrives\n\n{WORDS}", f"---\nauthor: Ann\n---\n# A\n{WORDS}"],
        "html": [PAGE, f"<p>{WORDS}</p>"],
        "jsonl": [f"{LINE}\n{LINE}\n", json.dumps({"html": PAGE})],
        "feed": [RSS, ATOM, JSON_FEED],
        "sitemap": [SITEMAP, SITEMAP_INDEX],
        "warc": [],
    }[reader]
    found = [text.encode() for text in texts] or [warc()]
    if reader != "warc":
        found.append(texts[0].encode("utf-16"))
    if reader in ("sitemap", "warc"):
        found.append(gzip.compress(found[0], mtime=0))
    return found


READERS = ("text", "markdown", "html", "jsonl", "feed", "sitemap", "warc")
_SUFFIXES = {"text": ".txt", "markdown": ".md", "html": ".html", "jsonl": ".jsonl"}


def _target(reader: str, folder: Path) -> Callable[[bytes], None]:
    """Return what reads one input; it raises what a user would see."""
    from pipeline.ingest.archives import pages  # noqa: PLC0415 - atheris counts only what is imported under its eyes
    from pipeline.ingest.read import Limits, read  # noqa: PLC0415 - as above
    from pipeline.ingest.records import SourceFile  # noqa: PLC0415 - as above
    from pipeline.ingest.syndication import NotAFeed, parse  # noqa: PLC0415 - as above

    def file(data: bytes) -> None:
        path = folder / f"input{_SUFFIXES[reader]}"
        path.write_bytes(data)
        for parsed in read(SourceFile(path.name, path, len(data), 0), DAY, Limits(LONGEST)):
            json.dumps(asdict(parsed.outcome), default=str, ensure_ascii=False).encode()

    def syndicated(data: bytes) -> None:
        try:
            channel = parse(data, None, "https://paper.example/feed")
        except NotAFeed:
            return
        json.dumps(asdict(channel), default=str, ensure_ascii=False).encode()

    def archived(data: bytes) -> None:
        for page in pages(BytesIO(data), LONGEST):
            json.dumps([page.url, page.detail, page.charset], ensure_ascii=False).encode()

    return {"feed": syndicated, "sitemap": syndicated, "warc": archived}.get(reader, file)


def fuzz(reader: str, seconds: int, folder: Path) -> None:
    """Fuzz one reader in this process, which ends with it; what it raises is saved in the folder."""
    import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]  # noqa: PLC0415 - installed by hand

    with atheris.instrument_imports(include=["pipeline.ingest", "warcio"]):
        target = _target(reader, folder)

    def one(data: bytes) -> None:
        try:
            target(data)
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            name = sha256(f"{type(error).__name__}{place.filename}{place.lineno}".encode()).hexdigest()[:12]
            saved = folder / f"crash-{name}"
            if not saved.exists():
                saved.write_bytes(data)
                (folder / f"crash-{name}.txt").write_text(traceback.format_exc())

    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, sample in enumerate(samples(reader)):
        (corpus / f"sample-{number}").write_bytes(sample)
    words = folder / "words.dict"
    words.write_text("".join(f'"{token}"\n' for token in TOKENS))
    limits = [f"-max_total_time={seconds}", f"-timeout={SLOW}", f"-rss_limit_mb={MEGABYTES}", f"-max_len={LONGEST}"]
    outputs = [f"-artifact_prefix={folder}/", f"-dict={words}", "-print_final_stats=1", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *limits, *outputs, str(corpus)], one)
    atheris.Fuzz()


def run(reader: str, seconds: int, folder: Path) -> int:
    """Fuzz a reader for so many seconds, whatever it does; return how many inputs were read."""
    folder.mkdir(parents=True)
    executions, end = 0, time.monotonic() + seconds
    while (left := round(end - time.monotonic())) > 0:
        command = [sys.executable, "-m", "benchmarks.fuzz", str(left), reader, "--found", str(folder)]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        counted = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
        if counted is None and not list(folder.glob("*-*")):
            raise SystemExit(f"fuzzing of {reader} did not begin:\n{done.stderr[-2000:]}")
        executions += int(counted[1]) if counted else 0
    return executions


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what each reader did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", nargs="?", type=int, default=60, help="for each reader")
    parser.add_argument("reader", nargs="?", choices=READERS, help="only this one")
    parser.add_argument("--found", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if importlib.util.find_spec("atheris") is None:
        raise SystemExit("fuzzing needs atheris, which is not in the lock; install it by hand: pip install atheris")
    if given.found is not None:
        fuzz(given.reader, given.seconds, given.found)
        return
    found = Path(tempfile.mkdtemp(prefix="communique-fuzz-"))
    print(f"inputs that crash, hang or eat memory are saved in {found}")
    for reader in [given.reader] if given.reader else READERS:
        executions = run(reader, given.seconds, found / reader)
        saved = [path for path in sorted((found / reader).glob("*-*")) if path.suffix != ".txt"]
        print(f"{reader:10} {executions:>10,} inputs in {given.seconds} s, {len(saved)} saved", flush=True)
        for path in saved:
            why = path.with_name(path.name + ".txt")
            last = why.read_text().strip().splitlines()[-1] if why.exists() else "slow, or too much memory"
            print(f"           {path.relative_to(found)}: {last[:160]}")


if __name__ == "__main__":
    main()
