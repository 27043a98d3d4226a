"""The tables of columns and of codes of a feed's page."""

from collections.abc import Iterator, Mapping

from documents.columns import Item, items
from documents.feed_pages.forms import anchor, form, needed
from documents.feed_pages.markdown import code, heading, sentence, table
from documents.sources import Sources
from schemas.codes import CodeList
from schemas.codes.children import ASSESSMENT_FACTOR
from schemas.contract import Contract

SEVERAL: Mapping[str, CodeList] = {"assessment_factors": ASSESSMENT_FACTOR}  # columns that hold more than one code
_MOST_CODES = 80  # of longer lists the page says where they are
_DERIVED = "\nMade by the hub from these:\n\n"


def columns(sources: Sources, contract: Contract) -> str:
    """What the provider sends, column by column, then what the hub makes of it."""
    known = {item.column: item for item in items(sources, contract.feed)} if _agreed(sources, contract) else {}
    head = ("their name", "ours", "how it is written", "needed", "what it is", "class", "what is done with it")
    sent = [
        (code(theirs), code(ours), form(contract, ours), needed(contract, ours), *_said(contract, ours, known))
        for theirs, ours in contract.source_names.items()
    ]
    made = [name for name in contract.columns if name not in contract.readings]
    derived = [(code(name), *_said(contract, name, known)) for name in made]
    after = _DERIVED + table(("ours", "what it is", "class", "what is done with it"), derived) if derived else ""
    return table(head, sent) + after + _ignored(contract)


def _agreed(sources: Sources, contract: Contract) -> bool:
    return contract.feed in sources.agreement.feeds


def _said(contract: Contract, name: str, known: Mapping[str, Item]) -> tuple[str, str, str]:
    meaning = sentence(str(contract.schema.columns[name].description))
    former = [old for old, today in contract.formerly.items() if today == contract.source_name(name)]
    earlier = f" Formerly {', '.join(map(code, former))}." if former else ""
    item = known.get(name)
    return (meaning + earlier, item.classification if item else "", item.treatment if item else "not agreed: refused")


def _ignored(contract: Contract) -> str:
    names = ", ".join(code(name) for name in sorted(contract.ignored))
    return f"\nPassed over unread: {names}.\n" if names else ""


def codes(contract: Contract) -> str:
    """Every code list of the contract, with its source; a flag's two words stand in the table of columns."""
    return "".join(_lists(contract))


def _lists(contract: Contract) -> Iterator[str]:
    for name, known in {**dict(_single(contract)), **SEVERAL}.items():
        if name in contract.readings:
            several = ", several with spaces between them" if name in SEVERAL else ""
            title = f"Codes of {code(contract.source_name(name))}{several}"
            yield f'\n<a id="{anchor(name)}"></a>' + heading(title, 3) + _list(known)


def _single(contract: Contract) -> Iterator[tuple[str, Mapping[str, str]]]:
    for name, reading in contract.readings.items():
        if reading.codes is not None and str(contract.schema.columns[name].dtype) != "Boolean":
            yield name, reading.codes


def _list(known: Mapping[str, str]) -> str:
    if len(known) > _MOST_CODES:
        return f"{_origin(known)} {len(known):,} codes.\n"
    return f"{_origin(known)}\n\n" + table(
        ("code", "what it means"), [(code(each), word) for each, word in known.items()]
    )


def _origin(known: Mapping[str, str]) -> str:
    if not isinstance(known, CodeList):
        return "Stated by the contract."
    standing = "" if known.verified else " *Unverified*: to be settled with the authority."
    return f"{sentence(known.title)} Source: {known.source}, version {known.version}.{standing}"
