"""Rounded tables: small counts hidden, the others rounded, totals made of the rounded parts alone. Pure.

Source: OpenSAFELY, Output checking: redact, then round, then recompute totals.
"""

import numpy as np

from disclosure.protecting import Protected
from disclosure.rules import Reason
from disclosure.tables import Table


def rounded(table: Table, smallest_count: int, base: int) -> Protected:
    """The table with every inner count a multiple of ``base``, half up, and each margin the sum of what is shown.

    1. An inner count of 1 to ``smallest_count`` - 1 is hidden, and counts for nothing in any margin.
    2. A margin says nothing that its shown parts do not say: so nothing can be derived, and nothing else is hidden.
    3. A margin of hidden parts alone is hidden too: a 0 there would be untrue.
    """
    hidden = table.inner & (table.values > 0) & (table.values < smallest_count)  # (1)
    parts = np.floor((table.values + base / 2) / base) * base
    values = table.summed_up(np.where(hidden, 0.0, parts))  # (2)
    holds_shown = table.summed_up((~hidden).astype(float) * (table.values > 0)) > 0
    hides = table.summed_up(hidden.astype(float)) > 0
    shown = ~hidden & (holds_shown | ~hides)  # (3)
    reasons: dict[tuple[str, ...], Reason] = {table.cells[int(place)]: "small" for place in np.flatnonzero(~shown)}
    return Protected(Table(table.dimensions, values), shown, reasons)
