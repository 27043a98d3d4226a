"""The rules on the keys that speak for the parties, and on those who are counted by them."""

from collections.abc import Iterator

from agreement.model import Agreement
from agreement.violation import Violation


def shared_keys(agreement: Agreement) -> Iterator[Violation]:
    """Whether every key has one owner and one use.

    1. No two parties share a key: one who holds it would speak for both, or read what is the other's (Agreement, keys).
    2. A party's signing key is not its witness's: the witness's lies on a server (Agreement, keys).
    """
    first: dict[str, str] = {}
    for party in agreement.parties:
        for use in ("signing_key", "witness_key", "sealing_key"):
            key = getattr(party, use)
            if key is None:
                continue
            owner = first.setdefault(key, party.authority)
            where = f"parties.{party.authority}.{use}"
            if owner != party.authority:  # (1)
                yield Violation("Agreement, keys", where, f"it is a key of {owner} too", "State a key of its own")
            elif use == "witness_key" and key == party.signing_key:  # (2)
                yield Violation("Agreement, keys", where, "it signs the agreement too", "State another key")


def counted_keys(agreement: Agreement) -> Iterator[Violation]:
    """Whether those who are counted can be.

    1. No more cosignatures are asked for than there are witnesses (Agreement, log).
    2. Who appoints officers has a key to sign that with (Agreement, officers).
    """
    witnesses = sum(party.witness_key is not None for party in agreement.parties)
    if agreement.log.cosignatures > witnesses:  # (1)
        why = f"{agreement.log.cosignatures} are asked for, and {witnesses} parties state a witness key"
        yield Violation("Agreement, log", "log.cosignatures", why, "State the witnesses' keys or ask for fewer")
    for authority in agreement.officers_appointed_by:
        party = agreement.party(authority)
        if party is None or party.signing_key is None:  # (2)
            why, fix = f"the text states no signing key of {authority}", "State it, or name another party"
            yield Violation("Agreement, officers", "officers_appointed_by", why, fix)
