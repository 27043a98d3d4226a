"""What a full link tells of the register before: the share of pairs of records on which both agree, and who differs.

``before`` and ``after`` read ``person: its records``.
"""

import pytest

from linkage.registered.agreeing import agreement_of
from tests.spec.test_register import register

EXAMPLES = {
    "the same persons agree, by whatever ids": ("A: a b\nC: c", "X: a b\nY: c", 1.0, 1, ()),
    "a person who came apart differs, in both parts": ("A: a b c\nD: d e", "A: a b\nC: c\nD: d e", 0.5, 4, ("A", "C")),
    "persons who were merged differ": ("A: a b\nC: c d", "A: a b c d", 2 / 6, 6, ("A",)),
    "a record that changed sides differs in both": ("A: a b\nC: c d e", "A: a\nC: b c d e", 3 / 7, 7, ("A", "C")),
    "records that are new or gone are not compared": ("A: a b\nC: c", "A: a b d\nE: e", 1.0, 1, ()),
    "where there is no pair there is nothing to differ in": ("A: a", "A: a", 1.0, 0, ()),
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.replace(" ", "-"))
def test_agreement(example: str) -> None:
    before, after, share, pairs, differing = EXAMPLES[example]
    found = agreement_of(register(before), register(after))
    assert (found.share, found.pairs, found.differing) == (pytest.approx(share), pairs, differing)
