"""What a public release is held against: all that was out before, whether or not it was withdrawn since. Edge.

1. With the tables of a year, those of the three quarters before that were out pass the same gate first: what was hidden
   there cannot be told from the year. That holds only while they would come out as they were published, which their
   hashes tell; if one would not, it is published again first.
2. Every earlier version that was out, of the quarter itself, and with a year of those quarters, is held against too
   (``assessment.told_before``): who wants has a copy, also of what was withdrawn.
3. Who is behind its cells is read from the very release that it was made from, as long as that is published; after
   that from the newest, and what shows the same number counts as the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from agreement.model import Public
from assessment.errors import AssessmentRefused
from assessment.public.kept import PublicRelease, out_before, versions_before
from assessment.public.source import PublicSource
from assessment.public.tables import Made, not_as_published
from assessment.safe import Gate, Listening
from assessment.told_before import Let, ToldBefore
from hub.database import transaction
from hub.periods import Quarter
from publish.database import ANALYSTS
from publish.releases import in_state


@dataclass(frozen=True)
class Beside:
    """What was out.

    ``quarters``: the newest of each quarter before (1). ``versions``: older ones of these, and of the quarter (2).
    """

    quarters: tuple[PublicRelease, ...] = ()
    versions: tuple[PublicRelease, ...] = ()


def beside(connection: Connection, quarter: Quarter, version: int) -> Beside:
    """What a version of a quarter is held against."""
    quarters = out_before(connection, quarter)
    older = [each for one in quarters for each in versions_before(connection, one.quarter, one.version)]
    return Beside(tuple(quarters), (*older, *versions_before(connection, str(quarter), version)))


def hold(
    source: PublicSource, known: Beside, public: Public, quarter: Quarter, gate: Gate, *, year: bool, on: date
) -> None:
    """Hold a gate against all that was out: first what tells of one quarter alone, then the years.

    Raises AssessmentRefused, ReadingRefused and AgreementRefusal.
    """
    quarters = [one.quarter for one in known.quarters] if year else []
    versions = [one for one in known.versions if one.quarter in {str(quarter), *quarters}]
    told = [(one.told_before, _heard(_source_of(one, source, public, on), one)) for one in versions]
    for before, heard in told:
        gate.hold(before.only([*quarters, str(quarter)], of_quarters=True), heard)  # (2)
    if year:
        for published in known.quarters:
            _require_same(published, source.of(Quarter.parse(published.quarter), gate))  # (1)
    for before, heard in told:
        gate.hold(before.only([*quarters, str(quarter)], of_quarters=False), heard)  # (2)


def _source_of(one: PublicRelease, newest: PublicSource, public: Public, on: date) -> PublicSource:
    """Rule 3."""
    if one.manifest.source_manifest == newest.release.manifest.hash:
        return newest
    with transaction(newest.settings) as connection:
        held = in_state(connection, "published", ANALYSTS)
    made_from = next((each for each in held if each.manifest.hash == one.manifest.source_manifest), None)
    return newest if made_from is None else PublicSource.read(newest.settings, made_from, public, on)


def _heard(source: PublicSource, one: PublicRelease) -> Mapping[str, Let]:
    """Who is behind the cells of each table that was told before; raises AssessmentRefused if one is not made now."""
    listening = Listening(source.terms)
    source.of(Quarter.parse(one.quarter), listening)
    if "needs" in one.manifest.kinds:
        source.needs(listening)
    gone = sorted(set(one.told_before.tables) - set(listening.let))
    if gone:
        raise AssessmentRefused(
            "The public release is not made",
            where=one.name,
            why=f"it was out with a table that is not made any more, {gone[0]}, so that nothing can be held against it",
            fix="Leave the quarter as it is, or have the agreement grant the analysts what that table counts by",
        )
    return listening.let


def _require_same(published: PublicRelease, made: Sequence[Made]) -> None:
    """Rule 1, by the hashes of the manifest: they are known whether or not the folder is there still."""
    other = not_as_published(made, {one.name: one.sha256 for one in published.manifest.files})
    if other:
        raise AssessmentRefused(
            "The tables of the needs assessment cannot be given to the public",
            where=published.name,
            why=f"the events of it were corrected since, so that they cannot be held against it ({', '.join(other)})",
            fix=f"Build and publish {published.quarter} again first",
        )


def told_of(gate: Gate, quarter: Quarter, known: Beside) -> ToldBefore:
    """What a release's own tables tell: without those of the quarters before, which passed the gate first."""
    others = {one.quarter for one in known.quarters} - {str(quarter)}
    told = gate.told
    return ToldBefore(told.terms, {name: stood for name, stood in told.tables.items() if name[:7] not in others})
