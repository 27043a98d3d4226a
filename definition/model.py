"""What ``config/definition.yaml`` says, parsed once into one frozen object."""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from hub.yaml_files import load_yaml

DEFINITION = "definition.yaml"
Codes = tuple[Annotated[str, StringConstraints(pattern=r"^\d{3}(/\d{2}(-\d{2})?)?$")], ...]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9 -]*$")]
Values = Mapping[str, tuple[str, ...]]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Kind(_Frozen):
    """One kind of serious violence: the offences that it is."""

    title: str
    codes: Codes = Field(min_length=1)


class Area(_Frozen):
    """An area in which violence is inherent: its offences, its event types, and what an event says of itself."""

    title: str
    codes: Codes = ()
    event_types: tuple[str, ...] = ()
    columns: Values = Field(default_factory=dict)


class Circumstance(_Frozen):
    """Who, where and what besides.

    Each of ``ages`` and ``hours`` that is stated must hold; and of ``kinds``, ``columns`` and ``event_types`` one.
    """

    title: str
    ages: tuple[int, int] | None = Field(default=None, description="from and to, in the year of the event")
    kinds: tuple[Name, ...] = ()
    event_types: tuple[str, ...] = ()
    columns: Values = Field(default_factory=dict)
    by_itself: bool = Field(default=False, description="whether an event of no kind and no area can meet it")
    hours: tuple[int, int] | None = Field(default=None, description="local time, from and until; may pass midnight")


class WithoutCode(_Frozen):
    """An event type that states no offence: the column whose value names the kind."""

    title: str
    column: str
    kinds: Mapping[Name, tuple[str, ...]]


class Refused(_Frozen):
    """Codes that are of no kind and no area, and why."""

    why: str
    codes: Codes = Field(min_length=1)


class Definition(_Frozen):
    """What a partnership means by serious violence."""

    id: str
    title: str
    source: str
    kinds: Mapping[Name, Kind]
    areas: Mapping[Name, Area]
    circumstances: Mapping[Name, Circumstance]
    from_code: tuple[str, ...] = Field(description="event types whose offence code says what happened")
    without_code: Mapping[str, WithoutCode]
    refused: tuple[Refused, ...]
    groups: Mapping[str, str] = Field(description="why what is left of a group of the list is refused")

    @model_validator(mode="after")
    def _names_are_known_and_mean_one_thing(self) -> Self:
        names = [*self.kinds, *self.areas, *self.circumstances]
        if len(names) != len(set(names)):
            raise ValueError("a kind, an area and a circumstance have one name")
        used = {kind for stated in self.without_code.values() for kind in stated.kinds}
        used |= {kind for stated in self.circumstances.values() for kind in stated.kinds}
        if used - self.kinds.keys():
            raise ValueError("no such kind: " + ", ".join(sorted(used - self.kinds.keys())))
        return self

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what it says, lower hex."""
        return hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json"))).hexdigest()


def load_definition(config: Path) -> Definition:
    """The definition in a configuration folder; raises ConfigurationError."""
    return load_yaml(config / DEFINITION, Definition)
