"""What a manifest says of the tables that a partnership loads: figures of areas, and weights of harm."""

import hashlib
from pathlib import Path

from publish.manifest import ReferenceEntry
from publish.tables import Stated
from schemas.area_figures import figures_path, load_figures

NO_FIGURES = "no figures are loaded, so that areas have neither population nor deprivation"
NO_HARM = "no weights are loaded, so that no event has harm"


def references(config: Path, stated: Stated) -> tuple[ReferenceEntry, ...]:
    """One entry for the figures of areas and one for the weights of harm, whether they are loaded or not."""
    path = figures_path(config)
    areas = ReferenceEntry(name="areas", sha256=_sha256(path), said=_figures(config))
    if stated.harm is None:
        return areas, ReferenceEntry(name="harm", sha256=None, said=NO_HARM)
    said = f"{stated.harm.source}, in {stated.harm.unit}"
    return areas, ReferenceEntry(name="harm", sha256=stated.harm.sha256, said=said)


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def _figures(config: Path) -> str:
    figures = load_figures(config)
    sources = [figures[f"{of}_source"].drop_nulls().unique().sort() for of in ("deprivation", "population")]
    named = "; ".join(source for of in sources for source in of)
    made_up = "made up for the demonstration: " if figures["synthetic"].any() else ""
    return f"{made_up}{named}" if named else NO_FIGURES
