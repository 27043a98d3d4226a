"""All documents of an agreement, and the folder that they are written into."""

import re
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path

from agreement.model import Agreement
from documents.diagram import svg
from documents.dictionary import Words, dictionary_html
from documents.errors import FolderRefused
from documents.index import index
from documents.isa import isa
from documents.odcs_feed import feed_contract
from documents.odcs_published import published_contract, published_tables
from documents.record import record_csv, record_html
from documents.sources import Sources
from hub.feeds import Feed
from schemas.contract import Contract
from schemas.registry import CONTRACTS

LIST = "documents.sha256"  # the names and hashes of what was written, in the form that sha256sum checks
_LINE = re.compile(r"(?P<hash>[0-9a-f]{64})  (?P<path>(?:contracts/)?[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)+)")
_ENCODING = "utf-8"


def documents(
    agreement: Agreement,
    feeds: Mapping[str, Feed],
    on: date,
    commit: str,
    contracts: Mapping[str, Contract] = CONTRACTS,
    words: Words | None = None,
) -> dict[str, bytes]:
    """Every document by its path within the folder. The same agreement, code commit and day give the same bytes.

    A feed that no contract describes has no data contract; the other documents name it. ``words``: what the words of
    published tables mean, for the dictionary.
    """
    sources = Sources(agreement, feeds, contracts, on, commit)
    made = {
        "isa.html": isa(sources),
        "record-of-processing.html": record_html(sources),
        "record-of-processing.csv": record_csv(sources),
        "data-flow.svg": svg(sources),
        "data-dictionary.html": dictionary_html(sources, words),
    }
    described = [name for name in agreement.feeds if name in contracts]
    made |= {f"contracts/{name}.odcs.yaml": feed_contract(sources, name) for name in described}
    tables = published_tables(sources)
    made |= {f"contracts/published.{table}.odcs.yaml": published_contract(sources, table) for table in tables}
    made["index.html"] = index(sources, list(made))
    return {path: text.encode(_ENCODING) for path, text in made.items()}


def write(folder: Path, made: Mapping[str, bytes]) -> None:
    """Write documents into a folder, in place of those that were written there before; raises FolderRefused.

    1. A file in the place of a document is one that was written before and not changed since, or is that document.
    2. Documents of before that are no longer made are removed, unless they were changed since.
    3. All is looked at before anything is written; other files in the folder are left alone.
    4. The list is written last, so that a run that was cut short can be run again.
    """
    before = require_own(folder, made)  # (3)
    for path, content in made.items():
        _replace(folder / path, content)
    for path in before.keys() - made.keys():
        (folder / path).unlink(missing_ok=True)  # (2)
    lines = (f"{sha256(content).hexdigest()}  {path}\n" for path, content in sorted(made.items()))
    _replace(folder / LIST, "".join(lines).encode(_ENCODING))  # (4)


def require_own(folder: Path, made: Mapping[str, bytes]) -> dict[str, str]:
    """Raise FolderRefused where ``write`` would (1) (2); returns the hash of each document of before by its path."""
    before = _written(folder / LIST)
    for path in (*made, *before):
        _refuse_foreign(folder / path, made.get(path), before.get(path))
    return before


def _written(kept: Path) -> dict[str, str]:
    """The hash of each document that a list names; none where there is no list."""
    if not kept.is_file():
        return {}
    lines = [_LINE.fullmatch(line) for line in kept.read_bytes().decode(_ENCODING, "replace").splitlines()]
    if not all(lines):
        raise FolderRefused(
            "The documents cannot be written",
            where=str(kept),
            why="it is not the list that these documents keep of themselves",
            fix="Name another folder",
        )
    return {line["path"]: line["hash"] for line in lines if line}


def _refuse_foreign(path: Path, content: bytes | None, before: str | None) -> None:
    """Rule 1 of ``write``, and rule 2 where there is no content."""
    if not (path.exists() or path.is_symlink()):
        return
    found = sha256(path.read_bytes()).hexdigest() if path.is_file() else None
    if found is None or found not in {before, content is not None and sha256(content).hexdigest()}:
        raise FolderRefused(
            "The documents cannot be written",
            where=str(path),
            why="a file lies there that these documents did not make, or that was changed since",
            fix="Name another folder, or move the file away",
        )


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)
