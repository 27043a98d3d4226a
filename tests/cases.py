"""How much a run tries: ``make test`` a tenth of the random cases, ``make test-all`` all, and what takes long."""

import os

import pytest

ALL = bool(os.environ.get("HUB_TEST_ALL_CASES"))
takes_long = pytest.mark.skipif(
    not ALL, reason="it takes minutes and runs in make test-all; a quicker test is beside it"
)


def cases(whole: int, part: int = 10) -> int:
    """All of them in ``make test-all``; else a tenth or another part, which are the same ones in each run."""
    return whole if ALL else -(-whole // part)
