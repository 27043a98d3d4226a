"""The page that leads to all documents of an agreement."""

from collections.abc import Sequence

from documents.rendering import render
from documents.sources import Sources
from documents.standing import breaches

_WORDS = {
    "isa.html": "The information sharing agreement, to read and to sign",
    "record-of-processing.html": "Record of processing activities (UK GDPR Art 30, DPA 2018 s.61)",
    "record-of-processing.csv": "The same record as a table",
    "data-flow.svg": "Data-flow diagram",
    "data-dictionary.html": "Data dictionary of the published tables: definitions, units, sources, known gaps",
}
_SUFFIX = ".odcs.yaml"


def index(sources: Sources, paths: Sequence[str]) -> str:
    """The page; ``paths`` are those of the other documents."""
    agreement = sources.agreement
    contracts = [path for path in paths if path.endswith(_SUFFIX)]
    undescribed = [sources.feed_title(name) for name in agreement.feeds if name not in sources.contracts]
    return render(
        "index.html.j2",
        agreement=agreement,
        stated=sources.stated,
        on=sources.on,
        breaches=breaches(sources),
        read=[(path, words) for path, words in _WORDS.items() if path in paths],
        contracts=[(path, _title(sources, path)) for path in contracts],
        undescribed=undescribed,
    )


def _title(sources: Sources, path: str) -> str:
    name = path.removeprefix("contracts/").removesuffix(_SUFFIX)
    published = name.removeprefix("published.")
    return f"published table {published}" if published != name else sources.feed_title(name)
