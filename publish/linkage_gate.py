"""Whether persons are right enough for a release, by the levels of the agreement. Pure."""

from collections.abc import Iterator

from agreement.model import Agreement, LinkageQuality
from publish.errors import CandidateRefused, PublicationRefused
from publish.manifest import LinkageEntry

_LEVELS = ("precision", "recall")
_ASKED = {
    "precision": "of the pairs of records that are joined, {found:.4f} are estimated to be of one person",
    "recall": "of the pairs of records of one person, {found:.4f} are estimated to be joined",
}


def require_right_enough(
    agreement: Agreement, linkage: LinkageEntry, refusal: type[CandidateRefused] | type[PublicationRefused], where: str
) -> None:
    """Refuse a release whose persons are not right enough (UK GDPR Art 5(1)(d)).

    1. A release with persons states precision, recall and the gap of the subgroup furthest behind.
    2. What people said of a sample counts before what the model says of itself.
    3. Neither precision nor recall is below the agreement's level, and no subgroup is further behind than its gap.

    Raises the refusal given.
    """
    asked = agreement.linkage.quality
    if asked is None or not linkage.persons:
        return
    for why in _reasons(asked, linkage):
        raise refusal(
            "The linkage of persons is not right enough for a release",
            where=where,
            why=why,
            fix="See where it is weak with hub link report, have pairs judged with hub link review, and link again",
        )


def _reasons(asked: LinkageQuality, linkage: LinkageEntry) -> Iterator[str]:
    said = linkage.quality
    for name in _LEVELS:
        found, least = said.get(f"reviewed_{name}", said.get(f"estimated_{name}")), getattr(asked, name)  # (2)
        if found is None:  # (1)
            yield f"nothing says what its {name} is, and the agreement asks for {least:g}"
        elif not found >= least:  # (3); no number is not enough either
            yield f"{_ASKED[name].format(found=found)}, and the agreement asks for {least:g}"
    gap = said.get("subgroup_gap")
    if gap is None:  # (1)
        yield "nothing says how far its subgroups are behind, and the agreement asks for that"
    elif not gap <= asked.subgroup_gap:  # (3)
        yield f"{_plain(linkage.behind)} is {gap:.4f} behind the whole, and the agreement allows {asked.subgroup_gap:g}"


def _plain(behind: str | None) -> str:
    """``recall/age_band/under_18`` in words."""
    measure, _, group = (behind or "a share/of a subgroup").partition("/")
    return f"{measure} of {group.replace('/', ' ').replace('_', ' ')}"
