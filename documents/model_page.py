"""A linkage model as a page of tables: how often each level holds of one person (m) and of two (u). No script."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from documents.rendering import render
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from keys.ring import KeyRing
from linkage.assessed.model_drawn import draw_model
from linkage.config import DIFFERENT, LinkageConfig, load_linkage
from linkage.learned.model import Model
from linkage.learned.trained import charts_folder, deciding
from linkage.linking import LinkSummary, link

PAGE = "model.html"
_MOST = 24.0  # bits that the axis shows to either side


@dataclass(frozen=True)
class _Level:
    name: str
    when: str
    rare: bool
    m: float
    u: float

    @property
    def bits(self) -> float:
        return math.log2(self.m / self.u)


def link_drawn(
    settings: Settings, ring: KeyRing, quarter: Quarter, *, full: bool = False
) -> tuple[LinkSummary, tuple[Path, ...]]:
    """Link a quarter (linkage.linking); where that trained a model, its pages are drawn into the home."""
    done = link(settings, ring, quarter, full=full)
    return done, save_model_pages(settings, ring) if done.trained else ()


def save_model_pages(settings: Settings, ring: KeyRing, folder: Path | None = None) -> tuple[Path, ...]:
    """Draw the model that decides: its tables, charts and waterfalls. Raises LinkageRefused."""
    return (save_tables(settings, folder), *draw_model(settings, ring, folder))


def save_tables(settings: Settings, folder: Path | None = None) -> Path:
    """The page of tables alone, into a folder or the home's for this model. Raises LinkageRefused."""
    config = load_linkage(settings.config)
    with transaction(settings) as connection:
        model = deciding(connection, config)
    into = folder or charts_folder(settings, model)
    into.mkdir(parents=True, exist_ok=True)
    (into / PAGE).write_text(model_page(model, config), encoding="utf-8")
    return into / PAGE


def model_page(model: Model, config: LinkageConfig) -> str:
    """The page of a model, by the rules that it was trained by."""
    prior = float(model.content["prior"])
    return render(
        "linkage-model.html.j2",
        model=model,
        prior=prior,
        prior_bits=math.log2(prior / (1 - prior)),
        comparisons={name: list(_levels(model, config, name)) for name in config.comparisons},
        stated=[name for name, it in config.comparisons.items() if not it.learned],
        few=int(model.content["records"]) < config.training.fewest_records,
        together=model.content["together"],
        most=_MOST,
    )


def _levels(model: Model, config: LinkageConfig, name: str) -> Iterator[_Level]:
    """From the best downwards, as they are tried."""
    shares: Mapping[str, Mapping[str, float]] = model.content["parameters"][name]
    for level, it in config.comparisons[name].levels.items():
        yield _Level(level, it.when, it.frequency is not None, shares[level]["m"], shares[level]["u"])
    yield _Level(DIFFERENT, "none of these", False, shares[DIFFERENT]["m"], shares[DIFFERENT]["u"])
