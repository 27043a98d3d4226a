"""``hub agreement``: check the information sharing agreement."""

import typer

from agreement.check import check_agreement
from agreement.policy import load_agreement
from agreement.rules import in_force
from cli import documents
from cli.home import read_settings
from cli.show import AsJson, as_json, console, table
from hub.clock import now
from hub.feeds import load_feeds
from schemas.published import MODELS, meanings
from schemas.registry import contract_for

app = typer.Typer(no_args_is_help=True, help="The information sharing agreement, which decides what may flow.")


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    documents.add_to(app)
    root.add_typer(app, name="agreement")


@app.command()
def check(as_json_: AsJson = False) -> None:
    """Check the agreement against the law's rules and every contract; exit 1 if anything is wrong."""
    settings = read_settings()
    agreement = load_agreement(settings)
    contracts = {name: contract_for(name) for name in load_feeds(settings.config)}
    found = (
        *check_agreement(agreement, contracts, {table: meanings(table) for table in MODELS}),
        *in_force(agreement, now().date()),
    )
    if as_json_:
        violations = [{"clause": v.clause, "where": v.where, "why": v.why, "fix": v.fix} for v in found]
        as_json({"agreement": agreement.id, "hash": agreement.hash, "violations": violations})
    elif found:
        table(
            "Violations", ["clause", "where", "why", "what to do"], [[v.clause, v.where, v.why, v.fix] for v in found]
        )
    else:
        console.print(f"{agreement.title} ({agreement.id} {agreement.version}) is in force and breaks no rule.")
        console.print(f"Its hash is {agreement.hash}.")
    if found:
        raise typer.Exit(1)
