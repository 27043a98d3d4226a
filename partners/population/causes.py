"""What makes violence likelier or rarer, as ``partners/drivers.yaml`` says: the planted truth, and the decoys."""

from collections.abc import Iterable
from functools import cache
from math import prod
from pathlib import Path
from random import Random
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from hub.yaml_files import load_yaml

DRIVERS = Path(__file__).parents[1] / "drivers.yaml"
EXCLUDED, EXPLOITED, SETS_FIRES, LOOKED_AFTER = "suspended from school", "exploitation", "fire-setting", "in care"
SUBSTANCES, GANG, LEARNING, SPECIAL_NEEDS = (
    "substance misuse",
    "gang",
    "in full-time education",
    "special educational needs",
)
MENTAL_HEALTH, ACCOMMODATION, MISSING = "mental health", "unsuitable home", "going missing"
MENTORING, KNIFE_AWARENESS, PRISON_VISIT = "mentoring", "knife crime awareness session", "prison awareness visit"

_Level = Literal["individual", "relationship", "community"]
_Times = Annotated[float, Field(gt=0)]
_Share = Annotated[float, Field(ge=0, le=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Happening(_Frozen):
    """Something that happens to people; ``offending``: how many times as often they are suspects from then on."""

    level: _Level
    direction: Literal["risk", "protective", "none"]
    offending: _Times


class Trait(Happening):
    """Something that people have; ``assessed_as``: the census's codes of an assessment that finds it."""

    share: _Share
    assessed_as: tuple[str, ...]


class Place(_Frozen):
    """Something that small areas have."""

    level: _Level
    direction: Literal["risk", "protective", "none"]
    deciles: tuple[int, ...]
    crimes: _Times


class Given(_Frozen):
    """An intervention: what it does to those who have it, and who gets it. ``share``: of those who could."""

    offending: _Times
    given_to: Literal["greater risk", "lesser risk"]
    share: _Share


class Causes(_Frozen):
    """The whole file."""

    traits: dict[str, Trait]
    events: dict[str, Happening]
    places: dict[str, Place]
    interventions: dict[str, Given]


@cache
def causes(path: Path = DRIVERS) -> Causes:
    """The planted causes; raises ConfigurationError if the file is wrong."""
    return load_yaml(path, Causes)


def draw_traits(rng: Random) -> frozenset[str]:
    """What one person has, each trait for itself: none comes with another, so that a decoy is a decoy."""
    return frozenset(name for name, trait in causes().traits.items() if rng.random() < trait.share)


@cache
def of_traits(traits: frozenset[str]) -> float:
    """How many times as often people with these traits are suspects."""
    return prod(causes().traits[name].offending for name in traits)


def of_events(happened: Iterable[str]) -> float:
    """How many times as often people to whom these happened are suspects."""
    return prod(causes().events[name].offending for name in happened)


def of_intervention(name: str) -> float:
    """How many times as often people who have it are suspects; 1 of what is not planted."""
    given = causes().interventions.get(name)
    return given.offending if given else 1.0
