"""XML: one element a row, its attributes and inner elements flattened to paths joined by dots.

Document types, entities and external references are refused (defusedxml): they can read files
and fill memory, and no feed needs them.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from schemas.contract import Contract
from schemas.formats.flat import FlatRow, refusal, text_table

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_WHAT = "A page is not the agreed XML"


def parse_xml(body: bytes, contract: Contract) -> pl.DataFrame:
    """The elements named by the contract's ``rows_at`` below the root; the root may hold nothing else."""
    try:
        return text_table([_flat(element, contract) for element in _elements(body, contract)], contract)
    except RecursionError:
        raise refusal(_WHAT, "its elements are nested too deeply", contract) from None


def _elements(body: bytes, contract: Contract) -> "list[Element]":
    try:
        root = fromstring(body, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException:
        raise refusal(_WHAT, "it declares a document type or an entity, which are refused", contract) from None
    except (ParseError, ValueError, LookupError) as error:
        line = f" (line {error.position[0]})" if isinstance(error, ParseError) else ""
        raise refusal(_WHAT, f"it is not well-formed{line}", contract) from None
    if any(element.tag != contract.rows_at for element in root):
        raise refusal(_WHAT, f"below its root lies something else than {contract.rows_at}", contract)
    return list(root)


def _flat(element: "Element", contract: Contract) -> FlatRow:
    row: dict[str, str | None] = {}
    for name, value in _leaves(element, ""):
        if name in row:
            raise refusal(_WHAT, "one row holds an element or attribute twice", contract)
        row[name] = value
    return row


def _leaves(element: "Element", path: str) -> Iterator[tuple[str, str | None]]:
    for name, value in element.attrib.items():
        yield path + name, value
    for inner in element:
        if len(inner) or inner.attrib:
            yield from _leaves(inner, f"{path}{inner.tag}.")
        else:
            yield path + inner.tag, inner.text
