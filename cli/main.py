"""The ``hub`` command. Exit 0: done. 1: refused or failed, with one sentence. 2: wrong use."""

import sys

from cli.nouns import Nouns
from hub.errors import HubError
from hub.memory import keep_freed_memory
from hub.traces import forget_values

HELP = """The data-sharing integration hub of a community safety partnership.

New here? `hub demo` runs everything once on a synthetic borough and tells what came out; \
`hub up` then leaves it running for you to look at."""

NOUNS = {
    "demo": ("cli.demo", "Run everything once: six simulated authorities, one quarter, one published release."),
    "init": ("cli.running", "Make the home: database tables, keys, and the first entry of the log."),
    "up": ("cli.running", "Start PostgreSQL and Airflow, and leave them running."),
    "down": ("cli.running", "Stop what hub up or hub demo left running. Erases nothing."),
    "airflow": (
        "cli.running",
        "Run any airflow command with this home's configuration, such as: hub airflow dags list.",
    ),
    "status": ("cli.status", "What came in, who was found, what is published, and whether the log verifies."),
    "ingest": ("cli.feed", "Fetch one feed's delivery for a quarter, check it, split it and keep it."),
    "feed": ("cli.feed", "What each authority sends."),
    "validate": (
        "cli.validate",
        "Try a file before it is delivered: what would be taken, what not, and how to mend it. Needs no running hub.",
    ),
    "quarantine": ("cli.quarantine", "Rows that broke their contract: see them, report them, take them in mended."),
    "link": ("cli.link", "Records to persons, from tokens alone."),
    "incident": ("cli.incident", "Events of several authorities that are one incident, counted once."),
    "definition": ("cli.definition", "What the partnership means by serious violence, code by code."),
    "factors": ("cli.factors", "Risk and protective factors, and interventions: by what evidence."),
    "areas": ("cli.areas", "Population and deprivation of the borough's small areas."),
    "harm": ("cli.harm", "How much harm each offence is, by weights that the partnership loads."),
    "release": ("cli.release", "The linked dataset: candidates, decisions, publication."),
    "evaluate": (
        "cli.evaluate",
        "Did an intervention help? Those who had it beside people alike who had nothing, from a published release.",
    ),
    "assess": (
        "cli.assess",
        "Write the strategic needs assessment of a quarter: a page that prints, and each table as CSV.",
    ),
    "indicators": (
        "cli.indicators",
        "The delivery plan's indicators (config/indicators.yaml) by priority and quarter, with control limits.",
    ),
    "serve": (
        "cli.serve",
        "Serve releases to analysts' programs, until it is stopped (Ctrl-C). Each reading is permitted and logged.",
    ),
    "token": ("cli.token", "Tokens with which analysts' programs read releases (hub serve)."),
    "reidentify": (
        "cli.reidentify",
        "The one road back: a record's own authority is told which of its records is meant.",
    ),
    "officer": ("cli.officer", "Who may sign decisions on releases."),
    "retention": ("cli.retention", "What is kept until when; shredding what is due; legal holds."),
    "subject": ("cli.subject", "Rights of the people whom the data are about: find, export, restrict, object, erase."),
    "audit": ("cli.audit", "The log of every act, which nobody can change unseen."),
    "agreement": ("cli.agreement", "The information sharing agreement, which decides what may flow."),
    "keys": ("cli.keys", "The hub's keys: which there are, who may use them, turning and retiring them."),
    "source": ("cli.keys_source", "What an authority runs on its own machine, without a hub."),
    "database": ("cli.database", "The hub's tables."),
}


def keeps_freed_memory(arguments: list[str]) -> bool:
    """Whether what comes next is like what was freed; of a release's tables each is of another size (gigabytes)."""
    return arguments[:2] not in (["release", "build"], ["release", "rebuild"])


def main() -> None:
    """Run the command; a refusal or failure is one sentence on standard error and exit 1."""
    if keeps_freed_memory(sys.argv[1:]):
        keep_freed_memory()
    try:
        Nouns("hub", HELP, NOUNS)()
    except HubError as refusal:
        sys.exit(str(refusal))
    except OSError as refusal:
        if refusal.filename is None:
            forget_values(refusal)
            raise
        sys.exit(f"{refusal.filename} cannot be used: {refusal.strerror}. Correct the path or its permissions.")
    except Exception as error:
        forget_values(error)
        raise
