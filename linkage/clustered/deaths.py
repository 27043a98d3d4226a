"""Nobody is in an event after their own death, as ``deaths`` of ``config/linkage.yaml`` says what tells of one.

1. A record tells of a death on the day of the event that does, and of a life on the day of the latest event that it is
   in (linkage.lived). Both can be one person's only if the life is at most ``grace`` days after the death: an assault
   that kills weeks later is recorded on its own day.
2. A record that tells of no death, or of no day, forbids nothing.
3. A feed that is named and has no contract, a column that it does not publish, and a value that the column cannot have
   are refused: a rule that never holds would look like one that always does.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from linkage.paired.grouping import Indices
from schemas.contract import Contract
from schemas.offences import load_offences
from schemas.registry import CONTRACTS

Days = NDArray[np.int32]  # a row a record: DAYS, by number since 1970-01-01; NEVER, and less than any day, where untold
DAYS = ("day_died", "day_seen")
NEVER = 1 << 29
UNTOLD = (NEVER, -NEVER)
OFFENCE = "offence_code"


def never_told(told_by: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[str]:
    """Rule 3: what of ``told_by`` no feed can say."""
    for feed, values in told_by.items():
        contract = CONTRACTS.get(feed)
        if contract is None or not contract.personal:
            yield feed
            continue
        for name, stated in values.items():
            if name not in contract.publishable:
                yield f"{feed} {name}"
                continue
            known = _words(contract, name)
            yield from (f"{feed} {name} {it}" for it in stated if known is not None and it not in known)


def _words(contract: Contract, column: str) -> frozenset[str] | None:
    """The values that a column of codes can have; none of any other column."""
    codes = contract.readings[column].codes if column in contract.readings else None
    if codes is not None:
        return frozenset(codes.values())
    return frozenset(load_offences()["offence_code"]) if column == OFFENCE else None


def after_death(one: Days, other: Days, grace: int) -> NDArray[np.bool_]:
    """Rule 1, of each pair of records: whether one tells of a life after the death that the other tells of."""
    return np.asarray((one[:, 0] + grace < other[:, 1]) | (other[:, 0] + grace < one[:, 1]))


def seen_after_death(label: Indices, days: Days, grace: int) -> Indices:
    """The groups in which somebody died and is seen later."""
    died = np.full(len(label), NEVER, dtype=np.int32)
    told = np.flatnonzero(days[:, 0] < NEVER)
    np.minimum.at(died, label[told], days[told, 0])
    return np.asarray(np.unique(label[died[label] + grace < days[:, 1]]))
