"""Where things lie in the partners' folder: the one place that the generator and the servers agree on.

A CSV or XML extract is the file an authority would drop; a JSON extract is the list of its rows, which
a server cuts into pages. Street crime is kept by month (``2026-07``), everything else by quarter.
"""

from collections.abc import Mapping
from pathlib import Path

EXTRACTS: Mapping[str, str] = {
    "police.recorded_crime": "police/recorded_crime_{period}.csv",
    "police.street_crime": "police/street_crime_{period}.json",
    "fire.fire_setter_referrals": "fire/fire_setter_referrals_{period}.json",
    "fire.incidents": "fire/incidents_{period}.csv",
    "health.emergency_care": "health/emergency_care_{period}.csv",
    "health.assault_attendances": "health/assault_attendances_{period}.csv",
    "probation.supervision": "probation/supervision_{period}.json",
    "yot.cases": "yot/yot_cases_{period}.xml",
    "council.exclusions": "council/exclusions_{period}.csv",
    "council.marac": "council/marac_referrals_{period}.csv",
    "council.antisocial_behaviour": "council/antisocial_behaviour_{period}.csv",
    "council.children_in_need": "council/children_in_need_{period}.csv",
    "council.children_in_need_census": "council/children_in_need_census_{period}.xml",
    "council.looked_after": "council/looked_after_{period}.csv",
    "council.exploitation": "council/exploitation_referrals_{period}.csv",
    "council.nrm_referrals": "council/nrm_referrals_{period}.csv",
}


def extract_path(folder: Path, feed: str, period: str) -> Path:
    """The file of one feed and period (a quarter; for street crime a month)."""
    return folder / "extracts" / EXTRACTS[feed].format(period=period)


def extracts_held(folder: Path, feed: str) -> dict[str, Path]:
    """The files there are for a feed, by period, in order of period."""
    pattern = extract_path(folder, feed, "*")
    before, _, after = pattern.name.partition("*")
    found = sorted(pattern.parent.glob(pattern.name))
    return {path.name.removeprefix(before).removesuffix(after): path for path in found}
