"""How many cases a run tries of the many that a promise was made for."""

import os

ALL = bool(os.environ.get("HUB_TEST_ALL_CASES"))


def cases(whole: int) -> int:
    """All of them in ``make test-all``; else a tenth, which are the same ones in each run."""
    return whole if ALL else -(-whole // 10)
