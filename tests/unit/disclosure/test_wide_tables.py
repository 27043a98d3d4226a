"""Tables too large for a search for the fewest cells: they are protected too, and the auditor finds nothing."""

import numpy as np
import pytest

from disclosure.choosing import EXACT
from disclosure.dimensions import Dimension
from disclosure.protecting import protect
from disclosure.rules import Rule
from disclosure.tables import Table
from tests.unit.disclosure.auditor import Auditor
from tests.unit.disclosure.drawn import flat

SHAPE = (Dimension("area", {"all": tuple(f"a{n}" for n in range(49))}), flat("kind", 39))
SMALL = {(3, 5): 2, (3, 9): 7, (20, 5): 4, (40, 30): 1}


def test_an_auditor_derives_no_small_count_of_a_table_of_2000_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("disclosure.choosing._Cover")  # the search: it would take minutes
    counts = np.random.default_rng(4).integers(8, 200, (50, 40)).astype(float)
    for (area, kind), count in SMALL.items():
        counts[area + 1, kind + 1] = count
    empty = Table(SHAPE, np.zeros(counts.size))
    table = Table(SHAPE, empty.summed_up(counts.reshape(-1)))
    done = protect(table, Rule(smallest_count=8))
    assert len(table.cells) - len(SMALL) > EXACT
    assert len(done.reasons) <= 4 * len(SMALL)
    shown = zip(table.cells, table.values, done.shown, strict=True)
    attacker = Auditor([one.parts for one in SHAPE], [{cell: int(v) if s else None for cell, v, s in shown}])
    for cell in (cell for cell, reason in done.reasons.items() if reason == "small"):
        assert attacker.can_be(attacker.sum_of(0, cell), most=1), cell
        assert attacker.can_be(attacker.sum_of(0, cell), least=7), cell
