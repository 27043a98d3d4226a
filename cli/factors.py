"""``hub factors``: what counts as a risk factor, a protective one and an intervention, and by what evidence."""

from collections import Counter

import typer

from agreement.policy import read_agreement
from cli.show import AsJson, as_json, console, table
from factors.checking import require_sound, resting_on_nothing
from factors.model import FactorRules, load_factors
from hub.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Risk and protective factors, and interventions: by what evidence.")


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.add_typer(app, name="factors")


@app.callback()
def factors() -> None:
    """Risk and protective factors, and interventions: by what evidence.

    A release's tables factor and intervention are made by the rules of config/factors.yaml.
    """


@app.command()
def check(as_json_: AsJson = False) -> None:
    """Hold the rules against what feeds have and the agreement keeps; exit 1 if one rests on what there is not.

    Needs no home. Run it after every edit of config/factors.yaml.
    """
    settings = Settings()
    rules = load_factors(settings.config)
    require_sound(rules)
    nothing = list(resting_on_nothing(rules, read_agreement(settings.agreement_path)))
    counts = _counts(rules)
    if as_json_:
        as_json({"hash": rules.hash, **counts, "rest_on_nothing": [" ".join(found) for found in nothing]})
        return
    console.print(f"The rules of factors and interventions hold ({rules.hash[:12]}).")
    for part, by in counts.items():
        console.print(f"  {part}: " + ", ".join(f"{number} {name}" for name, number in by.items()), soft_wrap=True)
    for place, why in nothing:
        console.print(f"  {place} gives nothing, or less than it says: {why}.", soft_wrap=True)
    console.print(f"{len(rules.not_shown)} factors no feed can show: hub factors list says which, and why.")


@app.command("list")
def list_() -> None:
    """Every factor and intervention with its level and who says that it is one; and what no feed can show."""
    rules = load_factors(Settings().config)
    both = rules.all_factors.items()
    said = [(name, rule.level, rule.direction, ", ".join(rule.sources)) for name, rule in both]
    table("Factors", ["factor", "level", "direction", "sources"], said)
    offered = [(name, rule.prevention, ", ".join(rule.sources)) for name, rule in rules.interventions.items()]
    table("Interventions", ["intervention", "prevention", "sources"], offered)
    table("No feed can show", ["what", "level", "why"], [(one.title, one.level, one.why) for one in rules.not_shown])
    table("Sources", ["name", "publication"], list(rules.sources.items()))


def _counts(rules: FactorRules) -> dict[str, dict[str, int]]:
    both = rules.all_factors.values()
    return {
        "factors": dict(Counter(f"{rule.level} {rule.direction}" for rule in both)),
        "interventions": dict(Counter(rule.prevention for rule in rules.interventions.values())),
    }
