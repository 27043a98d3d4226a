"""What ``config/indicators.yaml`` says of the delivery plan, parsed once into one frozen object."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from definition.model import load_definition
from hub.errors import ConfigurationError
from hub.feeds import load_feeds
from hub.yaml_files import load_yaml
from schemas.published import published_schema

INDICATORS = "indicators.yaml"
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9 -]*$")]
Text = Annotated[str, StringConstraints(min_length=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Counted(_Frozen):
    """Which rows count, and whether they or the persons in them do. All that is stated must hold."""

    table: Literal["event", "intervention"] = "event"
    unit: Literal["events", "persons"] = "events"
    feed: str | None = None
    violent: bool = Field(default=False, description="the event is of a kind of the definition")
    clauses: tuple[str, ...] = Field(default=(), description="of the definition; the event meets one")
    where: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_its_table(self) -> Self:
        if self.table == "intervention" and (self.unit != "persons" or self.violent or self.clauses):
            raise ValueError("of interventions the persons are counted, and no definition is met")
        if self.table == "event" and self.unit == "persons":
            raise ValueError("of events the events are counted")
        return self


class Per(_Frozen):
    """What a count is held against: a population, by each so many; or another count that it is a part of."""

    population: Literal["population", "population_10_24"] | None = None
    each: int = Field(default=1000, ge=1)
    of: Counted | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.population is None) == (self.of is None):
            raise ValueError("state a population, or of what it is a share")
        return self


class Indicator(_Frozen):
    """One indicator of a priority."""

    priority: Name
    counts: Counted
    per: Per | None = None
    wished: Literal["fewer", "more", "none"]


class Priority(_Frozen):
    """A priority of the plan, and where it says so."""

    title: Text
    source: Text


class Runs(_Frozen):
    """How many quarters in a row are no chance: on one side of the centre, and each above (below) the one before."""

    side: int = Field(ge=5)
    trend: int = Field(ge=4)


class Indicators(_Frozen):
    """The whole file."""

    plan: Text
    baseline: int = Field(ge=6, description="quarters that the limits are made of")
    runs: Runs
    priorities: dict[Name, Priority]
    indicators: dict[Name, Indicator]

    @model_validator(mode="after")
    def _every_priority_is_known_and_shown(self) -> Self:
        used = {one.priority for one in self.indicators.values()}
        if unknown := sorted(used - self.priorities.keys()):
            raise ValueError("no such priority: " + ", ".join(unknown))
        if bare := sorted(self.priorities.keys() - used):
            raise ValueError("nothing shows whether a priority moves: " + ", ".join(bare))
        return self

    @property
    def counted(self) -> Iterator[Counted]:
        """Everything that is counted."""
        for one in self.indicators.values():
            yield one.counts
            if one.per and one.per.of:
                yield one.per.of

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what the file says."""
        return hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json"))).hexdigest()


def load_indicators(config: Path) -> Indicators:
    """The indicators; raises ConfigurationError naming the entry that is wrong.

    1. The file has the form of ``Indicators``.
    2. Each feed, clause of the definition and column is one that there is: a slip of the pen would count nothing, and
       pass for an improvement.
    """
    stated = load_yaml(config / INDICATORS, Indicators)  # (1)
    for kind, name in _unknown(stated, config):  # (2)
        raise ConfigurationError(
            "An indicator counts what there is not",
            where=str(config / INDICATORS),
            why=f"there is no {kind} {name}",
            fix="Correct its name, or take the indicator out",
        )
    return stated


def _unknown(stated: Indicators, config: Path) -> Iterator[tuple[str, str]]:
    definition, feeds = load_definition(config), load_feeds(config)
    clauses = {*definition.areas, *definition.circumstances}
    for one in stated.counted:
        columns = published_schema(one.table).columns
        yield from (("feed", name) for name in (one.feed,) if name and name not in feeds)
        yield from (("clause", name) for name in one.clauses if name not in clauses)
        yield from (("column", name) for name in one.where if name not in columns)
