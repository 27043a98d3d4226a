"""What would change in what is done with the columns of one feed."""

from collections.abc import Iterable, Iterator

from agreement.diff import words
from agreement.diff.change import Change, gained, less, listed, more, towards
from agreement.model import Agreement, FieldClass, How, Treat, Treatment

_REACH = {Treat.DROP: 0, Treat.REFERENCE: 1, Treat.TOKENISE: 1, Treat.KEEP: 2}
_FINENESS = {How.YEAR: 0, How.OUTWARD_POSTCODE: 0, How.AS_IS: 1}
_PROTECTION = {
    FieldClass.ATTRIBUTE: 0,
    FieldClass.QUASI_IDENTIFIER: 1,
    FieldClass.SPECIAL_CATEGORY: 2,
    FieldClass.CRIMINAL_OFFENCE: 2,
    FieldClass.DIRECT_IDENTIFIER: 3,
}


def reaching(agreement: Agreement, published: Iterable[str]) -> str:
    """A sentence on who is granted any of these columns."""
    names = set(published)
    who = [
        recipient.title
        for recipient in agreement.recipients.values()
        if any(names.intersection(grant.columns) for grant in recipient.tables.values())
    ]
    return f"It would reach: {listed(who)}." if who else "No recipient is granted it."


def columns(feed: str, old: Agreement, new: Agreement) -> Iterator[Change]:
    """Columns that would newly come or come no longer, and what would become of those that stay."""
    before, after = old.feeds[feed].fields, new.feeds[feed].fields
    for column, treatment in after.items():
        where = f"feeds.{feed}.fields.{column}"
        if column not in before:
            made = treatment.published(column)
            reach = f" {reaching(new, made)}" if made else ""
            said = (
                f"{column} of {feed} would newly be delivered; it would be {words.TREATMENTS[treatment.treat]}.{reach}"
            )
            yield more(where, said)
            continue
        yield from _treated(f"{column} of {feed}", where, before[column], treatment, new)
        yield from _forms(column, feed, before[column], treatment, new)
    for column in gained(after, before):
        yield less(f"feeds.{feed}.fields.{column}", f"{column} of {feed} would no longer be delivered.")


def _treated(column: str, where: str, old: Treatment, new: Treatment, agreement: Agreement) -> Iterator[Change]:
    if old.treat != new.treat:
        said = f"{column} would be {words.TREATMENTS[new.treat]}; now it is {words.TREATMENTS[old.treat]}."
        if new.treat is Treat.KEEP:
            said = f"{said} {reaching(agreement, [where.rpartition('.')[2]])}"
        yield towards(_REACH[old.treat], _REACH[new.treat], f"{where}.treat", said)
    if old.classification != new.classification:
        said = f"{column} would be classed as {words.CLASSES[new.classification]}"
        said = f"{said} instead of {words.CLASSES[old.classification]}."
        yield towards(_PROTECTION[new.classification], _PROTECTION[old.classification], f"{where}.class", said)


def _forms(column: str, feed: str, old: Treatment, new: Treatment, agreement: Agreement) -> Iterator[Change]:
    """Forms made of a column: a finer one is more."""
    where = f"feeds.{feed}.fields.{column}.generalise"
    for made, how in new.generalise.items():
        if made not in old.generalise:
            said = (
                f"{made} would newly be made from {column} of {feed}: {words.FORMS[how]}. {reaching(agreement, [made])}"
            )
            yield more(where, said)
        elif old.generalise[made] != how:
            before = old.generalise[made]
            grade = towards(_FINENESS[before], _FINENESS[how], where, "").effect
            finer = {"more": "finer", "less": "coarser", "other": "different"}[grade]
            said = f"{made} of {feed} would be {finer}: {words.FORMS[how]} instead of {words.FORMS[before]}."
            yield Change(grade, where, said)
    for made in gained(new.generalise, old.generalise):
        yield less(where, f"{made} would no longer be made from {column} of {feed}.")
