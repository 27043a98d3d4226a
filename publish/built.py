"""What a run of the workflow built: what it passes on is held against the log before anything is published."""

import re

from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from keys.ring import KeyRing
from publish.database import ANALYSTS
from publish.errors import PublicationRefused
from publish.logged import newest_candidate
from publish.publication import Published, publish
from publish.refusals import logging_refusals

RELEASE_NAME = re.compile(r"[0-9]{4}-Q[1-4]-v[0-9]{1,9}")


def publish_built(settings: Settings, ring: KeyRing, quarter: Quarter, told: object) -> Published:
    """Publish what a run built for a quarter. ``told`` is what its first task passed on, which anybody may have edited.

    1. It is what that task passes on: a release and the hash of its manifest.
    2. It is what the log says was built last for the quarter.

    Raises as ``publish``, and logs the refusal with the release that was named.
    """
    named, manifest_hash = _named(told)
    with logging_refusals(settings, named, str(quarter), ANALYSTS):
        if named is None:  # (1)
            why = "what build_candidate passes on was edited, or that task was marked done by hand and built nothing"
            raise _refused(quarter, why)
        with transaction(settings) as connection:
            built = newest_candidate(connection, str(quarter), ANALYSTS)
        if built != (named, manifest_hash):  # (2)
            what = built[0] if built else "nothing"
            raise _refused(quarter, f"it names another candidate than the log, where {what} was built last")
    return publish(settings, ring, named)


def _named(told: object) -> tuple[str | None, object]:
    if not isinstance(told, dict) or not RELEASE_NAME.fullmatch(str(told.get("release"))):
        return None, None
    return str(told["release"]), told.get("manifest_hash")


def _refused(quarter: Quarter, why: str) -> PublicationRefused:
    return PublicationRefused(
        "The run has nothing to publish",
        where=f"the run of release for {quarter}",
        why=why,
        fix="Clear its task build_candidate, so that it runs again",
    )
