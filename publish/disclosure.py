"""How identifying a candidate's rows are. Pure. It measures; it changes nothing.

Source: k-anonymity (Samarati & Sweeney 1998): the persons who share their quasi-identifiers.
"""

import polars as pl

from publish.manifest import DisclosureEntry

QUASI_IDENTIFIERS = ("age_band", "ethnic_group", "sex")


def disclosure(person: pl.DataFrame, agreed_group: int) -> DisclosureEntry:
    """Group sizes in the table person over those quasi-identifiers that it has."""
    columns = tuple(name for name in QUASI_IDENTIFIERS if name in person.columns)
    groups = person.group_by(columns).len("persons")["persons"] if columns else pl.Series([person.height])
    small = groups.filter(groups < agreed_group)
    return DisclosureEntry(
        quasi_identifiers=columns,
        agreed_group=agreed_group,
        smallest_group=int(groups.sort()[0]) if person.height else None,
        persons_in_smaller_groups=int(small.cast(pl.Int64).sum()),
        treatment="none",
    )
