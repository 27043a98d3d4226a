"""How the agreement stands on a day: which rules it breaks, and who has signed it."""

from dataclasses import dataclass

from agreement.check import check_agreement
from agreement.parties import Signature
from agreement.rules import in_force
from agreement.violation import Violation
from documents.sources import Sources
from documents.words import authority_name, day
from schemas.published import MODELS, meanings


@dataclass(frozen=True)
class Signed:
    """One party's line on the page of signatures. Nothing is signed where ``role`` is none."""

    party: str
    controller: str
    role: str | None
    on: str | None
    verdict: str
    right: bool


def breaches(sources: Sources) -> list[Violation]:
    """What keeps data from flowing under the agreement on the day, rules of the law first."""
    agreement = sources.agreement
    tables = {table: meanings(table) for table in MODELS}
    return [*check_agreement(agreement, sources.contracts, tables), *in_force(agreement, sources.on)]


def signatures(sources: Sources) -> list[Signed]:
    """Every party with its signature, then every signature of who is no party."""
    agreement = sources.agreement
    given = {signature.authority: signature for signature in agreement.signatures}
    parties = [party.authority for party in agreement.parties]
    others = [name for name in given if name not in parties]
    return [_signed(sources, name, given.get(name)) for name in [*parties, *others]]


def _signed(sources: Sources, authority: str, given: Signature | None) -> Signed:
    party = sources.agreement.party(authority)
    right = given is not None and sources.agreement.signed_by.get(authority) == given and given.signed_on <= sources.on
    if party is None:
        verdict = "Does not count: it is no party"
    elif given is None:
        verdict = "Not signed"
    elif sources.agreement.signed_by.get(authority) != given:
        verdict = "Does not verify: it is no signature of this very text by the party's key"
    else:
        verdict = "Verifies" if right else "Verifies, and counts from its date on"
    return Signed(
        party=authority_name(authority),
        controller=sources.controller(authority),
        role=given.signed_by if given else None,
        on=day(given.signed_on) if given else None,
        verdict=verdict,
        right=right and party is not None,
    )
