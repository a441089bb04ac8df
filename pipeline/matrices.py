"""How numpy multiplies matrices: on one thread, with the instructions that the processor has.

Both are read when numpy's library, OpenBLAS, is loaded, so `choose` runs before anything else of the package. What the
user has set in the environment stands.
"""

from __future__ import annotations

import os
from pathlib import Path

PROCESSOR = Path("/proc/cpuinfo")
_AVX512 = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


def choose() -> None:
    """Set the environment for OpenBLAS (and Apple's Accelerate).

    One thread: the matrices are small, and other processes want the other cores. OpenBLAS takes an AMD processor that
    is newer than itself for one without AVX-512, and is then half as fast as it could be.
    """
    for threads in ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ.setdefault(threads, "1")
    if _is_amd_with_avx512():
        os.environ.setdefault("OPENBLAS_CORETYPE", "SkylakeX")


def _is_amd_with_avx512() -> bool:
    try:
        with PROCESSOR.open(encoding="utf-8") as lines:
            told = lines.read(8_000)  # of the first core; a large machine tells the same of hundreds
    except OSError:
        return False
    return "AuthenticAMD" in told and set(told.split()) >= _AVX512
