"""``hub agreement keygen``, ``sign``, ``receive`` and ``verify``: the parties' signatures of the text."""

import base64
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from agreement.model import Agreement
from agreement.parties import Signature
from agreement.policy import read_agreement
from agreement.rules import signatories, unsigned
from agreement.signing import keep_signature, private_key, require_right, sign, signatures_in
from audit.events import Action, Entry
from audit.log import append
from cli.agreement.file import File, agreement_in
from cli.audit.acting import acting
from cli.home import leaving_no_server, read_settings, sign_log
from cli.officer import write_key_pair
from cli.show import AsJson, as_json, console, table
from hub.clock import now
from hub.database import transaction
from hub.feeds import AUTHORITIES
from hub.settings import Settings
from keys.home import has_ring

Party = Annotated[str, typer.Option(help="The party that signs, such as police.")]
Key = Annotated[Path, typer.Option(help="File of the party's private key (PEM). It is read here and goes nowhere.")]
By = Annotated[str, typer.Option(help="The role of who signs for the party.")]


def add_to(app: typer.Typer) -> None:
    """Hang these into the noun."""
    for command in (keygen, sign_command, receive, verify):
        app.command(command.__name__.removesuffix("_command"))(command)


def keygen(
    private: Annotated[Path, typer.Argument(help="Where to write the private key. It stays with the party.")],
) -> None:
    """Make a key pair, and show the public key as the agreement states it."""
    write_key_pair(private)
    public = private_key(private.read_bytes()).public_key().public_bytes_raw()
    console.print(f"Private key: {private}. Nobody but the party may have it.", soft_wrap=True)
    console.print(f"signing_key: {base64.b64encode(public).decode()}", soft_wrap=True)


def sign_command(party: Party, key: Key, by: By = "authorised signatory", agreement: File = None) -> None:
    """Sign the agreement for a party. Needs no hub: only the agreement's file and the party's key."""
    settings = read_settings()
    path = agreement or settings.agreement_path
    text = read_agreement(path)
    _keep(settings, path, text, [sign(text, party, key.read_bytes(), by, now().date())])
    console.print(f"{party} has signed version {text.version}, hash {text.hash}.", soft_wrap=True)
    _say_who_is_missing(read_agreement(path))


def receive(
    signatures: Annotated[Path, typer.Argument(help="A party's .signatures.json, as sign wrote it.", exists=True)],
    agreement: File = None,
) -> None:
    """Take in signatures that were made elsewhere, if each is right; else none."""
    settings = read_settings()
    path = agreement or settings.agreement_path
    text = read_agreement(path)
    given = signatures_in(signatures)
    require_right(text, given)
    new = [signature for signature in given if signature not in text.signatures]
    _keep(settings, path, text, new)
    console.print(f"Taken in: {', '.join(signature.authority for signature in new) or 'nothing new'}.")
    _say_who_is_missing(read_agreement(path))


def _keep(settings: Settings, path: Path, text: Agreement, given: Iterable[Signature]) -> None:
    """Keep signatures beside the text; on the hub's own machine they are logged, or not kept."""
    at_the_hub = settings.database_url or has_ring(settings)
    with leaving_no_server(settings) if at_the_hub else nullcontext():
        if not at_the_hub:
            _write(path, given)
            return
        with transaction(settings) as connection:
            append(connection, *(_entry(settings, text, signature) for signature in given))
            _write(path, given)
        sign_log(settings)


def _write(path: Path, given: Iterable[Signature]) -> None:
    for signature in given:
        keep_signature(path, signature)


def _entry(settings: Settings, text: Agreement, signature: Signature) -> Entry:
    return Entry(
        action=Action.SIGN_AGREEMENT,
        actor=acting(settings),
        justification=f"{signature.authority} signed version {text.version} of {text.id}, by its {signature.signed_by}",
        agreement_hash=text.hash,
        code_commit=settings.code_commit,
        detail={"authority": signature.authority, "signed_on": signature.signed_on.isoformat()},
    )


def _say_who_is_missing(text: Agreement) -> None:
    missing = [name for name in signatories(text) if name not in text.signed_by]
    everyone = "All six have signed." if len(text.signed_by) == len(AUTHORITIES) else "All parties have signed."
    console.print(f"Not yet signed by: {', '.join(missing)}." if missing else everyone)


def verify(agreement: File = None, as_json_: AsJson = False) -> None:
    """Show who signed, when, and which signatures are void and why; exit 1 unless all count today."""
    text = agreement_in(read_settings(), agreement)
    wrong = {violation.where.rpartition(".")[2]: violation for violation in unsigned(text, now().date())}
    given = {signature.authority: signature for signature in text.signatures}
    rows = [
        {
            "party": name,
            "signed_by": given[name].signed_by if name in given else "",
            "signed_on": str(given[name].signed_on) if name in given else "",
            "counts": name not in wrong,
            "why_not": wrong[name].why if name in wrong else "",
        }
        for name in signatories(text)
    ]
    if as_json_:
        as_json({"hash": text.hash, "version": text.version, "complete": not wrong, "signatures": rows})
    else:
        shown = [[r["party"], r["signed_by"], r["signed_on"], r["why_not"] or "counts"] for r in rows]
        table(f"Signatures of version {text.version}", ["party", "signed by", "on", "verdict"], shown)
        console.print(f"The text's hash is {text.hash}.", soft_wrap=True)
    if wrong:
        raise typer.Exit(1)
