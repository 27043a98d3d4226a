"""OASys's risk predictors of a person under supervision, in the groups of its answers, and the risk of serious harm."""

from datetime import datetime, time, timedelta
from random import Random

from partners.extracts.rows import Row
from partners.population.happenings import Supervision

_AT, _NEW = "riskPredictors", "riskPredictors.newActuarialPredictors"
_VIOLENT_CLASSES = ("002", "003", "005", "008", "034", "066", "105", "195")
_LEVELS = ("LOW", "MEDIUM", "HIGH", "VERY_HIGH")
_OLDER = 0.15  # assessments of before the new predictors


def predictors(one: Supervision, rng: Random, more: Random) -> Row:
    """Scores that rise with the person's own risk and fall with age, in per cent."""
    youth = max(0.3, 1.6 - one.person.age_on(one.starts_on) / 50)
    general = min(96, max(2, round(18 * youth * (1 + one.person.risk / 3) * rng.uniform(0.7, 1.3))))
    violent = round(general * rng.uniform(0.4, 0.9))
    serious = round(min(30.0, general / 12 * rng.uniform(0.3, 1.8)), 2)
    newer = min(99, general + rng.randint(-3, 3)) if general > 5 else general
    assessed = max(1, violent + rng.randint(0, 5))
    sexual = round(rng.uniform(0.1, 2.5), 2)
    older = more.random() < _OLDER
    return {
        f"{_AT}.assessmentType": "LAYER3",
        f"{_AT}.dateCompleted": f"{_completed(one, more):%Y-%m-%dT%H:%M:%S}",
        **_from_the_record(general),
        **_from_the_assessment(general, assessed),
        **_sexual(sexual, older),
        f"{_AT}.RSR.rsrStaticOrDynamic": more.choice(("STATIC", "DYNAMIC", "DYNAMIC")),
        f"{_AT}.RSR.rsrExceptionError": None,
        f"{_AT}.RSR.rsrAlgorithmVersion": 3 if older else 6,
        f"{_AT}.RSR.rsrPercentageScore": serious,
        f"{_AT}.RSR.scoreLevel": _band(serious, (3, 6.9, 12)),
        **({} if older else _newer(newer, violent, serious)),
    }


def _completed(one: Supervision, rng: Random) -> datetime:
    at = time(rng.randrange(9, 17), rng.randrange(60), rng.randrange(60))
    return datetime.combine(one.starts_on - timedelta(days=rng.randint(0, 20)), at)


def _band(score: float, bounds: tuple[float, float, float]) -> str:
    return ("Low", "Medium", "High", "Very High")[sum(score >= bound for bound in bounds)]


def _from_the_record(general: int) -> Row:
    return {
        f"{_AT}.OGRS.ogrs31Year": round(general * 0.65),
        f"{_AT}.OGRS.ogrs32Year": general,
        f"{_AT}.OGRS.ogrs3RiskRecon": _band(general, (50, 75, 90)),
    }


def _from_the_assessment(general: int, violent: int) -> Row:
    """Both predictors of the whole assessment, and a weight that nobody needs."""
    return {
        f"{_AT}.OGP.ogpTotWesc": general // 2,
        f"{_AT}.OGP.ogp1Year": round(general * 0.6),
        f"{_AT}.OGP.ogp2Year": round(general * 0.95),
        f"{_AT}.OGP.ogpRisk": _band(general, (34, 67, 85)),
        f"{_AT}.OVP.ovpTotWesc": violent // 2,
        f"{_AT}.OVP.ovp1Year": round(violent * 0.6),
        f"{_AT}.OVP.ovp2Year": violent,
        f"{_AT}.OVP.ovpRisk": _band(violent, (30, 60, 80)),
    }


def _sexual(score: float, older: bool) -> Row:
    first, second = ("ospContact", "ospImage") if older else ("ospDirectContact", "ospIndirectImagesChildren")
    return {
        f"{_AT}.OSP.{first}PercentageScore": score,
        f"{_AT}.OSP.{first}ScoreLevel": _band(score, (1, 2, 3)),
        f"{_AT}.OSP.{second}PercentageScore": round(score / 3, 2),
        f"{_AT}.OSP.{second}ScoreLevel": _band(score / 3, (1, 2, 3)),
    }


def _newer(general: int, violent: int, serious: float) -> Row:
    scores: dict[str, float] = {"ogrs4g": general, "ogrs4v": violent, "ogp2": general, "ovp2": violent}
    found: Row = {}
    for name, score in scores.items():
        found |= {f"{_NEW}.{name}Yr2": score, f"{_NEW}.{name}Band": _band(score, (30, 60, 80))}
    return found | {
        f"{_NEW}.snsvStaticYr2": serious,
        f"{_NEW}.snsvStaticYr2Band": _band(serious, (3, 6.9, 12)),
        f"{_NEW}.snsvDynamicYr2": serious,
        f"{_NEW}.snsvDynamicYr2Band": _band(serious, (3, 6.9, 12)),
        f"{_NEW}.ogrs4gCalculated": "Y",
    }


def serious_harm(one: Supervision, rng: Random) -> Row:
    """Risk of serious harm to four groups, and whether the person is registered under MAPPA."""
    violent = one.offence_code[:3] in _VIOLENT_CLASSES
    weights = (15, 45, 34, 6) if violent else (45, 42, 12, 1)
    found = {
        f"rosh.{whom}": rng.choices(_LEVELS, weights=weights)[0]
        for whom in ("public", "children", "knownAdult", "staff")
    }
    high = any(level in ("HIGH", "VERY_HIGH") for level in found.values())
    level = rng.choices(("1", "2", "3"), weights=(80, 17, 3))[0] if high and rng.random() < 0.4 else None
    category = "2" if violent else "3"
    return {
        **found,
        "mappa.category": category if level else None,
        "mappa.level": level,
        "mappa.startDate": one.starts_on.isoformat() if level else None,
    }
