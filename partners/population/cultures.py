"""The cultures whose names and families are found in the borough, and how often.

Shares are near those of the 2021 census for Kingston upon Thames, with small groups rounded up so
that each is met in a population of a few thousand.
"""

from dataclasses import dataclass
from enum import StrEnum


class NameCustom(StrEnum):
    """How a family hands on its name."""

    FATHERS_SURNAME = "the father's surname"
    FATHERS_FORENAME = "the father's forename"  # many Tamil families
    GENDERED = "the father's surname, -ska for women"
    SEPARATE = "the father's surname; a wife keeps her own"


@dataclass(frozen=True)
class Culture:
    """A culture: the file of its names, its share, its self-defined ethnicity code (16+1)."""

    name: str
    share: float
    ethnicity: str
    custom: NameCustom = NameCustom.FATHERS_SURNAME
    generations_together: float = 0.04
    surname_last: bool = True


_F, _S, _G = NameCustom.FATHERS_FORENAME, NameCustom.SEPARATE, NameCustom.GENDERED
CULTURES = (
    Culture("british", 46.0, "W1", generations_together=0.03),
    Culture("irish", 2.4, "W2"),
    Culture("polish", 4.0, "W9", _G),
    Culture("romanian", 2.5, "W9"),
    Culture("southern_european", 4.5, "W9", _S),
    Culture("korean", 6.0, "A9", _S, surname_last=False),
    Culture("tamil", 6.0, "A9", _F, 0.18),
    Culture("indian", 6.0, "A1", generations_together=0.18),
    Culture("pakistani", 4.5, "A2", _S, 0.18),
    Culture("bangladeshi", 1.4, "A3", _S, 0.2),
    Culture("arab", 3.5, "O9", _S, 0.1),
    Culture("iranian", 2.0, "O9", _S),
    Culture("afghan", 1.0, "A9", _S, 0.15),
    Culture("nigerian", 1.8, "B2"),
    Culture("ghanaian", 1.0, "B2"),
    Culture("somali", 1.4, "B2", _S, 0.1),
    Culture("caribbean", 1.8, "B1"),
    Culture("chinese", 2.6, "O1", _S, 0.1, surname_last=False),
    Culture("filipino", 1.2, "A9"),
)
CULTURE = {culture.name: culture for culture in CULTURES}

_MIXED = {"B1": "M1", "B2": "M2", "A1": "M3", "A2": "M3", "A3": "M3", "A9": "M3", "O1": "M9", "O9": "M9"}


def ethnicity_of_child(mother: str, father: str) -> str:
    """The 16+1 code of a child of two parents' codes."""
    if mother == father or mother.startswith("M"):
        return mother
    if mother[0] == father[0]:
        return father
    pair = sorted((mother, father))
    return _MIXED.get(pair[0], "M9") if pair[1].startswith("W") else "M9"
