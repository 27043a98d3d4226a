"""Where a delivery goes on, and by what the hub knows that the partner's data did not move meanwhile.

The hub's database holds cursors sealed under the delivery's key (``store.landing``). Nevertheless those that the hub
makes itself hold no row and no source's reference; of those that a partner makes (``FollowedCursor``) nobody knows.

1. Of a page of rows it keeps 64 bits of a hash: enough to see a change, too few to give anything back.
2. Of the keys of a table it keeps one digest of all that were read, with 16 random bytes of this delivery's
   own. No list of digests can be made beforehand and no two deliveries compared; to confirm a guess is to
   know every key of whole pages, in order. The last page's cursor holds none.
3. A cursor that cannot be read (another version of the hub wrote it) raises ValueError.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256

_PAGE_HEX, _KEYS_HEX, _SALT_BYTES = 16, 32, 16


def page_digest(rows: list[object]) -> str:
    """What the rows of a page are known by again (1); their order counts, that of their fields does not."""
    return sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:_PAGE_HEX]


@dataclass(frozen=True)
class PageCursor:
    """The next place of a numbered query, what there is in all by the partner's word, and two pages that were read.

    ``following`` and ``latest_at`` are numbers of pages or of rows. ``rows``: how many have come.
    """

    following: int
    latest_at: int
    pages: int | None
    items: int | None
    rows: int
    first: str
    latest: str

    @classmethod
    def parse(cls, text: str) -> "PageCursor":
        """The cursor that ``str`` wrote; raises ValueError (3)."""
        following, latest_at, pages, items, rows, first, latest = text.split("/")
        counts = (int(pages) if pages else None, int(items) if items else None)
        return cls(int(following), int(latest_at), *counts, int(rows), first, latest)

    def __str__(self) -> str:
        pages, items = ("" if count is None else count for count in (self.pages, self.items))
        return f"{self.following}/{self.latest_at}/{pages}/{items}/{self.rows}/{self.first}/{self.latest}"


@dataclass(frozen=True)
class FollowedCursor:
    """The partner's own word for the next page and for the latest (none: the first), and what ``PageCursor`` holds."""

    following: str | None = field(repr=False)
    latest_at: str | None = field(repr=False)
    number: int
    items: int | None
    rows: int
    first: str
    latest: str

    @classmethod
    def parse(cls, text: str) -> "FollowedCursor":
        """The cursor that ``str`` wrote; raises ValueError (3)."""
        try:
            return cls(**json.loads(text))
        except TypeError:
            raise ValueError("not a cursor of this kind") from None

    def __str__(self) -> str:
        return json.dumps(asdict(self))


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


@dataclass(frozen=True)
class TableCursor:
    """Which keys of a table were read, how many of their rows were given on, and what the first run saw.

    That is the watermark, and how many rows of the quarter stood, if only changes are read.
    """

    keys: KeyCursor
    given: int = 0
    watermark: str | None = field(default=None, repr=False)
    standing: int | None = None

    @classmethod
    def parse(cls, text: str) -> "TableCursor":
        """The cursor that ``str`` wrote; raises ValueError (3)."""
        try:
            keys, given, watermark, standing = json.loads(text)
            return cls(KeyCursor.parse(keys), int(given), watermark, standing)
        except (TypeError, AttributeError):
            raise ValueError("not a cursor of this kind") from None

    @property
    def is_whole(self) -> bool:
        """Whether all rows were read."""
        return self.keys.rows >= self.keys.total

    def __str__(self) -> str:
        return json.dumps([str(self.keys), self.given, self.watermark, self.standing])
