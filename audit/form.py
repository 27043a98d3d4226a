"""The form of what an entry may hold: checked in one pass where it is usual, value by value where it is not."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from audit.errors import EntryRefused

LONGEST_TEXT = 300
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,300}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_CODE = re.compile(r"[A-Za-z0-9_.:/+=@-]{0,128}")
_NHS_NUMBER_FORM = re.compile(r"[0-9]{10}")
_TOKEN_FORM = re.compile(r"[0-9a-f]{32}")


def check_texts(names: Sequence[str], texts: Sequence[str | None]) -> None:
    """Each text is one line of 1 to 300 characters; raises EntryRefused, naming the field and not the value."""
    if _usual([text for text in texts if text is not None]):
        return
    for name, text in zip(names, texts, strict=True):
        if text is not None and not (isinstance(text, str) and _TEXT.fullmatch(text)):
            raise refused(name, "it is not one line of 1 to 300 characters", "Shorten it, or leave it out")


def _usual(texts: Sequence[str]) -> bool:
    """Whether all are plain lines of ASCII, told at once for all of them."""
    try:
        together = "".join(texts)
    except TypeError:
        return False
    return together.isascii() and together.isprintable() and all(texts) and max(map(len, texts)) <= LONGEST_TEXT


def check_names(names: Iterable[str]) -> None:
    """Each name is a plain snake_case name; raises EntryRefused."""
    for name in names:
        _check_name(name)


def check_details(detail: Mapping[str, object]) -> None:
    """Each value is a single number, flag or code that is no person's; raises EntryRefused."""
    for name, value in detail.items():
        if isinstance(value, str):
            _check_code(name, value)
        elif not isinstance(value, bool | int | float):
            raise _no_code(name)
        elif not math.isfinite(value) or abs(value) >= 2**53:
            raise refused(f"detail.{name}", "the number cannot be written in JSON", "Give a finite, smaller number")


def _check_code(name: str, value: str) -> None:
    if not _CODE.fullmatch(value):
        raise _no_code(name)
    if (len(value) == 10 and _NHS_NUMBER_FORM.fullmatch(value)) or (len(value) == 32 and _TOKEN_FORM.fullmatch(value)):
        raise refused(f"detail.{name}", "it has the form of an NHS number or a token", "Log a count, never a person")


@lru_cache(maxsize=4096)  # names come from the code, so there are few
def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise refused("a name", "it is not a plain snake_case name", "Name the column or count as its table does")


def _no_code(name: str) -> EntryRefused:
    return refused(f"detail.{name}", "it is not a single count, flag or code", "Give a count or a code, no free text")


def refused(place: str, why: str, fix: str) -> EntryRefused:
    """The refusal of an entry, at one place of it."""
    return EntryRefused("The entry is refused", where=f"the log entry's {place}", why=why, fix=fix)
