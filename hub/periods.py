"""The calendar quarter, by which feeds deliver and releases are made.

Source: SI 2007/1831, which has authorities exchange data per three-month period.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from hub.errors import ConfigurationError

_FORM = re.compile(r"(?P<year>\d{4})-Q(?P<number>[1-4])")


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter such as ``2026-Q3``: 1 July to 30 September 2026."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """Read ``YYYY-Qn``; raises ConfigurationError for any other form."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise ConfigurationError(
                "No quarter can be read",
                where=f"period {text!r}",
                why="a period is written YYYY-Q1 to YYYY-Q4",
                fix="Write it like 2026-Q3",
            )
        return cls(int(found["year"]), int(found["number"]))

    @classmethod
    def containing(cls, day: date) -> "Quarter":
        """The quarter in which a day lies."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def starts_on(self) -> date:
        """The first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def ends_on(self) -> date:
        """The last day."""
        return self.next().starts_on - timedelta(days=1)

    @property
    def months(self) -> tuple[str, str, str]:
        """The three months as ``YYYY-MM``."""
        first = 3 * self.number - 2
        return (
            f"{self.year}-{first:02}",
            f"{self.year}-{first + 1:02}",
            f"{self.year}-{first + 2:02}",
        )

    def next(self) -> "Quarter":
        """The quarter that follows."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    def before(self) -> "Quarter":
        """The quarter that it follows."""
        return Quarter.containing(self.starts_on - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"
