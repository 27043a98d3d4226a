"""Whether figures may be put where anybody sees them. Pure: the agreement in, violations out."""

from collections.abc import Collection, Iterator

from agreement.model import Agreement
from agreement.violation import Violation

_WHERE = "public"


def terms(agreement: Agreement) -> Iterator[Violation]:
    """Whether the terms for the public agree with the others.

    1. The figures are made for purposes that are stated (UK GDPR Art 5(1)(b)).
    2. The public, which is the widest circle, is shown no smaller count, and no finer one, than a recipient may show
       (UK GDPR Art 5(1)(f); Agreement, disclosure).
    """
    public, least = agreement.public, agreement.disclosure
    if public is None:
        return
    for name in sorted(set(public.purposes) - {purpose.id for purpose in agreement.purposes}):  # (1)
        why = f"the purpose {name} is not stated"
        yield Violation("UK GDPR Art 5(1)(b)", f"{_WHERE}.purposes", why, "State it, or leave it out")
    for name in ("smallest_count", "round_to"):  # (2)
        if getattr(public, name) < getattr(least, name):
            why = f"it is {getattr(public, name)}, less than the {getattr(least, name)} that binds recipients"
            yield Violation("Agreement, disclosure", f"{_WHERE}.{name}", why, "Raise it")


def permitted(agreement: Agreement, tables: Collection[str]) -> Iterator[Violation]:
    """Whether these kinds of tables may be put before the public: none, until it is agreed (Agreement, public)."""
    if agreement.public is None:
        why = "no terms for the public are stated"
        yield Violation("Agreement, public", _WHERE, why, "Agree what may be published, and sign it")
        return
    for name in sorted(set(tables) - set(agreement.public.tables)):
        why = f"the tables {name} are not named"
        yield Violation("Agreement, public", f"{_WHERE}.tables", why, "Leave them out, or agree them")
