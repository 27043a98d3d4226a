"""The published table release: what the release is, and how complete each feed is in it. Pure."""

from collections.abc import Iterator

import polars as pl

from publish.manifest import AgreementEntry, FeedInput, LinkageEntry
from schemas.published import published_schema

_LINKAGE = {
    "linkage_precision": "estimated_precision", "linkage_precision_low": "precision_low",
    "linkage_precision_high": "precision_high", "linkage_recall": "estimated_recall",
    "linkage_recall_low": "recall_low", "linkage_recall_high": "recall_high",
}  # fmt: skip


def release_table(
    feeds: tuple[FeedInput, ...], linkage: LinkageEntry, agreement: AgreementEntry, **whole: str | None
) -> pl.DataFrame:
    """One row a feed, in order of feeds. ``whole``: what else is said of the whole release, quarter among it."""
    said: dict[str, object] = dict(whole)
    said |= {f"agreement_{name}": value for name, value in agreement.model_dump().items()}
    said |= {"records": linkage.records, "persons": linkage.persons}
    said |= {column: linkage.quality.get(name) for column, name in _LINKAGE.items()}
    rows = [told | said for told in _told(feeds, str(whole["quarter"]))]
    kinds = {name: column.dtype.type for name, column in published_schema("release").columns.items()}
    return pl.DataFrame(rows, schema=kinds, orient="row").sort("feed")


def _told(feeds: tuple[FeedInput, ...], quarter: str) -> Iterator[dict[str, object]]:
    for feed in feeds:
        received, accepted = (sum(getattr(one, name) for one in feed.deliveries) for name in ("received", "accepted"))
        yield {
            "feed": feed.feed,
            "authority": feed.authority,
            "state": feed.state,
            "deliveries": len(feed.deliveries),
            "rows_received": received,
            "rows_accepted": accepted,
            "rows_quarantined": sum(one.quarantined for one in feed.deliveries),
            "accepted_share": round(accepted / received, 4) if received else None,
            "quarter_rows": sum(one.accepted for one in feed.deliveries if one.period == quarter),
        }
