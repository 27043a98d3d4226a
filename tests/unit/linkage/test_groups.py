"""By what a link's quality is told apart, each record in its group; and how much of all blocking seems to reach."""

from types import SimpleNamespace

import numpy as np
import pytest

from hub.periods import Quarter
from linkage.assessed.groups import groupings
from linkage.assessed.reach import reach
from linkage.config import LinkageConfig
from linkage.kept.state import Pairs
from linkage.paired.coded import Coded

FEEDS = ("council.marac", "police.recorded_crime", "police.street_crime")
AUTHORITY = {feed: feed.partition(".")[0] for feed in FEEDS}
TRAITS = {"sex": ["female", "male"], "ethnic_group": ["asian", "black", "white"]}


def test_every_record_is_in_its_group_by_each_way_to_group() -> None:
    encoding = SimpleNamespace(which=np.array([0, 1, 2, -1]), bits=np.array([60, 90, 120]))
    kept = SimpleNamespace(
        alive=np.ones(4, dtype=bool),
        feed=np.array([0, 1, 2, 1]),
        traits=np.array([[0, 2, 2009], [1, -1, 2002], [-1, 0, 1986], [1, 1, 0]], dtype=np.int16),
        coded=SimpleNamespace(encodings=dict.fromkeys(("encoding_forename", "encoding_surname"), encoding)),
    )
    found = {
        it.kind: [it.names[at] if at >= 0 else None for at in it.of.tolist()]
        for it in groupings(kept, FEEDS, AUTHORITY, TRAITS, Quarter(2026, 3))  # type: ignore[arg-type]
    }
    assert found == {
        "sex": ["female", "male", None, "male"],
        "ethnic_group": ["white", None, "asian", "black"],
        "age_band": ["under 18", "18 to 24", "25 to 49", None],
        "name": ["short name", "middling name", "long name", None],
        "authority": ["council", "police", "police", "police"],
    }


def test_who_meets_by_name_or_by_birthday_tells_how_many_meet_by_neither(config: LinkageConfig) -> None:
    """Of 100 sure pairs 80 meet by name, 80 by date of birth, 60 by both: some 6 more by neither (Chapman 1951)."""
    left = np.arange(0, 200, 2, dtype=np.int32)
    tokens = {name: np.full(200, -1, dtype=np.int32) for name in config.columns if name.startswith("token_")}
    for name, pairs in ("token_full_name", range(80)), ("token_date_of_birth", range(20, 100)):
        for pair in pairs:
            tokens[name][2 * pair : 2 * pair + 2] = pair
    none, no_levels = np.full(100, -1, dtype=np.int8), np.zeros((100, 0), dtype=np.int8)
    kept = SimpleNamespace(
        coded=Coded(200, tokens, {}),
        pairs=Pairs(np.arange(100), left, left + np.int32(1), np.full(100, 40.0), no_levels, none),
    )
    found = reach(kept, config)  # type: ignore[arg-type]
    assert found.value == pytest.approx(100 / (81 * 81 / 61 - 1), abs=1e-3)
    assert found.low < found.value < found.high <= 1
