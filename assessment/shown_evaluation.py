"""An evaluation as it may be told: every figure through the gate, and one sentence that says no more. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from assessment.evaluation import ALIKE, COMPARED, NOBODY_ALIKE, NOT_FOLLOWED, Evaluation, Side, Verdict
from assessment.matching import BALANCED
from assessment.safe import NOT_TOLD, Counts, Decision, Estimate, Gate
from disclosure.dimensions import Dimension

WORDS = {
    "age": "age",
    "male": "sex",
    "rating": "risk as rated then",
    "earlier": "offences before",
    "violent_earlier": "violence before",
    "lately": "offences in the last year",
}
_RATINGS = ("low", "medium or not said", "high")
LIMITS = (
    "Nobody was given it by chance: what no feed states, such as a wish to change, may explain the figures.",
    "What is counted is to be a suspect of serious violence in what the police recorded, which is not all violence.",
    "It is told of those who could be compared, and of no one else.",
    "A rating that was made after the start, or a start that was never recorded, would mislead.",
)


@dataclass(frozen=True)
class ShownBalance:
    """How far both differ in one thing, in standard deviations, before matching and after."""

    about: str
    before: Estimate
    after: Estimate

    @property
    def alike(self) -> bool:
        """Whether what is left counts as balanced."""
        return self.after.value is not None and abs(self.after.value) <= BALANCED


@dataclass(frozen=True)
class ShownEvaluation:
    """What may be told. ``had``: of those who started, how many are compared, or why not; ``others``: likewise."""

    intervention: str
    verdict: str
    sentence: str
    had: Counts
    others: Counts
    by_rating: Counts
    rate_with: Estimate
    rate_without: Estimate
    crude: Estimate
    effect: Estimate
    e_value: Estimate
    e_value_of_interval: Estimate
    balance: tuple[ShownBalance, ...]
    decisions: tuple[Decision, ...]

    @property
    def tables(self) -> tuple[Counts, ...]:
        """All tables of counts."""
        return (self.had, self.others, self.by_rating)

    @property
    def differs(self) -> tuple[str, ...]:
        """In what both still differ by more than counts as balanced; the effect is adjusted for it."""
        return tuple(one.about for one in self.balance if one.after.told and not one.alike)


def shown(found: Evaluation, gate: Gate) -> ShownEvaluation:
    """The evaluation through the gate."""
    treated, compared = found.treated, found.compared
    both = (treated.matched, compared.matched)
    behind = (*both, treated.violent, compared.violent)
    effect = _ratio(gate, found.effect.told, (found.effect.ratio, found.effect.low, found.effect.high), behind)
    crude = _ratio(gate, found.crude.told, (found.crude.ratio, found.crude.low, found.crude.high), behind)
    verdict = found.verdict if effect.told else Verdict.CANNOT_BE_TOLD
    had, others, by_rating = _who(found, gate)
    of_effect = behind if effect.told else (0,)
    return ShownEvaluation(
        intervention=found.intervention,
        verdict=str(verdict),
        sentence=sentence(found, verdict, effect),
        had=had,
        others=others,
        by_rating=by_rating,
        rate_with=_rate(gate, treated),
        rate_without=_rate(gate, compared),
        crude=crude,
        effect=effect,
        e_value=gate.estimate(found.e_value, behind=of_effect),
        e_value_of_interval=gate.estimate(found.e_value_of_interval, behind=of_effect),
        balance=tuple(
            ShownBalance(
                WORDS[one.about],
                gate.estimate(one.before, behind=both),
                gate.estimate(round(one.after, 3), behind=both),
            )
            for one in found.balance
        ),
        decisions=gate.decisions,
    )


def _ratio(gate: Gate, told: bool, figures: tuple[float, float, float], behind: Sequence[int]) -> Estimate:
    return gate.estimate(*figures, behind=behind) if told else Estimate(None, why=NOT_TOLD)


def _rate(gate: Gate, side: Side) -> Estimate:
    """Acts of violence of a hundred persons in a quarter of a year, two of each at the most."""
    rate = 100 * side.violent / side.quarters if side.quarters else 0.0
    return gate.estimate(rate, behind=(side.matched, side.violent))


def _who(found: Evaluation, gate: Gate) -> tuple[Counts, Counts, Counts]:
    """Who is compared and who is not; those who had it also by how likely they were found to offend again."""
    became = Dimension.flat("became", (COMPARED, NOBODY_ALIKE, NOT_FOLLOWED))
    had = gate.counts("those who started it", found.persons.filter(pl.col("treated") == 1), [became], "person_id")
    rest = Dimension.flat("became", (COMPARED, NOBODY_ALIKE))
    others = gate.counts("those who had nothing", found.persons.filter(pl.col("treated") == 0), [rest], "person_id")
    rated = found.persons.filter(pl.col("treated") == 1, pl.col("became") != NOT_FOLLOWED).with_columns(
        rating=pl.col("rating").replace_strict(dict(enumerate(_RATINGS)), default=_RATINGS[1], return_dtype=pl.String())
    )
    both = [Dimension.flat("rating", _RATINGS), rest]
    return had, others, gate.counts("those who started it, by rating", rated, both, "person_id")


def sentence(found: Evaluation, verdict: Verdict, effect: Estimate) -> str:
    """The verdict in one sentence."""
    name, ends = found.intervention, (effect.value, effect.low, effect.high)
    times = "{:g} times as often (from {:g} to {:g})".format(*(end or 0.0 for end in ends))
    compared = f"those who had it were suspects of serious violence {times} as people alike who had nothing"
    said = {
        Verdict.HELPED: f"{name} is likely to have helped: {compared}.",
        Verdict.HARMED: f"{name} is likely to have done harm: {compared}.",
        Verdict.NO_EVIDENCE: f"There is no evidence that {name} helped or harmed: {compared}; {found.because}.",
        Verdict.CANNOT_BE_TOLD: f"Whether {name} helped or harmed cannot be told: {_why(found, effect)}.",
    }[verdict]
    return said[0].upper() + said[1:]


def _why(found: Evaluation, effect: Estimate) -> str:
    if found.verdict is Verdict.CANNOT_BE_TOLD:
        return found.because
    return "too few acts of violence stand behind it to be shown" if not effect.told else found.because


def method() -> str:
    """What those compared are alike in, in words."""
    words = {
        "feed": "the service that told of them",
        "age_group": "age, roughly",
        "offences": "roughly how often they were suspects before",
    } | WORDS
    return ", ".join(words[name] for name in ALIKE)
