"""One change between two versions, and what comparing two values of the same kind says about it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

Name = TypeVar("Name", bound=str)


class Effect(StrEnum):
    """Which way a change goes. What may be either is taken for ``MORE``, so that it is read first."""

    MORE = "more"  # more would flow, or less would protect it
    LESS = "less"  # less would flow, or more would protect it
    OTHER = "other"  # it moves nothing by itself


@dataclass(frozen=True)
class Change:
    """What would change, where in the agreement, and which way."""

    effect: Effect
    where: str
    sentence: str


def more(where: str, sentence: str) -> Change:
    """More would flow, or less would protect it."""
    return Change(Effect.MORE, where, sentence)


def less(where: str, sentence: str) -> Change:
    """Less would flow, or more would protect it."""
    return Change(Effect.LESS, where, sentence)


def other(where: str, sentence: str) -> Change:
    """It moves nothing by itself."""
    return Change(Effect.OTHER, where, sentence)


def towards(before: Any, after: Any, where: str, sentence: str) -> Change:
    """More where the later value is the greater, less where it is the smaller."""
    if before == after:
        return other(where, sentence)
    return more(where, sentence) if after > before else less(where, sentence)


def swapped(before: object, after: object, where: str, what: str) -> Iterator[Change]:
    """A text that is replaced, stated for the first time, or stated no more."""
    if before == after:
        return
    if before is None:
        yield other(where, f"{what} would be stated: {after}.")
    elif after is None:
        yield other(where, f"{what} would no longer be stated (now: {before}).")
    else:
        yield other(where, f"{what} would be {after} instead of {before}.")


def gained(before: Collection[Name], after: Iterable[Name]) -> list[Name]:
    """What is new, in its order."""
    return [name for name in dict.fromkeys(after) if name not in before]


def listed(parts: Collection[str]) -> str:
    """Parts as a list within a sentence: ``a, b and c``."""
    *first, last = parts or ("nothing",)
    return f"{', '.join(first)} and {last}" if first else last


def counted(number: int, thing: str) -> str:
    """A number of things: ``1 day``, ``1,826 days``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
