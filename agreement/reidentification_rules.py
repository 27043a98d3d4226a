"""The rules on re-identification: a record's own authority, and nobody else, learns which one is meant. Pure."""

from collections.abc import Iterator

from agreement.feed_rules import provider
from agreement.model import Agreement
from agreement.violation import Violation

APPROVERS = 2
"""Officers who approve a request, each appointed by another party."""


def consents(agreement: Agreement) -> Iterator[Violation]:
    """Whether what the controllers consent to agrees with the rest of the agreement.

    1. A feed that may be re-identified is about persons (DPA 2018 s.171).
    2. Its controller consents for purposes that are the feed's (UK GDPR Art 5(1)(b)).
    3. Where a controller consents, the terms on which it may be asked for are stated (Agreement, reidentification).
    4. As many parties appoint officers as must approve a request (Agreement, officers).
    """
    consenting = {name: terms for name, terms in agreement.feeds.items() if terms.reidentification is not None}
    for feed, terms in consenting.items():
        where = f"feeds.{feed}.reidentification"
        if not terms.personal:  # (1)
            yield Violation("DPA 2018 s.171", where, "the feed holds no persons to be re-identified", "Remove it")
        stated = terms.reidentification.purposes if terms.reidentification else ()
        for purpose in (purpose for purpose in stated if purpose not in terms.purposes):  # (2)
            why = f"the feed is not given for the purpose {purpose}"
            yield Violation("UK GDPR Art 5(1)(b)", f"{where}.purposes", why, "Remove it, or agree it for the feed")
    if consenting and agreement.reidentification is None:  # (3)
        why = "controllers consent, but on what terms it may be asked for is not stated"
        yield Violation("Agreement, reidentification", "reidentification", why, "State the terms")
    if consenting and len(set(agreement.officers_appointed_by)) < APPROVERS:  # (4)
        why = f"{APPROVERS} officers of different parties approve a request, and one party alone appoints officers"
        yield Violation("Agreement, officers", "officers_appointed_by", why, "Let another party appoint officers too")


def reidentified(agreement: Agreement, feed: str, purpose: str) -> Iterator[Violation]:
    """Whether a feed's own authority may be told which of its records are meant, for a purpose.

    1. The agreement says on what terms it may be asked for (Agreement, reidentification).
    2. The feed has terms (Agreement, feeds).
    3. Its controller consents: without that it is an offence (DPA 2018 s.171).
    4. The consent is for this purpose, and the feed is given for it (UK GDPR Art 5(1)(b)).
    5. The authority has a key that only it can open what is sealed to (Agreement, keys).
    """
    terms, where = agreement.feeds.get(feed), f"feeds.{feed}.reidentification"
    if agreement.reidentification is None:  # (1)
        why = "it is not stated on what terms it may be asked for"
        yield Violation("Agreement, reidentification", "reidentification", why, "Have the parties agree terms")
        return
    if terms is None:  # (2)
        yield Violation("Agreement, feeds", f"feeds.{feed}", "this feed has no terms", "Agree its terms first")
        return
    if terms.reidentification is None:  # (3)
        why = f"the controller of {feed} has not consented, and without that to re-identify is an offence"
        yield Violation("DPA 2018 s.171", where, why, "Leave the feed out, or have its controller consent")
        return
    if purpose not in set(terms.reidentification.purposes) & set(terms.purposes):  # (4)
        why = "the controller consented for another purpose: " + ", ".join(terms.reidentification.purposes)
        yield Violation("UK GDPR Art 5(1)(b)", f"{where}.purposes", why, "Ask for one of these, or agree the other")
    party = agreement.party(provider(feed))
    if party is None or party.sealing_key is None:  # (5)
        why, place = "the text states no key that is sealed to", f"parties.{provider(feed)}.sealing_key"
        yield Violation("Agreement, keys", place, why, "Put the authority's public key into the text")
