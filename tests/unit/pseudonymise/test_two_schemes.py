"""The fast scheme and the slow one make the same of many people, byte for byte: 2,000 here, more when asked for.

``python -m tests.unit.pseudonymise.test_two_schemes --cases 2000000`` compares millions, from number ``--first`` on.
"""

import argparse

import pytest

from pseudonymise.linkage_columns import linkage_columns
from tests.cases import cases
from tests.unit.pseudonymise.both_schemes import HUB, IDENTIFIERS, SOURCE, frame_of, slowly
from tests.unit.pseudonymise.crowd import people

AT_ONCE = 10_000


def disagreements(first: int, count: int, *, hub: bool = True) -> list[int]:
    """The numbers of those people, of ``count`` from ``first`` on, of whom the two schemes make different columns."""
    crowd = people(first, count)
    made = linkage_columns(frame_of(crowd), IDENTIFIERS, SOURCE, HUB if hub else None)
    pairs = zip(range(first, first + count), made.iter_rows(named=True), crowd, strict=True)
    return [number for number, fast, person in pairs if fast != slowly(person, hub=hub)]


@pytest.mark.parametrize("hub", [False, True], ids=["stage 1", "both stages"])
def test_the_two_schemes_agree(hub):
    assert disagreements(0, cases(10_000), hub=hub) == []


def main() -> None:
    """Compare as many as asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=1_000_000)
    asked.add_argument("--first", type=int, default=0)
    given = asked.parse_args()
    for first in range(given.first, given.first + given.cases, AT_ONCE):
        found = disagreements(first, min(AT_ONCE, given.first + given.cases - first))
        if found:
            raise SystemExit(f"the schemes disagree on {len(found)} people, the first of them number {found[0]}")
    print(f"{given.cases:,} people from number {given.first:,} on: every token and encoding agrees")


if __name__ == "__main__":
    main()
