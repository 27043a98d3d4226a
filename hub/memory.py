"""What becomes of memory that a process has freed: it is kept for what comes next, not given back to the system.

A delivery is read in batches, each of which takes and frees the same hundreds of megabytes. Memory that was given back
has to be cleared and mapped anew, page by page, which took a good part of an admission's time.
"""

import ctypes
import os
import sys

_TRIM, _MMAP = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of mallopt(3)
_TRIM_BYTES, _MMAP_BYTES = 1 << 30, 32 << 20
KEPT = {
    "MALLOC_TRIM_THRESHOLD_": str(_TRIM_BYTES),  # the C library's, for numpy
    "MALLOC_MMAP_THRESHOLD_": str(_MMAP_BYTES),
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1",  # polars'
}


def keep_freed_memory() -> None:
    """Have this process and those that it starts keep what they free. Before polars is loaded; what is set stays."""
    for name, value in KEPT.items():
        os.environ.setdefault(name, value)
    if sys.platform != "linux":  # an authority's machine may have another system, and needs no such haste
        return
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:  # another C library has its own ways
        set_option(_TRIM, _TRIM_BYTES)
        set_option(_MMAP, _MMAP_BYTES)
