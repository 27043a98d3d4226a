"""``hub feed list``, ``show``, ``circuits``: what there is, what one feed is, which authorities do not answer."""

from typing import Annotated, Any

import typer

from agreement.feed_terms import FeedTerms
from agreement.policy import read_agreement
from cli.home import existing_home
from cli.settings import read_settings
from cli.show import AsJson, as_json, console, table
from hub.feeds import Feed, load_feed, load_feeds
from schemas.contract import Contract
from schemas.registry import contract_for

FeedName = Annotated[str, typer.Argument(help="A feed such as police.recorded_crime.")]


def add_to(app: typer.Typer) -> None:
    """Hang the commands into ``hub feed``."""
    app.command("list")(list_feeds)
    app.command()(show)
    app.command()(circuits)


def list_feeds(as_json_: AsJson = False) -> None:
    """Every feed under config/feeds."""
    feeds = load_feeds(read_settings().config).values()
    if as_json_:
        told = [
            {"feed": f.name, "authority": f.authority, "transport": f.transport.kind, "format": f.format} for f in feeds
        ]
        as_json([one | {"title": feed.title, "owner": feed.owner} for one, feed in zip(told, feeds, strict=True)])
        return
    rows = [[f.name, f.authority, f.transport.kind, f.format, f.title] for f in feeds]
    table("Feeds", ["feed", "authority", "transport", "format", "what it is"], rows)


def show(feed: FeedName, as_json_: AsJson = False) -> None:
    """One feed: how it comes, when, on which terms, and what is done with each of its columns."""
    settings = read_settings()
    known, contract = load_feed(settings.config, feed), contract_for(feed)
    terms = read_agreement(settings.agreement_path).feeds.get(feed)
    columns = [_column(contract, terms, name) for name in contract.columns]
    if as_json_:
        as_json(_facts(known, contract, terms) | {"columns": columns})
        return
    console.print(f"{known.title}. {known.description}", soft_wrap=True)
    table(
        "", ["", ""], [[name.replace("_", " "), str(value)] for name, value in _facts(known, contract, terms).items()]
    )
    heads = ["column", "the hub's name", "class", "treatment", "meaning"]
    table("Columns", heads, [[c["source"], c["name"], c["class"], c["treatment"], c["meaning"]] for c in columns])
    console.print(f"Forms, code lists and rules: docs/feeds/{feed}.md")


def circuits(as_json_: AsJson = False) -> None:
    """Authorities that do not answer, and until when the hub leaves them alone."""
    from ingest.circuit import circuits as known  # noqa: PLC0415  # as in ingesting

    with existing_home() as settings:
        found = known(settings)
    if as_json_:
        as_json([vars(circuit) | {"state": str(circuit.state)} for circuit in found])
        return
    if not found:
        console.print("Every authority that was asked has answered.")
        return
    rows = [[c.authority, str(c.state), c.failures, _minute(c.since), _minute(c.until), c.ground or ""] for c in found]
    table("Circuits (UTC)", ["authority", "state", "failures", "since", "until", "ground"], rows)


def _minute(instant: Any) -> str:
    return "" if instant is None else f"{instant:%Y-%m-%d %H:%M}"


def _facts(feed: Feed, contract: Contract, terms: FeedTerms | None) -> dict[str, Any]:
    """What a feed is, point by point; names of secrets and no secret."""
    agreed = {"gateway": "no terms: nothing may flow", "purposes": "", "earliest_period": ""}
    if terms is not None:
        gateway = f"{terms.gateway} ({terms.basis})" if terms.basis else str(terms.gateway)
        agreed = {"gateway": gateway, "purposes": ", ".join(terms.purposes), "earliest_period": terms.earliest_period}
    place = next((str(getattr(feed.transport, name)) for name in ("path", "table", "mailbox") if _has(feed, name)), "")
    return {
        "feed": feed.name,
        "authority": feed.authority,
        "owner": feed.owner,
        "transport": f"{feed.transport.kind} {place}".strip(),
        "format": feed.format,
        "schedule": feed.schedule or "by hand",
        "late_after_days": feed.late_after_days,
        "expected_rows": f"{feed.expected_rows[0]:,} to {feed.expected_rows[1]:,}",
        "refused_whole_above": f"{feed.rejection_threshold:.0%}",
        "other_columns": feed.drift,
        "pseudonymised_at": feed.pseudonymised_at,
        "about": contract.event_type + (", with persons" if contract.personal else ", without persons"),
        "key": ", ".join(contract.source_name(name) for name in contract.row_key),
        **agreed,
    }


def _has(feed: Feed, name: str) -> bool:
    return hasattr(feed.transport, name)


def _column(contract: Contract, terms: FeedTerms | None, name: str) -> dict[str, str]:
    treated = terms.fields.get(name) if terms is not None else None
    source = contract.source_name(name) if name in contract.readings else ""
    return {
        "source": source,
        "name": name,
        "class": str(treated.classification) if treated else "",
        "treatment": str(treated.treat) if treated else "not agreed",
        "meaning": str(contract.schema.columns[name].description or ""),
    }
