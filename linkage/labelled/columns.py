"""Which column of a labelled file holds what: the map that ``hub link evaluate`` is given.

A YAML mapping of column names; columns that it does not name are not looked at. A column holds either

1. a field of token scheme 1 (``forename``, ``surname``, ``date_of_birth``, ``postcode``, ``sex``, ``nhs_number``,
   ...), or ``full_name`` for both names in one;
2. or a plain categorical field: ``categorical``, or any name of your own, such as ``birth_place``. It is compared by
   equality, and by likeness where it is text.

Each field of the scheme is held by one column at most. A name that nearly is a field's is taken for a slip.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from hub.yaml_files import read_yaml
from linkage.errors import LabelledRefused
from schemas.contract import Identifier

FULL_NAME, CATEGORICAL = "full_name", "categorical"
FIELDS: tuple[str, ...] = (*(str(identifier) for identifier in Identifier), FULL_NAME)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")  # rules are of letters
_WRAPPERS = ("columns", "fields", "map")


@dataclass(frozen=True)
class ColumnMap:
    """``fields``: column by field of the scheme. ``categorical``: column by the name that its comparison bears."""

    fields: Mapping[str, str]
    categorical: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is looked at."""
        return (*self.fields.values(), *self.categorical.values())


def read_map(path: Path) -> ColumnMap:
    """Read a map; raises LabelledRefused, and ConfigurationError where it is no YAML."""
    content = read_yaml(path)
    if isinstance(content, dict) and len(content) == 1 and next(iter(content)) in _WRAPPERS:
        content = next(iter(content.values()))  # as some write it: all under one word
    if not isinstance(content, dict) or not content:
        raise _refused(
            path, "it is no mapping of columns to fields", "Write one line a column, such as first_name: forename"
        )
    fields: dict[str, str] = {}
    plain: dict[str, str] = {}
    for name, said in content.items():
        column = str(name).strip()  # as the names in a file are
        field = _field(path, column, said)
        if field in fields:
            raise _refused(path, f"{fields[field]} and {column} both hold {field}", "Keep one of them")
        if field in FIELDS:
            fields[field] = column
        else:
            plain[_comparison_name(field if field != CATEGORICAL else column, plain)] = column
    return ColumnMap(fields, plain)


def _field(path: Path, column: str, said: object) -> str:
    if isinstance(said, dict) and len(said) == 1:
        said = next(iter(said.values()))
    if not isinstance(said, str) or not _NAME.fullmatch(said):
        raise _refused(
            path, f"what {column} holds is no field's name", f"Name one of {', '.join(FIELDS)}, or {CATEGORICAL}"
        )
    near = get_close_matches(said, FIELDS, n=1, cutoff=0.85)
    if said not in FIELDS and near and said != column:
        raise _refused(path, f"{column} is said to hold {said}", f"Write {near[0]}, or {CATEGORICAL} if it is not that")
    return said


def _comparison_name(name: str, taken: Mapping[str, str]) -> str:
    """A name for the comparison that rules can be written with, and that no other has."""
    spelt = re.sub("[0-9]", lambda digit: f"_{_DIGITS[int(digit[0])]}_", name.lower())
    plain = "plain_" + (re.sub("[^a-z]+", "_", spelt).strip("_") or "column")
    while plain in taken:
        plain += "_again"
    return plain


def _refused(path: Path, why: str, fix: str) -> LabelledRefused:
    return LabelledRefused("The map cannot be used", where=str(path), why=why, fix=fix)
