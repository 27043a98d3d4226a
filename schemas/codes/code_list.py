"""A code list: an authority's codes, each with the hub's own word for it, and where the list comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


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
        own = {word: word for word in self.meanings.values()}
        return CodeList(self.title, own, f"the hub's words for: {self.source}", self.version, self.verified)


def words(*known: str) -> Mapping[str, str]:
    """Codes that are words already: in lower case, with spaces for underscores."""
    return {word: word.lower().replace("_", " ") for word in known}


def grouped(groups: Mapping[str, str]) -> Mapping[str, str]:
    """Codes from groups: each group's word, and its codes with spaces between them."""
    return {code: group for group, codes in groups.items() for code in codes.split()}
