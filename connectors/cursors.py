"""Where a delivery goes on, and by what the hub knows that the partner's data did not move meanwhile.

A cursor lies open in the hub's database, so none holds a row or a source's reference:

1. Of a page of rows it keeps 64 bits of a hash: enough to see a change, too few to give anything back.
2. Of the keys of a table it keeps one digest of all that were read, with 16 random bytes of this delivery's
   own. No list of digests can be made beforehand and no two deliveries compared; to confirm a guess is to
   know every key of whole pages, in order. The last page's cursor holds none.
3. A cursor that cannot be read (another version of the hub wrote it) raises ValueError.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256

_PAGE_HEX, _KEYS_HEX, _SALT_BYTES = 16, 32, 16


def page_digest(rows: list[object]) -> str:
    """What the rows of a page are known by again (1); their order counts, that of their fields does not."""
    return sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:_PAGE_HEX]


@dataclass(frozen=True)
class PageCursor:
    """The next page of a numbered query, what the partner said there is in all, and two pages that were read."""

    following: int
    pages: int
    items: int | None
    first: str
    latest: str

    @classmethod
    def parse(cls, text: str) -> "PageCursor":
        """The cursor that ``str`` wrote; raises ValueError (3)."""
        following, pages, items, first, latest = text.split("/")
        return cls(int(following), int(pages), int(items) if items else None, first, latest)

    def __str__(self) -> str:
        items = "" if self.items is None else self.items
        return f"{self.following}/{self.pages}/{items}/{self.first}/{self.latest}"


@dataclass(frozen=True)
class KeyCursor:
    """How many rows of a table were read, of how many, and the digest of their keys (2)."""

    total: int
    rows: int = 0
    salt: str = field(default_factory=lambda: secrets.token_hex(_SALT_BYTES))
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> "KeyCursor":
        """The cursor that ``str`` wrote; raises ValueError (3)."""
        rows, total, salt, digest = text.split("/")
        return cls(int(total), int(rows), salt, digest)

    def after(self, keys: Iterable[object]) -> "KeyCursor":
        """The cursor once the rows of ``keys`` are read as well. A chain: pages of any size give the same digest."""
        rows, digest = self.rows, self.digest
        for key in keys:
            rows, digest = rows + 1, sha256(f"{self.salt}{digest}{key}".encode()).hexdigest()[:_KEYS_HEX]
        return replace(self, rows=rows, digest=digest)

    def begun(self) -> "KeyCursor":
        """The same delivery's cursor before its first row."""
        return replace(self, rows=0, digest="")

    def __str__(self) -> str:
        return f"{self.rows}/{self.total}/{self.salt}/{self.digest}"
