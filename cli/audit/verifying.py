"""``hub audit verify`` and ``hub audit witness``: whether the log is whole, and the authorities saw the same one."""

from dataclasses import asdict
from typing import Annotated

import typer

from agreement.policy import load_agreement
from agreement.witnesses import addresses, quorum, sign_for_witnesses
from audit.checkpoint import Verifier
from audit.cosignatures import Quorum
from audit.verify import Verification, remember, verify
from audit.witnessing import Sent, send_all
from cli.home import existing_home
from cli.show import AsJson, as_json, console
from hub.database import transaction
from hub.errors import HubError
from hub.settings import Settings
from keys.home import log_public, log_verifiers, open_ring
from keys.services import Service


def add_to(app: typer.Typer) -> None:
    """Hang these into the noun."""
    app.command("verify")(verify_command)
    app.command("witness")(witness_command)


def verify_log(settings: Settings, needed: Quorum | None = None) -> Verification:
    """Recompute the whole log and check every signature; with ``needed``, ask for the witnesses' too."""
    verifiers = log_verifiers(settings, open_ring(settings, Service.OFFICER))
    with transaction(settings) as connection:
        return verify(connection, *verifiers, quorum=needed)


def verify_command(
    without_witnesses: Annotated[
        bool, typer.Option("--without-witnesses", help="Check the log alone, not that the authorities saw it.")
    ] = False,
    as_json_: AsJson = False,
) -> None:
    """Recompute every hash and check every signature; exit 1 if anything does not fit.

    Whoever holds the hub's keys and database could forge a log that fits. So enough of the authorities' witnesses must
    have cosigned it, as the agreement says.
    """
    with existing_home() as settings:
        needed = None if without_witnesses else quorum(load_agreement(settings))
        found = verify_log(settings, needed)
        with transaction(settings) as connection:
            remember(connection, found)
        key = Verifier.of(log_public(settings, open_ring(settings, Service.OFFICER))).vkey
    if as_json_:
        as_json(asdict(found) | {"verified": found.verified, "log_key": key})
    else:
        _tell(found, needed)
        console.print(f"The log's key, for whoever verifies it from outside: {key}", soft_wrap=True)
    if not found.verified:
        raise typer.Exit(1)


def _tell(found: Verification, needed: Quorum | None) -> None:
    if found.verified:
        console.print(
            f"The log is whole: {found.size:,} entries, {found.checkpoints:,} signed checkpoints, "
            f"{found.unsigned:,} entries since the last."
        )
    for problem in found.problems:
        console.print(problem, markup=False)
    if needed is None:
        console.print("The log alone was checked. Whether the authorities saw the same log was not asked.")
    else:
        asked = f"{needed.needed} or more of {len(needed.witnesses)} witnesses"
        console.print(f"{found.witnessed or 0:,} entries are cosigned by {asked}.")


def witness_command(as_json_: AsJson = False) -> None:
    """Sign the log now and have the authorities' witnesses cosign it; exit 1 if one refuses or too few answer."""
    with existing_home() as settings:
        sign_for_witnesses(settings, open_ring(settings, Service.OFFICER))
        agreement = load_agreement(settings)
        outcomes = send_all(settings, addresses(settings, agreement))
        needed = quorum(agreement).needed
    if as_json_:
        as_json({name: _said(outcome) for name, outcome in outcomes.items()})
    else:
        _tell_outcomes(outcomes, needed)
    refused = [problem for problem in outcomes.values() if isinstance(problem, HubError) and not problem.transient]
    cosigned = sum(isinstance(outcome, Sent) for outcome in outcomes.values())
    if refused or cosigned < needed:
        raise typer.Exit(1)


def _said(outcome: Sent | HubError) -> dict[str, object]:
    return asdict(outcome) if isinstance(outcome, Sent) else {"problem": str(outcome)}


def _tell_outcomes(outcomes: dict[str, Sent | HubError], needed: int) -> None:
    for name, outcome in outcomes.items():
        told = f"cosigned {outcome.size:,} entries" if isinstance(outcome, Sent) else str(outcome)
        console.print(f"{name}: {told}", markup=False)
    cosigned = sum(isinstance(outcome, Sent) for outcome in outcomes.values())
    console.print(f"{cosigned} of {len(outcomes)} witnesses cosigned; the agreement asks for {needed}.")
