"""``hub agreement list`` and ``show``: the versions that were in force here, and their texts."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer
import yaml

from agreement.archive import Enacted, find_version, versions
from agreement.model import Agreement
from agreement.policy import load_agreement
from cli.home import existing_home, read_settings
from cli.show import AsJson, as_json, console, table
from hub.database import transaction

Hash = Annotated[str | None, typer.Argument(help="The beginning of a version's hash; else the text the hub obeys now.")]


def add_to(app: typer.Typer) -> None:
    """Hang these into the noun."""
    app.command("list")(list_versions)
    app.command()(show)


def list_versions(as_json_: AsJson = False) -> None:
    """The versions that were in force: since when, and signed by whom."""
    with existing_home() as settings, transaction(settings) as connection:
        found = versions(connection)
    if as_json_:
        as_json([_about(kept) | {"since": kept.enacted_at.isoformat()} for kept in found])
        return
    rows = [[kept.version, f"{kept.enacted_at:%Y-%m-%d %H:%M}", ", ".join(kept.signed_by), kept.hash] for kept in found]
    table("Versions that were in force", ["version", "first acted under", "signed by", "hash"], rows)


def show(hash_: Hash = None, as_json_: AsJson = False) -> None:
    """A version's whole text: the one the hub obeys, or one that was in force."""
    if hash_ is None:
        text = load_agreement(read_settings())
        _print(_stated(text), json.loads(text.canonical), as_json_)
        return
    with existing_home() as settings, transaction(settings) as connection:
        kept = find_version(connection, hash_)
    _print(_about(kept), kept.terms, as_json_)


def _about(kept: Enacted) -> dict[str, Any]:
    return {"hash": kept.hash, "id": kept.id, "version": kept.version, "signed_by": _signers(kept.signed_by)}


def _stated(text: Agreement) -> dict[str, Any]:
    return {"hash": text.hash, "id": text.id, "version": text.version, "signed_by": _signers(text.signed_by)}


def _signers(signed_by: Mapping[str, Any]) -> dict[str, str]:
    return {name: f"{signature.signed_by}, {signature.signed_on}" for name, signature in signed_by.items()}


def _print(about: Mapping[str, Any], terms: Mapping[str, Any], as_json_: bool) -> None:
    if as_json_:
        as_json({**about, "text": terms})
        return
    for name, value in about.items():
        console.print(f"# {name}: {value}", markup=False, soft_wrap=True)
    console.print(yaml.safe_dump(terms, sort_keys=False, allow_unicode=True), markup=False, soft_wrap=True, end="")
