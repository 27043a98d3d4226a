"""What would change in who agrees: the parties, the keys that speak for them, and who runs the hub."""

from collections.abc import Iterator

from agreement.diff.change import Change, gained, more, swapped
from agreement.model import Agreement
from agreement.parties import Party

_KEYS = (
    ("signing_key", "sign for"),
    ("witness_key", "witness the log for"),
    ("sealing_key", "open what is sealed to"),
)


def parties(old: Agreement, new: Agreement) -> Iterator[Change]:
    """Parties that would come or go, and the changes of those that stay. Another key is always to be looked at."""
    before, after = ({str(party.authority): party for party in text.parties} for text in (old, new))
    for name in gained(before, after):
        yield more(f"parties.{name}", f"{after[name].controller} would become a party, as {name}.")
    for name in gained(after, before):
        yield more(f"parties.{name}", f"{before[name].controller} would no longer be a party, as {name}.")
    for name in (name for name in after if name in before):
        yield from _party(before[name], after[name])


def _party(old: Party, new: Party) -> Iterator[Change]:
    where, name = f"parties.{new.authority}", new.authority
    for use, what in _KEYS:
        before, after = getattr(old, use), getattr(new, use)
        if before is None and after is not None:
            said = f"A key would be stated to {what} {name}. Ask {name} whether it is theirs: {after}"
            yield more(f"{where}.{use}", said)
        elif after is None and before is not None:
            yield more(f"{where}.{use}", f"No key would be stated any more to {what} {name}.")
        elif before != after:
            said = f"Another key would {what} {name}. Ask {name} whether it is theirs: {after}"
            yield more(f"{where}.{use}", said)
    yield from swapped(old.controller, new.controller, f"{where}.controller", f"The controller that {name} stands for")
    yield from swapped(old.role, new.role, f"{where}.role", f"The role of {name}")
    yield from swapped(old.contact, new.contact, f"{where}.contact", f"Whom to ask at {name}")
    yield from swapped(old.witness_url, new.witness_url, f"{where}.witness_url", f"The address of {name}'s witness")


def operator(old: Agreement, new: Agreement) -> Iterator[Change]:
    """Who runs the hub for the parties."""
    if old.operator.name != new.operator.name:
        said = f"The hub would be run by {new.operator.name} instead of {old.operator.name}."
        yield more("operator.name", said)
    yield from swapped(old.operator.contact, new.operator.contact, "operator.contact", "Whom to ask about the hub")
    before, after = old.operator.data_protection_officer, new.operator.data_protection_officer
    yield from swapped(before, after, "operator.data_protection_officer", "The hub's data protection officer")
