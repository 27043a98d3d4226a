"""Read a release of the linked dataset: a marimo notebook (``marimo edit quickstart.py``) that also runs as a script.

Set HUB_URL, HUB_TOKEN and HUB_PURPOSE first; ``hub token issue`` prints a token.
"""

import marimo

app = marimo.App(width="medium")


@app.cell
def connect():
    import os

    import polars as pl

    from client import Hub

    hub = Hub(os.environ["HUB_URL"], os.environ["HUB_TOKEN"], os.environ["HUB_PURPOSE"])
    release = hub.release()  # the newest
    return hub, os, pl, release


@app.cell
def what_there_is(hub, release):
    print(hub.releases())
    print(release.dictionary().select("table", "column", "meaning"))
    return


@app.cell
def rows(release):
    event = release.table("event", ["event_id", "event_type", "occurred_on", "offence_code", "knife"])
    print(f"{event.height} events of {release.name}")
    return (event,)


@app.cell
def by_month(event, pl):
    months = event.group_by(pl.col("occurred_on").dt.truncate("1mo").alias("month")).len("events").sort("month")
    print(months)
    return (months,)


@app.cell
def persons(pl, release):
    part = release.table("involvement", ["event_id", "person_id", "role"])
    roles = part.group_by("person_id").agg(pl.col("role").unique().sort())
    both = roles.filter(pl.col("role").list.contains("victim") & pl.col("role").list.contains("suspect"))
    print(f"{both.height} of {roles.height} persons were both victim and suspect")
    return both, roles


@app.cell
def safe_counts(release):
    from client import HubRefused

    try:
        print(release.counts("event", ["event_type"]))  # rounded, small ones blank: these may be shown to others
    except HubRefused as refused:
        print(refused)
    return


if __name__ == "__main__":
    app.run()
