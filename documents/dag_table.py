"""The page that lists every DAG: when it starts, whose systems it asks, what it makes, what to do when it fails.

Made from the feeds' files by ``hub feed pages``, beside the feeds' own pages.
"""

from collections.abc import Iterator, Mapping

from hub.feeds import Feed

HEAD = """# The DAGs

Made from `config/feeds` by `hub feed pages`; do not edit. How they hang together, and what to do when one fails:
[dags/README.md](../dags/README.md). Each run of an ingest DAG, of `link` and of `release` is for one quarter, its
partition key. Hours are London's.

| DAG | starts | asks | in which hours | makes | late after |
| --- | --- | --- | --- | --- | --- |
"""
OTHERS = (
    ("link", "when every feed of a quarter is in, or was given up", "nobody", "any", "`register`", "-"),
    ("release", "after `link`", "nobody; waits for the reviewer", "any", "`candidate`, `release`", "-"),
    ("witness", "every hour", "the authorities' witnesses", "any", "a cosigned log, verified", "-"),
    ("digest", "every day at 6", "nobody", "any", "sentences on what was unusual", "-"),
    ("retention", "every day at 3", "nobody", "any", "what is due by the agreement, shredded", "-"),
    ("late", "every day at 7", "nobody", "any", "a failed task for each late feed; feeds given up", "-"),
)


def dag_table(feeds: Mapping[str, Feed]) -> str:
    """The page, in Markdown."""
    rows = [*(_ingest(feed) for feed in feeds.values()), *map(_others, OTHERS)]
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _ingest(feed: Feed) -> Iterator[str]:
    yield f"[`ingest_{feed.name.replace('.', '_')}`](feeds/{feed.name}.md)"
    yield f"`{feed.schedule}`" if feed.schedule else "by hand"
    yield f"{feed.authority}, by {feed.transport.kind} (pool `{feed.authority}`)"
    yield f"{feed.window.opens:%H:%M} to {feed.window.closes:%H:%M}" if feed.window else "any"
    yield f"`delivery/{feed.name}`"
    yield f"{feed.late_after_days} days"


def _others(row: tuple[str, ...]) -> tuple[str, ...]:
    return (f"`{row[0]}`", *row[1:])
