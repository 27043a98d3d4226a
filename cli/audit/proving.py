"""``hub audit prove``: what convinces somebody outside that an entry is in the log."""

import base64
from typing import Any

import typer

from agreement.policy import load_agreement
from agreement.witnesses import quorum
from audit.checkpoint import Verifier
from audit.proving import Proof, prove
from cli.audit.reading import Number, said
from cli.home import existing_home
from cli.show import AsJson, as_json
from hub.database import transaction
from keys.home import log_public, open_ring
from keys.services import Service


def add_to(app: typer.Typer) -> None:
    """Hang this into the noun."""
    app.command("prove")(prove_command)


def prove_command(number: Number, as_json_: AsJson = False) -> None:
    """Print the proof that an entry is in the log, with the checkpoint and its cosignatures, once it has been checked.

    The text is a C2SP tlog-proof; its line `extra` is the entry itself in base64.
    """
    with existing_home() as settings:
        verifier = Verifier.of(log_public(settings, open_ring(settings, Service.OFFICER)))
        needed = quorum(load_agreement(settings))
        with transaction(settings) as connection:
            found = prove(connection, number, verifier, quorum=needed)
    if as_json_:
        as_json(_said(found))
    else:
        print(found, end="")


def _said(proof: Proof) -> dict[str, Any]:
    return {
        "index": proof.entry.index,
        "entry": said(proof.entry),
        "bytes": base64.b64encode(proof.entry.content).decode(),
        "size": proof.size,
        "root": base64.b64encode(proof.root).decode(),
        "proof": [base64.b64encode(step).decode() for step in proof.hashes],
        "checkpoint": str(proof.note),
        "witnesses": sorted(proof.witnesses),
    }
