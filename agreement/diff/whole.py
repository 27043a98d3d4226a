"""What would change in the agreement as a whole: term, purposes, retention, thresholds, the log, settled questions."""

from collections.abc import Iterator

from agreement.diff import words
from agreement.diff.change import Change, counted, gained, less, more, other, swapped, towards
from agreement.model import Agreement, Generalisation


def term(old: Agreement, new: Agreement) -> Iterator[Change]:
    """Name, version and days."""
    yield from swapped(old.id, new.id, "id", "The agreement's id")
    yield from swapped(old.version, new.version, "version", "The version")
    yield from swapped(old.title, new.title, "title", "The title")
    if old.commences_on != new.commences_on:
        said = f"It would commence on {new.commences_on} instead of {old.commences_on}."
        yield towards(new.commences_on, old.commences_on, "commences_on", said)
    yield from swapped(old.review_on, new.review_on, "review_on", "The day of its review")
    if old.expires_on != new.expires_on:
        said = f"It would expire on {new.expires_on} instead of {old.expires_on}."
        yield towards(old.expires_on, new.expires_on, "expires_on", said)


def purposes(old: Agreement, new: Agreement) -> Iterator[Change]:
    """What purposes there are, what they say, and which laws they serve."""
    before, after = ({purpose.id: purpose for purpose in text.purposes} for text in (old, new))
    for name in gained(before, after):
        yield more("purposes", f'A new purpose would be stated, {name}: "{after[name].text}".')
    for name in gained(after, before):
        yield less("purposes", f"The purpose {name} would no longer be stated.")
    for name in (name for name in after if name in before):
        where, was, is_ = f"purposes {name}", before[name], after[name]
        if was.text != is_.text:
            yield more(where, f'The purpose {name} would read "{is_.text}"; now it reads "{was.text}".')
        for law in (law for law in is_.serves if law not in was.serves):
            yield more(
                f"{where}.serves", f"The purpose {name} would newly count as a function under {words.LAWS[law]}."
            )
        for law in (law for law in was.serves if law not in is_.serves):
            said = f"The purpose {name} would no longer count as a function under {words.LAWS[law]}."
            yield less(f"{where}.serves", said)


def retention(old: Agreement, new: Agreement) -> Iterator[Change]:
    """How long each zone is kept."""
    for zone in (*new.retention_days, *(zone for zone in old.retention_days if zone not in new.retention_days)):
        before, after, where = old.retention_days.get(zone), new.retention_days.get(zone), f"retention_days.{zone}"
        if after is None:
            yield more(where, f"How long the zone {zone} is kept would no longer be stated.")
        elif before is None:
            yield less(where, f"The zone {zone} would be kept for {counted(after, 'day')}; now no period is stated.")
        elif before != after:
            longer = "longer" if after > before else "shorter"
            said = f"The zone {zone} would be kept {longer}: {counted(after, 'day')} instead of {before:,}."
            yield towards(before, after, where, said)


_THRESHOLDS = (
    ("smallest_count", "The smallest count of persons that a recipient may show"),
    ("round_to", "The number to whose multiples a recipient rounds every count"),
    ("smallest_group", "The smallest group of persons alike that raises no remark"),
    ("smallest_diversity", "The fewest different sensitive values of persons alike that raise no remark"),
)


def thresholds(old: Agreement, new: Agreement) -> Iterator[Change]:
    """Disclosure: a lower threshold lets more be seen."""
    for name, what in _THRESHOLDS:
        before, after = getattr(old.disclosure, name), getattr(new.disclosure, name)
        if before != after:
            way = "lowered" if after < before else "raised"
            yield towards(after, before, f"disclosure.{name}", f"{what} would be {way} from {before} to {after}.")
    before, after = old.disclosure.sensitive, new.disclosure.sensitive
    for column in gained(before, after):
        yield less("disclosure.sensitive", f"The column {column} would newly count as sensitive.")
    for column in gained(after, before):
        yield more("disclosure.sensitive", f"The column {column} would no longer count as sensitive.")
    said = "What is given up first where too few persons are alike"
    steps = (_steps(old.disclosure.generalise), _steps(new.disclosure.generalise))
    if steps[0] != steps[1]:
        yield other("disclosure.generalise", f"{said} would be {steps[1]}; now it is {steps[0]}.")


def _steps(stated: tuple[Generalisation, ...]) -> str:
    wide = ("; ".join(f"{name} for {', '.join(values)}" for name, values in one.into.items()) for one in stated)
    return ", then ".join(f"{one.column} ({into})" for one, into in zip(stated, wide, strict=True)) or "nothing"


_LEVELS = (
    ("precision", "The share of joined records that must be rightly joined for a release", False),
    ("recall", "The share of a person's records that must be joined for a release", False),
    ("subgroup_gap", "How far a subgroup may be behind the whole in a release", True),
)


def linkage_quality(old: Agreement, new: Agreement) -> Iterator[Change]:
    """How right persons must be: a lower level, or a wider gap, lets more be released."""
    before, after = old.linkage.quality, new.linkage.quality
    if after is None or before is None:
        if before is not None:
            yield more("linkage.quality", "A release would no longer ask how right the linkage of persons is.")
        if after is not None:
            levels = [_percent(it) for it in (after.precision, after.recall, after.subgroup_gap)]
            said = (
                "A release would newly ask that {} of joined records are rightly joined, that {} of a person's records "
            )
            said += "are joined, and that no subgroup is more than {} behind."
            yield less("linkage.quality", said.format(*levels))
        return
    for name, what, wider in _LEVELS:
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            way = "raised" if now > was else "lowered"
            said = f"{what} would be {way} from {_percent(was)} to {_percent(now)}."
            yield towards(*((was, now) if wider else (now, was)), f"linkage.quality.{name}", said)


def _percent(share: float) -> str:
    return f"{share * 100:.4g} %"


def log(old: Agreement, new: Agreement) -> Iterator[Change]:
    """When the log counts as verified."""
    before, after = old.log, new.log
    if before.cosignatures != after.cosignatures:
        way = "lowered" if after.cosignatures < before.cosignatures else "raised"
        said = f"The number of witnesses that must vouch for the log would be {way} from {before.cosignatures} to "
        said += f"{after.cosignatures}, of {_witnesses(new)}."
        yield towards(after.cosignatures, before.cosignatures, "log.cosignatures", said)
    if before.within_hours != after.within_hours:
        said = f"{after.cosignatures} witnesses, of {_witnesses(new)}, would have "
        said += f"{counted(after.within_hours, 'hour')} to vouch for the log instead of {before.within_hours}."
        yield towards(before.within_hours, after.within_hours, "log.within_hours", said)


def _witnesses(agreement: Agreement) -> str:
    """The parties whose witness's key is stated."""
    return ", ".join(party.authority for party in agreement.parties if party.witness_key) or "none that is stated"


_DECIDED = "releases and on requests for re-identification"


def settled(old: Agreement, new: Agreement) -> Iterator[Change]:
    """Who decides, who is competent, and how questions of law are settled."""
    for authority in gained(old.officers_appointed_by, new.officers_appointed_by):
        yield more("officers_appointed_by", f"{authority} could newly appoint who decides on {_DECIDED}.")
    for authority in gained(new.officers_appointed_by, old.officers_appointed_by):
        yield less("officers_appointed_by", f"{authority} could no longer appoint who decides on {_DECIDED}.")
    for authority in gained(old.competent_authorities, new.competent_authorities):
        said = f"{authority} would newly count as a competent authority (DPA 2018 Part 3)."
        yield more("competent_authorities", said)
    for authority in gained(new.competent_authorities, old.competent_authorities):
        said = f"{authority} would no longer count as a competent authority (DPA 2018 Part 3)."
        yield less("competent_authorities", said)
    barred = new.council_social_care_barred
    if old.council_social_care_barred != barred:
        said = "The council's social care side would " + ("be" if barred else "no longer be")
        said += " barred from disclosing personal information under PCSC Act 2022 s.16."
        yield towards(barred, old.council_social_care_barred, "council_social_care_barred", said)
    if old.late_feed_wait_days != new.late_feed_wait_days:
        said = f"The partnership would wait {counted(new.late_feed_wait_days, 'day')} for a late feed"
        yield other("late_feed_wait_days", f"{said} instead of {old.late_feed_wait_days}.")


def reidentification(old: Agreement, new: Agreement) -> Iterator[Change]:
    """How often it may be asked that a record's own authority learns which record is meant, and for how long."""
    before, after = old.reidentification, new.reidentification
    if before is None or after is None:
        if after is not None:
            said = (
                f"Re-identification could newly be asked for, {counted(after.requests_per_day, 'time')} a day by each "
            )
            yield more(
                "reidentification", f"{said}officer; a request would stand for {counted(after.valid_days, 'day')}."
            )
        elif before is not None:
            yield less("reidentification", "Re-identification could no longer be asked for.")
        return
    for name, what in (
        ("requests_per_day", "The most requests for re-identification of one officer in a day"),
        ("valid_days", "The days for which a request for re-identification stands"),
    ):
        was, is_ = getattr(before, name), getattr(after, name)
        if was != is_:
            way = "raised" if is_ > was else "lowered"
            yield towards(was, is_, f"reidentification.{name}", f"{what} would be {way} from {was} to {is_}.")
