"""Every code of the agreement has words, so that a new one cannot reach a reader without them."""

from typing import get_args

import pytest

from agreement.model import Condition, Enactment, FieldClass, Gateway, How, Treat
from documents import words
from hub.feeds import AUTHORITIES
from hub.settings import Zone


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (Gateway, words.GATEWAYS),
        (Condition, words.CONDITIONS),
        (Enactment, words.ENACTMENTS),
        (FieldClass, words.CLASSES),
        (FieldClass, words.CLASS_MEANINGS),
        (Treat, words.TREATMENTS),
        (How, words.FORMS),
        (get_args(Zone), words.ZONES),
        (AUTHORITIES, words.AUTHORITIES),
    ],
)
def test_every_code_has_words(codes, said) -> None:
    assert list(said) == list(codes)


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1 day"), (30, "30 days"), (366, "366 days (about 1 year)"), (1826, "1,826 days (about 5 years)")],
)
def test_days_are_said_with_years(number: int, said: str) -> None:
    assert words.days(number) == said


def test_a_list_reads_as_a_sentence() -> None:
    assert words.listed([]) == "none"
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
