"""A code list: an authority's codes, each with the hub's own word for it, and where the list comes from."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from hub.errors import ConfigurationError
from hub.settings import PROJECT


@dataclass(frozen=True, eq=False)  # as a mapping it equals any other of the same content
class CodeList(Mapping[str, str]):
    """Codes of one list.

    ``source`` is the document that states them, ``version`` which issue of it. ``verified``: its text was read;
    if not, the codes come from descriptions of it, or are the hub's proposal, and must be settled with the authority.
    """

    title: str
    meanings: Mapping[str, str]
    source: str
    version: str
    verified: bool

    def __getitem__(self, code: str) -> str:
        return self.meanings[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self.meanings)

    def __len__(self) -> int:
        return len(self.meanings)

    def words(self) -> "CodeList":
        """The same list as the hub writes it: each of its words once, standing for itself."""
        own = _Later(lambda: {word: word for word in self.meanings.values()})
        return CodeList(self.title, own, f"the hub's words for: {self.source}", self.version, self.verified)


@dataclass(frozen=True, eq=False)
class _Later(Mapping[str, str]):
    """Codes that are read when they are first asked for, since a module reads nothing when it is imported."""

    read: Callable[[], Mapping[str, str]]

    @cached_property
    def _known(self) -> Mapping[str, str]:
        return self.read()

    def __getitem__(self, code: str) -> str:
        return self._known[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def words(*known: str) -> Mapping[str, str]:
    """Codes that are words already: in lower case, with spaces for underscores."""
    return {word: word.lower().replace("_", " ") for word in known}


def grouped(groups: Mapping[str, str]) -> Mapping[str, str]:
    """Codes from groups: each group's word, and its codes with spaces between them."""
    return {code: group for group, codes in groups.items() for code in codes.split()}


def listed(table: str, reference_set: str) -> Mapping[str, str]:
    """The codes of one reference set in ``config/reference/<table>.csv``, to which an operator may add.

    The columns are ``reference_set``, ``code`` and ``word``. Raises ConfigurationError when the codes are asked for.
    """
    return _Later(lambda: _read(table, reference_set))


def _read(table: str, reference_set: str) -> Mapping[str, str]:
    path = PROJECT / "config" / "reference" / f"{table}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            found = {row["code"]: row["word"] for row in csv.DictReader(file) if row["reference_set"] == reference_set}
    except (OSError, KeyError, UnicodeError, csv.Error):
        found = {}
    if not found:
        raise ConfigurationError(
            "A code list cannot be read",
            where=str(path),
            why=f"the file is missing, or has no code of the reference set {reference_set}",
            fix="Restore the file, or add the reference set's codes to it",
        )
    return found
