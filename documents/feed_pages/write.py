"""All pages of the feeds by their path below ``docs``, and the pages there that no feed has any more."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from agreement.model import Agreement
from documents.dag_table import dag_table
from documents.feed_pages.page import described, index, page
from documents.sources import Sources
from hub.feeds import Feed
from schemas.contract import Contract
from schemas.registry import CONTRACTS

FEEDS = "feeds"
_UNDATED = date(1, 1, 1)  # the pages bear no date, so that they are the same until what they say changes


def pages(
    agreement: Agreement, feeds: Mapping[str, Feed], contracts: Mapping[str, Contract] = CONTRACTS
) -> dict[str, str]:
    """Every page by its path: one a feed that has a contract, their index, and the table of DAGs."""
    sources = Sources(agreement, feeds, contracts, _UNDATED, "")
    made = {f"{FEEDS}/{name}.md": page(sources, name) for name in described(sources)}
    return made | {f"{FEEDS}/README.md": index(sources), "dags.md": dag_table(feeds)}


def differing(docs: Path, made: Mapping[str, str]) -> list[str]:
    """Paths of pages that are not as they ought to be, or ought not to be there."""
    there = {str(path.relative_to(docs)) for path in (docs / FEEDS).glob("*.md")}
    changed = [path for path, text in made.items() if _text(docs / path) != text]
    return sorted({*changed, *(there - made.keys())})


def write(docs: Path, made: Mapping[str, str]) -> list[str]:
    """Write the pages that differ and remove those of no feed; returns their paths. The folder holds nothing else."""
    changed = differing(docs, made)
    for path in changed:
        if path in made:
            (docs / path).parent.mkdir(parents=True, exist_ok=True)
            (docs / path).write_text(made[path], encoding="utf-8", newline="\n")
        else:
            (docs / path).unlink()
    return changed


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
