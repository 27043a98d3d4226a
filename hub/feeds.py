"""A feed: what one authority sends, how it is fetched, and by when. One YAML file each."""

from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hub.errors import ConfigurationError
from hub.transports import Frozen, Transport
from hub.yaml_files import load_yaml

Authority = Annotated[str, Field(pattern=r"^[a-z]{2,20}$")]
"""A party's short name, which begins the names of its feeds. Which ones there are is for the agreement to say."""
AUTHORITIES: tuple[Authority, ...] = ("police", "fire", "health", "probation", "yot", "council")
"""The specified authorities (PCSC Act 2022 s.11, Sch.1), without which no agreement is whole. It may have more parties,
such as a prison (s.12)."""


class Form(Frozen):
    """How the text of a document is written, and whether it is packed."""

    encoding: Literal["utf-8", "utf-16", "cp1252"] = "utf-8"
    delimiter: str = Field(default=",", pattern=r"^[\t !#-~]$", description="of CSV: a tab or a printable ASCII mark")
    packed: Literal["gzip", "zip"] | None = None
    sheet: str | None = Field(default=None, description="of a workbook; none: it has one sheet")


class Window(Frozen):
    """The hours, in London's time, in which a partner may be asked; from the evening to the morning spans midnight."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _is_some_time(self) -> Self:
        if self.opens == self.closes:
            raise ValueError("a window opens and closes at different times; leave it out if any time will do")
        return self


class Feed(Frozen):
    """One feed as ``config/feeds/<name>.yaml`` states it."""

    name: str = Field(pattern=r"^[a-z]+\.[a-z][a-z0-9_]*$")
    title: str
    description: str
    authority: Authority
    owner: str
    format: Literal["csv", "json", "xml", "ndjson", "xlsx", "parquet"]
    form: Form = Form()
    drift: Literal["refuse", "report"] = Field(
        default="refuse", description="whether a new column, or an older name of one, refuses the delivery"
    )
    transport: Transport
    cadence: Literal["quarterly"] = "quarterly"
    schedule: str | None = None
    window: Window | None = Field(default=None, description="the hours in which the partner may be asked; none: any")
    pseudonymised_at: Literal["source", "hub"] = "hub"
    partitions: int = Field(
        default=1, ge=1, le=64, description="how many of Airflow's tasks check and tokenise a delivery side by side"
    )
    rejection_threshold: float = Field(gt=0, le=1, description="share of rows, above which a delivery is refused whole")
    expected_rows: tuple[int, int] = Field(description="fewest and most rows usual in one quarter")
    late_after_days: int = Field(default=45, ge=0, description="days after a quarter's end, then the feed is late")


def load_feeds(config: Path) -> dict[str, Feed]:
    """Every feed under ``config/feeds``, by name, in name order; raises ConfigurationError."""
    feeds = [load_yaml(path, Feed) for path in sorted((config / "feeds").glob("*.yaml"))]
    for path, feed in zip(sorted((config / "feeds").glob("*.yaml")), feeds, strict=True):
        if path.stem != feed.name:
            raise ConfigurationError(
                "The feed's name is not its file's", where=str(path), why=f"it says {feed.name}", fix="Rename one"
            )
        if feed.name.partition(".")[0] != feed.authority:
            raise ConfigurationError(
                "The feed's name is not its authority's",
                where=str(path),
                why=f"it says that it is of {feed.authority}",
                fix="Begin its name with its authority's short name",
            )
    return {feed.name: feed for feed in feeds}


def load_feed(config: Path, name: str) -> Feed:
    """One feed by name; raises ConfigurationError that lists the known ones."""
    feeds = load_feeds(config)
    if name not in feeds:
        raise ConfigurationError(
            f"There is no feed {name!r}",
            where=str(config / "feeds"),
            why="known feeds are " + ", ".join(feeds),
            fix="Use one of these or add a file",
        )
    return feeds[name]
