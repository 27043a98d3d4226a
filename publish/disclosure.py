"""How identifying a candidate's rows are. Pure. It measures; it changes nothing.

Source: k-anonymity (Samarati & Sweeney 1998): the persons who share their quasi-identifiers.
"""

import polars as pl

from publish.manifest import DisclosureEntry

QUASI_IDENTIFIERS = ("age_band", "ethnic_group", "sex")


def disclosure(person: pl.DataFrame, threshold: int) -> DisclosureEntry:
    """Group sizes in the table person over those quasi-identifiers that it has; ``threshold`` is the agreement's."""
    columns = tuple(name for name in QUASI_IDENTIFIERS if name in person.columns)
    groups = person.group_by(columns).len("persons")["persons"] if columns else pl.Series([person.height])
    small = groups.filter(groups < threshold)
    return DisclosureEntry(
        quasi_identifiers=columns,
        smallest_group=int(groups.sort()[0]) if person.height else None,
        threshold=threshold,
        persons_below_threshold=int(small.cast(pl.Int64).sum()),
        treatment="none",
    )
