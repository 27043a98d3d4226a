"""The register of public releases: what was built, what was published, and who decided."""

from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, Row, Table, func, insert, select, update

from assessment.errors import AssessmentRefused
from assessment.models import PublicDecisionRow, PublicReleaseRow
from assessment.public.manifest import PublicManifest, public_name
from assessment.told_before import ToldBefore
from disclosure.questions import Terms
from hub.clock import now
from hub.periods import Quarter
from hub.settings import Settings
from publish.decision import Decision

RELEASE = cast(Table, PublicReleaseRow.__table__)
CANDIDATE, PUBLISHED, WITHDRAWN = "candidate", "published", "withdrawn"
_YEAR = 4


@dataclass(frozen=True)
class PublicRelease:
    """One public release; ``uri`` is where its folder is, or will be.

    ``was_out``: it was published, whether or not it was withdrawn since: whoever wants has a copy.
    """

    name: str
    quarter: str
    version: int
    state: str
    uri: str
    manifest: PublicManifest
    was_out: bool = False
    told: str | None = None

    @property
    def told_before(self) -> ToldBefore:
        """What its tables told; raises AssessmentRefused if that was not kept."""
        if self.told is None:
            raise AssessmentRefused(
                "The public release is not made",
                where=self.name,
                why="it was published, and what its tables told was not kept, so that nothing can be held against it",
                fix=f"Run hub release public publish {self.name} again, which keeps it",
            )
        return ToldBefore.parse(self.told, Terms(self.manifest.smallest_count, self.manifest.round_to))


def every(connection: Connection) -> list[PublicRelease]:
    """Every public release, in the order of quarter and version."""
    return [_read(row) for row in connection.execute(select(RELEASE).order_by(RELEASE.c.quarter, RELEASE.c.version))]


def find(connection: Connection, name: str, *, lock: bool = False) -> PublicRelease:
    """One by its name; raises AssessmentRefused, which does not repeat what was typed."""
    query = select(RELEASE).where(RELEASE.c.name == name)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise AssessmentRefused(
            "There is no such public release",
            where="the public releases",
            why="none of that name was built",
            fix="See hub release public list; names are such as public-2026-Q3-v1",
        )
    return _read(row)


def newest_of(connection: Connection, quarter: str) -> PublicRelease | None:
    """The newest version of a quarter, whatever its state."""
    return next((one for one in reversed(every(connection)) if one.quarter == quarter), None)


def out_near(connection: Connection, quarter: Quarter) -> list[PublicRelease]:
    """The newest release that was out of each other quarter whose year and this one's overlap, oldest first."""
    found: dict[str, PublicRelease] = {}
    for one in every(connection):
        if one.was_out and 0 < abs(_apart(one, quarter)) < _YEAR:
            found[one.quarter] = one
    return [found[name] for name in sorted(found)]


def out_before(connection: Connection, quarter: Quarter) -> list[PublicRelease]:
    """Of these, those of the three quarters before."""
    return [one for one in out_near(connection, quarter) if _apart(one, quarter) > 0]


def versions_before(connection: Connection, of: str, version: int) -> list[PublicRelease]:
    """The versions of a quarter before one that were out, oldest first."""
    return [one for one in every(connection) if one.was_out and one.quarter == of and one.version < version]


def require_in_order(connection: Connection, quarter: Quarter) -> None:
    """Raise AssessmentRefused for a first release of a quarter after one of a later quarter.

    A year that tells of the quarter may be out already, and was held against what was out then.
    """
    out = [one for one in every(connection) if one.was_out]
    later = next((one for one in out if _apart(one, quarter) < 0), None)
    if later is not None and str(quarter) not in {one.quarter for one in out}:
        raise AssessmentRefused(
            "The public release is not made",
            where=str(quarter),
            why=f"{later.name} was published, and quarters are given in their order, each held against those before",
            fix="Leave this quarter out; only a quarter that was published can be corrected",
        )


def _apart(one: PublicRelease, quarter: Quarter) -> int:
    """By how many quarters a release is before a quarter."""
    of = Quarter.parse(one.quarter)
    return (quarter.year - of.year) * 4 + quarter.number - of.number


def one_at_a_time(connection: Connection) -> None:
    """Wait for whoever builds or publishes for the public, until that transaction ends: each is held against others."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("public releases", 0))))


def keep(settings: Settings, connection: Connection, manifest: PublicManifest) -> tuple[PublicRelease, bool]:
    """Keep a candidate; the same as the newest changes nothing, and another follows what was out as a new version.

    What was withdrawn stays so: the same again is a new version too.

    Returns it, and whether it is the same as before.
    """
    one_at_a_time(connection)
    newest = newest_of(connection, manifest.quarter)
    standing = newest is not None and newest.state != WITHDRAWN
    if newest is not None and standing and manifest.named(newest.name).hash == newest.manifest.hash:
        return newest, True
    version = 1 if newest is None else newest.version + (newest.state != CANDIDATE)
    named = manifest.named(public_name(manifest.quarter, version))
    uri = f"{settings.zone('releases')}/public/{named.release}"
    values = {"manifest_hash": named.hash, "manifest": named.canonical().decode(), "created_at": now()}
    if newest is not None and newest.state == CANDIDATE:
        connection.execute(update(RELEASE).where(RELEASE.c.name == named.release).values(values))
    else:
        begun = {"name": named.release, "quarter": named.quarter, "version": version, "state": CANDIDATE, "uri": uri}
        connection.execute(insert(RELEASE).values(values | begun))
    return PublicRelease(named.release, named.quarter, version, CANDIDATE, uri, named), False


def mark_published(connection: Connection, release: PublicRelease, told: ToldBefore) -> None:
    """Say so in the register, with what its tables tell: later ones are held against that."""
    done = {"state": PUBLISHED, "published_at": func.coalesce(RELEASE.c.published_at, now()), "told": told.document()}
    connection.execute(update(RELEASE).where(RELEASE.c.name == release.name).values(done))


def mark_withdrawn(connection: Connection, name: str) -> None:
    """Say so in the register; what its tables told stays there."""
    connection.execute(update(RELEASE).where(RELEASE.c.name == name).values(state=WITHDRAWN))


def decisions_on(connection: Connection, name: str) -> list[Decision]:
    """Every recorded decision on a public release, oldest first."""
    query = select(PublicDecisionRow.statement, PublicDecisionRow.signature).where(PublicDecisionRow.release == name)
    rows = connection.execute(query.order_by(PublicDecisionRow.id))
    return [Decision.parse(row.statement, bytes(row.signature)) for row in rows]


def keep_decision(connection: Connection, decision: Decision) -> None:
    """Keep a decision as it was signed."""
    said = {"statement": decision.statement.canonical().decode(), "signature": decision.signature}
    kept = {"release": decision.statement.release, "recorded_at": now()}
    connection.execute(insert(PublicDecisionRow).values(said | kept))


def _read(row: Row[tuple[object, ...]]) -> PublicRelease:
    held = row._mapping
    manifest = PublicManifest.parse(str(held["manifest"]), str(held["name"]))
    return PublicRelease(
        held["name"], held["quarter"], held["version"], held["state"], held["uri"], manifest,
        held["published_at"] is not None, held["told"],
    )  # fmt: skip
