"""Partners that fail in every way they can, and a hub that is killed meanwhile: no row is lost, none is doubled."""

from pathlib import Path

import pytest

from partners.faults.kinds import WAYS, Fault
from partners.faults.runs import run
from tests.cases import ALL

pytestmark = pytest.mark.timeout(1800)
FOUND_BUGS = (71,)  # by these the thousand trials of docs/faults.md found something to mend
FEW = (8, 21, *FOUND_BUGS)  # three transports; all of them in make test-all
MANY = range(120)


def test_whatever_goes_wrong_the_hub_has_what_an_undisturbed_one_has(tmp_path: Path) -> None:
    seeds, kept = MANY if ALL else FEW, tmp_path / "kept.jsonl"
    found = run(seeds, 1, kept)
    assert {told.seed: told.wrong for told in found if told.wrong} == {}
    assert len({told.way for told in found}) == (len(WAYS) if ALL else len(FEW))
    assert sum(told.kills for told in found) >= len(found)
    assert sum(told.rows_in for told in found) == sum(told.rows_out for told in found) > 0
    assert max(told.fetched_again for told in found) <= 1
    assert run(seeds, 1, kept) == found  # what was written down is not run again


def test_every_trouble_is_one_of_some_way_and_each_way_has_several() -> None:
    assert {fault for way in WAYS for fault in way.faults} == {*Fault}
    assert min(len({*way.faults}) for way in WAYS) >= 5
