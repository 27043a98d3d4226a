"""What would change in what the authorities give: feeds, their law, their purposes."""

from collections.abc import Callable, Iterator

from agreement.diff import words
from agreement.diff.change import Change, counted, gained, less, listed, more, other, swapped, towards
from agreement.diff.columns import columns, reaching
from agreement.model import Agreement, FeedTerms

Compare = Callable[[str, FeedTerms, FeedTerms], Iterator[Change]]


def feeds(old: Agreement, new: Agreement) -> Iterator[Change]:
    """Feeds that would newly flow or flow no longer, and the changes of those that stay."""
    for name, terms in new.feeds.items():
        if name not in old.feeds:
            yield more(f"feeds.{name}", _whole(name, terms, new))
            continue
        for compare in (_law, _held, _purposes, _consent):
            yield from compare(name, old.feeds[name], terms)
        yield from columns(name, old, new)
    for name in gained(new.feeds, old.feeds):
        yield less(f"feeds.{name}", f"{name} would no longer flow to the hub.")


def _whole(name: str, terms: FeedTerms, agreement: Agreement) -> str:
    published = [made for column, t in terms.fields.items() for made in t.published(column)]
    return (
        f"{name} would newly flow to the hub, under {words.gateway(terms)}, for {listed(terms.purposes)}, from "
        f"{terms.earliest_period} on. Of its {counted(len(terms.fields), 'column')} these could be published: "
        f"{listed(published)}. {reaching(agreement, published)}"
    )


def _law(name: str, old: FeedTerms, new: FeedTerms) -> Iterator[Change]:
    """Gateway, conditions, and the papers that they ask for."""
    where = f"feeds.{name}"
    if old.gateway != new.gateway:
        why = f"{name} would flow under {words.gateway(new)} instead of {words.gateway(old)}."
        yield more(f"{where}.gateway", why)
    if old.basis != new.basis:
        yield from swapped(old.basis, new.basis, f"{where}.basis", f"The other power that {name} flows under")
    for condition in (c for c in new.conditions if c not in old.conditions):
        yield other(f"{where}.conditions", f"{name} would newly rely on {words.CONDITIONS[condition]}.")
    for condition in (c for c in old.conditions if c not in new.conditions):
        yield other(f"{where}.conditions", f"{name} would no longer rely on {words.CONDITIONS[condition]}.")
    if new.further_use is not None and old.further_use != new.further_use:
        why = f"{name} could be used beyond law enforcement under: {new.further_use}."
        yield more(f"{where}.further_use", why)
    elif old.further_use != new.further_use:
        yield less(f"{where}.further_use", f"{name} could no longer be used beyond law enforcement.")
    yield from swapped(old.dpia, new.dpia, f"{where}.dpia", f"The impact assessment of {name}")
    document = f"The policy document of {name}"
    yield from swapped(old.policy_document, new.policy_document, f"{where}.policy_document", document)


def _held(name: str, old: FeedTerms, new: FeedTerms) -> Iterator[Change]:
    """What the feed is said to hold, and who from."""
    where = f"feeds.{name}"
    if old.personal != new.personal:
        why = "would be about persons" if new.personal else "would be said to hold nobody's data, so fewer rules apply"
        yield more(f"{where}.personal", f"{name} {why}.")
    for field, what in (
        ("patient_information", "patient information"),
        ("investigatory_powers", "what the Investigatory Powers Act prohibits to disclose"),
    ):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            said = f"{name} would {'newly' if after else 'no longer'} hold {what}."
            yield towards(before, after, f"{where}.{field}", said)
    if old.pseudonymised_at != new.pseudonymised_at:
        here = new.pseudonymised_at == "hub"
        clear = "arrive with names in clear, and be pseudonymised by the hub"
        said = f"{name} would {clear if here else 'be pseudonymised by the authority before it is sent'}."
        yield towards(not here, here, f"{where}.pseudonymised_at", said)
    if old.authority_kind != new.authority_kind:
        said = f"{name} would count as given by {words.KINDS[new.authority_kind]}, now by "
        yield more(f"{where}.authority_kind", f"{said}{words.KINDS[old.authority_kind]}: other bars would apply.")


def _purposes(name: str, old: FeedTerms, new: FeedTerms) -> Iterator[Change]:
    """What for, since when, and about whom."""
    where = f"feeds.{name}"
    for purpose in gained(old.purposes, new.purposes):
        yield more(f"{where}.purposes", f"{name} could newly be used for {purpose}.")
    for purpose in gained(new.purposes, old.purposes):
        yield less(f"{where}.purposes", f"{name} could no longer be used for {purpose}.")
    if old.earliest_period != new.earliest_period:
        said = f"{name} would flow from {new.earliest_period} on, now from {old.earliest_period}."
        yield towards(new.earliest_period, old.earliest_period, f"{where}.earliest_period", said)
    for subject in gained(old.subjects, new.subjects):
        yield more(f"{where}.subjects", f"{name} would newly be about {subject}.")
    for subject in gained(new.subjects, old.subjects):
        yield less(f"{where}.subjects", f"{name} would no longer be about {subject}.")


def _consent(name: str, old: FeedTerms, new: FeedTerms) -> Iterator[Change]:
    """Whether, and what for, the controller consents to re-identification (DPA 2018 s.171)."""
    where, before, after = f"feeds.{name}.reidentification", old.reidentification, new.reidentification
    if after is None:
        if before is not None:
            yield less(where, f"Records of {name} could no longer be re-identified by their own authority.")
        return
    had = before.purposes if before else ()
    for purpose in gained(had, after.purposes):
        yield more(where, f"Records of {name} could newly be re-identified, by their own authority, for {purpose}.")
    for purpose in gained(after.purposes, had):
        yield less(where, f"Records of {name} could no longer be re-identified for {purpose}.")
    if before is not None:
        consent = f"The consent to re-identify records of {name}"
        yield from swapped(before.consent, after.consent, f"{where}.consent", consent)
