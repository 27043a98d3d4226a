"""The tables of a published release that an assessment rests on, read as by any reader: permitted and logged."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from assessment.errors import AssessmentRefused
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from publish.reading import published_release, read_release
from publish.releases import Release, in_state

Wanted = Mapping[str, Sequence[str]]


def newest_release(settings: Settings, quarter: Quarter | None, recipient: str) -> Release:
    """The newest published version of a quarter's release to a recipient; without a quarter, of the latest.

    Raises AssessmentRefused if there is none, ReadingRefused if the log does not know it.
    """
    with transaction(settings) as connection:
        held = in_state(connection, "published", recipient)
        found = [one for one in held if quarter is None or one.quarter == str(quarter)]
        if not found:
            raise AssessmentRefused(
                "There is nothing to assess",
                where=f"releases of {quarter}" if quarter else "the releases",
                why="none is published to the recipient that is asked for",
                fix="Publish one (hub release publish), or see hub release list",
            )
        newest = max(found, key=lambda one: (one.quarter, one.version))
        return published_release(connection, newest.name)


def read_tables(
    settings: Settings, release: Release, purpose: str, wanted: Wanted, on: date, optional: Wanted | None = None
) -> dict[str, pl.DataFrame]:
    """These columns of these tables, each reading permitted, proved against the manifest and logged by itself.

    ``optional``: columns that are read where the release has them. Raises ReadingRefused and AgreementRefusal.
    """
    held = {entry.name: entry.columns for entry in release.manifest.tables}
    tables: dict[str, pl.DataFrame] = {}
    for name, columns in wanted.items():
        more = [column for column in (optional or {}).get(name, ()) if column in held.get(name, ())]
        asked = tuple(dict.fromkeys((*columns, *more)))
        tables[name] = read_release(settings, release.name, release.recipient, purpose, name, asked, on)
    return tables
