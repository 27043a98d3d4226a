"""What ``config/factors.yaml`` says, parsed once into one frozen object."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from hub.feeds import Authority
from hub.yaml_files import load_yaml

FACTORS = "factors.yaml"
Level = Literal["individual", "relationship", "community", "societal"]
Direction = Literal["risk", "protective"]
Prevention = Literal["primary", "secondary", "tertiary"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9 -]*$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Values = Mapping[str, tuple[str, ...]]
Sources = Annotated[tuple[Name, ...], Field(min_length=1, description="who says that it is one, by name in sources")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Evidence(_Frozen):
    """What a feed must say of a person: all that is stated here, of one event. A column not kept says nothing."""

    feed: str
    roles: tuple[str, ...] = Field(default=(), description="parts that the person takes; none: any")
    where: Values = Field(default_factory=dict, description="columns that hold one of these values")
    violent: bool = Field(default=False, description="the event is of a kind of serious violence (definition.yaml)")

    @property
    def columns(self) -> tuple[str, ...]:
        """The feed's columns that it rests on."""
        return (*self.where, *(column for column in self._more() if column))

    def _more(self) -> tuple[str | None, ...]:
        return ()


class Stating(Evidence):
    """What states a factor."""

    at_least: int = Field(default=1, ge=1, description="in so many events; the factor is known from that event on")
    strength: str | None = Field(default=None, description="the column that says low, medium, high or very high")

    def _more(self) -> tuple[str | None, ...]:
        return (self.strength,)


class Offering(Evidence):
    """What tells of an intervention, and the columns that say more of it."""

    kind: str | None = None
    started_on: str | None = None
    ended_on: str | None = None
    outcome: str | None = Field(default=None, description="completed, not completed, declined or ongoing")
    prevention: Prevention | None = Field(default=None, description="none: the rule's")
    provider: Authority | None = Field(default=None, description="none: the authority whose feed it is")

    def _more(self) -> tuple[str | None, ...]:
        return (self.kind, self.started_on, self.ended_on, self.outcome)


class _Rule(_Frozen):
    title: Text
    sources: Sources


class _Factor(_Rule):
    level: Level
    direction: Direction


class FactorRule(_Factor):
    """One factor of persons."""

    evidence: tuple[Stating, ...] = Field(min_length=1)
    restates: bool = Field(default=False, description="it is violence or its forecast: told of, never called a cause")


class AreaRule(_Factor):
    """One factor of small areas: a figure of the table area within bounds, both included."""

    level: Level = "community"
    column: str
    at_least: int | None = None
    at_most: int | None = None

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("it states neither at_least nor at_most, so that every area would have it")
        return self


class InterventionRule(_Rule):
    """One intervention."""

    prevention: Prevention
    evidence: tuple[Offering, ...] = Field(min_length=1)
    usual: bool = Field(default=False, description="what its service gives nearly everybody: others are not without it")


class NotShown(_Frozen):
    """A factor that the data cannot show, and why."""

    title: Text
    level: Level
    why: Text


class FactorRules(_Frozen):
    """What a partnership counts as a risk factor, a protective one and an intervention, and by what evidence."""

    sources: Mapping[Name, Text] = Field(description="the publications and laws that say what is one")
    factors: Mapping[Name, FactorRule]
    area_factors: Mapping[Name, AreaRule]
    interventions: Mapping[Name, InterventionRule]
    not_shown: tuple[NotShown, ...]

    @model_validator(mode="after")
    def _names_mean_one_thing(self) -> Self:
        names = [*self.factors, *self.area_factors, *self.interventions]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError("two rules have one name: " + ", ".join(twice))
        rules: tuple[_Rule, ...] = (*self.all_factors.values(), *self.interventions.values())
        unknown = {source for rule in rules for source in rule.sources} - self.sources.keys()
        if unknown:
            raise ValueError("a rule names no source of the list: " + ", ".join(sorted(unknown)))
        return self

    @cached_property
    def all_factors(self) -> Mapping[str, _Factor]:
        """The factors of persons, then those of areas."""
        return {**self.factors, **self.area_factors}

    @cached_property
    def restating(self) -> tuple[str, ...]:
        """The factors that are violence itself or its forecast, so that they explain nothing."""
        return tuple(name for name, rule in self.factors.items() if rule.restates)

    @cached_property
    def usual(self) -> tuple[str, ...]:
        """The interventions that services give nearly everybody, so that who had them had nothing out of the usual."""
        return tuple(name for name, rule in self.interventions.items() if rule.usual)

    def each(self) -> Iterator[tuple[str, Evidence]]:
        """Every piece of evidence, with its place in the file."""
        of: tuple[tuple[str, Mapping[str, FactorRule] | Mapping[str, InterventionRule]], ...] = (
            ("factors", self.factors),
            ("interventions", self.interventions),
        )
        for part, rules in of:
            for name, rule in rules.items():
                for number, evidence in enumerate(rule.evidence, 1):
                    yield f"{part}.{name}.evidence {number}", evidence

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what it says, lower hex."""
        return hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json"))).hexdigest()


def load_factors(config: Path) -> FactorRules:
    """The rules in a configuration folder; raises ConfigurationError."""
    return load_yaml(config / FACTORS, FactorRules)
