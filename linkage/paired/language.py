"""The small language in which ``config/linkage.yaml`` states its rules, and its SQL.

A rule is SQL's ``and``, ``or``, ``not`` and brackets around these words:

| word | true where |
| --- | --- |
| ``same(column)`` | both records hold it, and it is equal |
| ``missing(column)`` | one record, or both, does not hold it |
| ``both(column)`` | both records hold it |
| ``rare(column)`` | in blocking alone: equal, and few records hold it |
| ``near(column)`` | in blocking alone: the two encodings share a band of set bits (linkage.paired.blocking) |
| ``dice(column) >= 0.8`` | the two Bloom encodings are at least so alike |
| ``overlap(column) >= 0.9`` | of the encoding with fewer bits, at least so much is in the other |
| ``bits(column) <= 32`` | the encoding with fewer bits has at most so many: a single letter sets 32 |

Of two encodings a and b, with ``|a|`` bits set in a: the Dice coefficient is ``2 |a and b| / (|a| + |b|)``
(Schnell, Bachteler & Reiher 2009), the overlap ``|a and b| / min(|a|, |b|)``: names of which one is a part.
"""

import re
from collections.abc import Iterable

from linkage.errors import LinkageConfigurationError

Fact = tuple[str, str]  # same or missing, and a column
WORDS = 8  # an encoding of 512 bits is eight signed 64-bit integers: DuckDB counts their bits fastest
_CALL = re.compile(r"\b(same|rare|near|missing|both|dice|overlap|bits)\(([a-z_]+)\)")
_OF_TOKENS = re.compile(r"\b(same|missing|both)\(([a-z_]+)\)")
_OF_BITS = re.compile(r"\b(dice|overlap|bits)\(")
_REST = re.compile(r"(?:\s|[()<>=.0-9]|\b(?:and|or|not)\b)*")


def columns_of(rule: str) -> tuple[str, ...]:
    """The columns that a rule looks at, in the order of first mention; raises LinkageConfigurationError."""
    if not _REST.fullmatch(_CALL.sub("", rule)):
        raise LinkageConfigurationError(
            "A linkage rule cannot be read",
            where=f"config/linkage.yaml, rule {rule!r}",
            why="not all is same, rare, near, missing, both, dice, overlap, bits, and, or, not, numbers and brackets",
            fix="Write it with these words",
        )
    return tuple(dict.fromkeys(found[2] for found in _CALL.finditer(rule)))


def facts_of(rules: Iterable[str]) -> tuple[Fact, ...]:
    """What rules ask of tokens, in the order of first mention: whether both are the same, whether one is missing."""
    asked = (found for rule in rules for found in _OF_TOKENS.finditer(rule))
    return tuple(dict.fromkeys(("same" if found[1] == "same" else "missing", found[2]) for found in asked))


def looks_at_bits(rule: str) -> bool:
    """Whether a rule compares the bits of encodings, which takes longer than comparing tokens."""
    return bool(_OF_BITS.search(rule))


def comparison_sql(rule: str) -> str:
    """The rule over one row that holds both records, in columns that end in ``_l`` and ``_r``."""
    columns_of(rule)
    return _CALL.sub(lambda found: _sql(found[1], found[2], "{}_l", "{}_r"), rule)


def blocking_sql(rule: str) -> str:
    """The rule over a join of the records ``l`` with the records ``r``."""
    columns_of(rule)
    return _CALL.sub(lambda found: _sql(found[1], found[2], "l.{}", "r.{}"), rule)


def _sql(word: str, column: str, left: str, right: str) -> str:
    one, other = left.format(column), right.format(column)
    if word == "same":
        return f"{one} = {other}"
    if word == "missing":
        return f"({one} is null or {other} is null)"
    if word == "both":
        return f"({one} is not null and {other} is not null)"
    sizes = [side.format(bits_of(column)) for side in (left, right)]
    if word == "bits":
        return f"least({', '.join(sizes)})"
    shared = " + ".join(
        f"cast(bit_count({left.format(word_of(column, i))} & {right.format(word_of(column, i))}) as integer)"
        for i in range(WORDS)
    )
    if word == "overlap":
        return f"({shared}) / least({', '.join(sizes)})"
    return f"2.0 * ({shared}) / ({' + '.join(sizes)})"


def word_of(column: str, number: int) -> str:
    """The column that holds one 64-bit word of an encoding."""
    return f"{column}_w{number}"


def bits_of(column: str) -> str:
    """The column that holds how many bits of an encoding are set."""
    return f"{column}_bits"
