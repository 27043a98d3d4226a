"""What the DAGs make, and by which one starts the next. Every event carries its quarter as key."""

from airflow.sdk import Asset

from hub.feeds import Feed

REGISTER = Asset("register", group="linkage")
CANDIDATE = Asset("candidate", group="publish")
RELEASE = Asset("release", group="publish")


def delivery(feed: Feed) -> Asset:
    """One quarter of one feed: admitted, with its bad rows in quarantine."""
    return Asset(f"delivery/{feed.name}", group="ingest", extra={"authority": feed.authority})
