"""What a change of the register rests on, in words: how its pair agrees, what that adds, and what people decided."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from linkage.learned.model import Model
from linkage.learned.told_levels import read_levels
from linkage.learned.trained import model_of
from linkage.models import Membership
from linkage.registered.undoing import Change
from linkage.reviewed.reviewing import Word, words

BEYOND = "beyond"
"""What a pair's weight has beside its levels: rare or common values, what goes together by chance, a ceiling."""


@dataclass(frozen=True)
class Explained:
    """``levels`` by comparison; ``bits`` begin with the prior and add up to the pair's weight (BEYOND is the rest).

    Both are empty where no pair speaks. ``decided``: what people said of records of the persons concerned.
    """

    change: Change
    levels: Mapping[str, str]
    bits: Mapping[str, float]
    decided: Sequence[Word]


def explained(connection: Connection, change: Change) -> Explained:
    """A change with what it rests on."""
    model = model_of(connection, change.model_version) if change.model_version else None
    levels = read_levels(change.levels, model) if change.levels and model else {}
    bits = _bits(levels, model, change.bits) if model and levels and change.bits is not None else {}
    return Explained(change, levels, bits, _decided(connection, change))


def _bits(levels: Mapping[str, str], model: Model, weight: float) -> dict[str, float]:
    prior = float(model.content["prior"])
    found = {"prior": math.log2(prior / (1 - prior))}
    for name, level in levels.items():
        shares = model.content["parameters"][name].get(level)
        found[name] = math.log2(shares["m"] / shares["u"]) if shares else 0.0
    return found | {BEYOND: weight - sum(found.values())}


def _decided(connection: Connection, change: Change) -> list[Word]:
    persons = [it for it in (change.person_id, change.other_id) if it]
    asked = select(Membership.record_id).where(Membership.person_id.in_(persons))
    held = set(connection.execute(asked).scalars())
    return [word for word in words(connection) if {word.record_id_l, word.record_id_r} <= held]
