"""What is set for numpy's matrices before numpy is loaded, by processor."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline import matrices

ZEN_5 = "vendor_id\t: AuthenticAMD\nflags\t: fpu avx2 avx512f avx512dq avx512cd avx512bw avx512vl avx512_vnni\n"


@pytest.mark.parametrize(
    ("told", "core"),
    [
        (ZEN_5, "SkylakeX"),
        (ZEN_5.replace("AuthenticAMD", "GenuineIntel"), None),
        (ZEN_5.replace("avx512bw ", ""), None),
        (None, None),
    ],
)
def test_instructions_are_those_of_the_processor(
    told: str | None, core: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a processor that OpenBLAS underrates is named to it; a system without the file is left alone."""
    file = tmp_path / "cpuinfo"
    if told is not None:
        file.write_text(told, encoding="utf-8")
    monkeypatch.setattr(matrices, "PROCESSOR", file)
    monkeypatch.setenv("OPENBLAS_CORETYPE", "")
    monkeypatch.delenv("OPENBLAS_CORETYPE")
    matrices.choose()
    assert os.environ.get("OPENBLAS_CORETYPE") == core


def test_what_the_user_has_set_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads and instructions can be chosen by hand."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Zen")
    matrices.choose()
    assert (os.environ["OPENBLAS_NUM_THREADS"], os.environ["OPENBLAS_CORETYPE"]) == ("3", "Zen")
