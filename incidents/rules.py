"""What ``config/incidents.yaml`` says, parsed once into one frozen object."""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.yaml_files import load_yaml

INCIDENTS = "incidents.yaml"
COUNTED = "counted"  # in place of u: the share of crimes that have the very value, counted in what is there
Chance = float | Literal["counted"]
LEVELS: Mapping[str, frozenset[str]] = {
    "person": frozenset({"another"}),  # and one level for each role of ``roles``
    "time": frozenset({"quarter hour", "hour", "six hours", "day", "apart"}),
    "place": frozenset({"small area", "ward", "elsewhere"}),
    "kind": frozenset({"bodily harm", "other"}),
    "offence": frozenset({"same", "class", "other"}),
    "knife": frozenset({"both", "one", "neither"}),
}
"""The levels of each comparison. A pair that lacks a value, and one at a level that is not stated, tells nothing."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Level(_Frozen):
    """How often pairs of one incident, and pairs of two, stand at a level of agreement."""

    m: float = Field(gt=0, lt=1)
    u: Chance

    @model_validator(mode="after")
    def _u_is_a_share(self) -> Self:
        if self.u != COUNTED and not 0 < float(self.u) < 1:
            raise ValueError("u lies between 0 and 1, or is counted")
        return self


class Beforehand(_Frozen):
    """What counting starts from, so that few crimes do not make a person or a place look common."""

    crimes: int = Field(ge=1, description="so many crimes more than there are")
    person: float = Field(gt=0, lt=1, description="the share of them with the very person")
    place: float = Field(gt=0, lt=1, description="the share of them in the very place")


class Teller(_Frozen):
    """A feed that tells of crimes too: how often, of whom, and what a pair is compared by."""

    overlap: float = Field(gt=0, lt=1, description="share of the smaller feed's events that the other tells of too")
    roles: tuple[str, ...] = Field(min_length=1, description="the parts in the crime that its person can have")
    comparisons: Mapping[str, Mapping[str, Level]] = Field(min_length=1)

    @model_validator(mode="after")
    def _levels_are_known(self) -> Self:
        for name, levels in self.comparisons.items():
            known = LEVELS.get(name, frozenset()) | (set(self.roles) if name == "person" else set())
            if not levels or not set(levels) <= known:
                raise ValueError(f"{name} can have these levels: " + ", ".join(sorted(known)))
            if name not in ("person", "place") and any(level.u == COUNTED for level in levels.values()):
                raise ValueError(f"{name} cannot be counted")
        if "person" not in self.comparisons:
            raise ValueError("person is always compared")
        return self


class IncidentRules(_Frozen):
    """Which feeds tell of one incident, and when two events are one."""

    first: str = Field(description="the feed whose events the others are held against")
    window_days: int = Field(ge=0, le=31, description="days before and after it on which another may tell of it")
    surely: float = Field(gt=0, lt=1, description="the least probability at which two events are one incident")
    beforehand: Beforehand
    bodily_harm: tuple[str, ...] = Field(description="offence classes, CCC, and codes, CCC/SS, that hurt a body")
    told_again: Mapping[str, str] = Field(description="feeds whose every event another feed tells of too: not joined")
    tellers: Mapping[str, Teller]

    @model_validator(mode="after")
    def _feeds_have_one_part(self) -> Self:
        if self.first in self.tellers or self.told_again.keys() & ({self.first} | self.tellers.keys()):
            raise ValueError("a feed is first, a teller or told again, and only one of these")
        return self

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what the rules say, lower hex."""
        return hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json"))).hexdigest()


def load_incident_rules(config: Path) -> IncidentRules:
    """The rules of ``incidents.yaml`` in a configuration folder; raises ConfigurationError."""
    return load_yaml(config / INCIDENTS, IncidentRules)
