"""``hub subject``: the rights of the people whom the data are about, each by an appointed officer's order."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli.home import existing_home
from cli.show import console, table
from cli.subject_tokens import Out, asked_details, require_free, tokens_command, write_own
from hub.settings import Settings
from keys.home import open_ring
from keys.ring import KeyRing
from keys.services import Service
from pseudonymise.scheme_keys import source_keys
from pseudonymise.subject import source_form
from publish.ordering import Officer
from subjects import erasing, exporting, finding, restricting

app = typer.Typer(
    no_args_is_help=True, help="Rights of the people whom the data are about: find, export, restrict, object, erase."
)
Person = Annotated[str, typer.Argument(help="The hub's own id of the person; - reads it from standard input.")]
Name = Annotated[str, typer.Option("--officer", help="Your name as an appointed officer.")]
Key = Annotated[Path, typer.Option("--key", help="Your private key (PEM).", exists=True)]
Reason = Annotated[str, typer.Option("--reason", help="Why, in one sentence. It is logged: name nobody.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before erasing.")]


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    app.command("tokens")(tokens_command)
    root.add_typer(app, name="subject")


@app.command()
def find(
    officer: Name,
    key: Key,
    reason: Reason,
    tokens: Annotated[
        Path | None, typer.Option(help="The file of tokens that an authority sent; else the details are asked for.")
    ] = None,
) -> None:
    """Find a person by tokens: which ids, in which feeds, how many records, in which fields they agree.

    Without --tokens the details are asked for here, or piped in as JSON, and tokenised in memory. That takes the
    source key, which this service is not granted unless somebody grants it: hub keys grant subjects source derive step.
    """
    with _acting(officer, key, reason) as (settings, ring, given):
        document = tokens.read_bytes() if tokens else source_form(asked_details(), source_keys(ring))
        found = finding.find(settings, ring, given, document)
    if not found:
        console.print("Nobody is found. That you looked is logged.")
        return
    rows = [[each.person_id or "not linked yet", _counted(each), ", ".join(each.agreeing)] for each in found]
    table("Who may be meant", ["person", "records by feed", "agree in"], rows)


def _counted(found: finding.Found) -> str:
    return ", ".join(f"{feed} {count}" for feed, count in found.feeds.items())


@app.command()
def export(person: Person, officer: Name, key: Key, reason: Reason, out: Out) -> None:
    """Write all that is held about a person, where it is from, who gets it and who saw it (UK GDPR Art 15)."""
    require_free(out)
    with _acting(officer, key, reason) as (settings, ring, given):
        write_own(out, exporting.export(settings, ring, given, _id(person)))
    console.print(f"Written: {out}, mode 0600. Give it to the person by a safe way, and delete it then.")


@app.command()
def restrict(person: Person, officer: Name, key: Key, reason: Reason) -> None:
    """Keep a person's data and publish them no more; releases with the person are withdrawn (UK GDPR Art 18)."""
    with _acting(officer, key, reason) as (settings, ring, given):
        withdrawn = restricting.restrict(settings, ring, given, _id(person))
    console.print("Restricted and logged. " + _told(withdrawn), soft_wrap=True)


@app.command("object")
def object_command(
    person: Person,
    officer: Name,
    key: Key,
    reason: Reason,
    upheld: Annotated[bool, typer.Option("--upheld/--overruled", help="What you decide of the objection.")],
) -> None:
    """Decide on a person's objection; upheld, the person is in no release to come (UK GDPR Art 21)."""
    with _acting(officer, key, reason) as (settings, ring, given):
        restricting.judge(settings, ring, given, _id(person), upheld=upheld)
    console.print("Upheld and logged: no release to come holds the person." if upheld else "Overruled and logged.")


@app.command()
def lift(person: Person, officer: Name, key: Key, reason: Reason) -> None:
    """End a restriction, or what an objection brought about."""
    with _acting(officer, key, reason) as (settings, ring, given):
        stood = restricting.lift(settings, ring, given, _id(person))
    console.print("Lifted and logged." if stood else "Nothing stood against it; that you asked is logged.")


@app.command()
def erase(person: Person, officer: Name, key: Key, reason: Reason, yes: Yes = False) -> None:
    """Erase a person from every zone and release, and keep the records from coming back (UK GDPR Art 17)."""
    asked = _id(person)
    if not yes:
        typer.confirm("This cannot be undone. Erase the person?", abort=True, err=True)
    with _acting(officer, key, reason) as (settings, ring, given):
        done = erasing.erase(settings, ring, given, asked)
    console.print(
        f"Erased and logged: {done.records:,} records, in {done.deliveries:,} deliveries, sealed anew. Raw rows "
        f"of {', '.join(done.feeds) or 'no feed'} are shredded. {done.files:,} files were tried and deleted.",
        soft_wrap=True,
    )
    console.print(_told(list(done.releases)), soft_wrap=True)


def _told(withdrawn: list[str]) -> str:
    if not withdrawn:
        return "No release held the person."
    return f"Withdrawn: {', '.join(withdrawn)}. Have the recipients destroy their copies, and build the quarters again."


@contextmanager
def _acting(name: str, key: Path, reason: str) -> Iterator[tuple[Settings, KeyRing, Officer]]:
    with existing_home() as settings:
        own = settings.model_copy(update={"actor": name})
        yield own, open_ring(own, Service.SUBJECTS), Officer(name, reason, key.read_bytes())


def _id(person: str) -> str:
    return sys.stdin.readline().strip() if person == "-" else person
