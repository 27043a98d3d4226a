"""From a column as our contracts state it to a property of the Open Data Contract Standard."""

from collections.abc import Mapping
from typing import Any

from open_data_contract_standard.model import EnumValue, SchemaProperty

from schemas.readings import Reading

_LOGICAL = {
    "String": "string",
    "Int64": "integer",
    "Float64": "number",
    "Boolean": "boolean",
    "Date": "date",
    "Time": "time",
}
_INSTANT = "Datetime"
_FORMS = {"%Y": "yyyy", "%m": "MM", "%d": "dd", "%H": "HH", "%M": "mm", "%S": "ss",
          "%+": "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]XXX"}  # fmt: skip
_DATED = ("date", "time", "timestamp")


def column_property(name: str, column: Any, reading: Reading | None, **parts: Any) -> SchemaProperty:
    """A property of a pandera column: its type, form, limits and codes.

    ``reading``: how the authority's text of it is read; then codes are the authority's own, each with the hub's word.
    """
    logical = logical_type(column.dtype)
    codes = _codes(column, reading, logical)
    return SchemaProperty(
        name=name,
        logicalType=logical,
        logicalTypeOptions=_options(logical, column, reading) or None,
        description=str(column.description),
        enum=codes or None,
        **parts,
    )


def logical_type(dtype: object) -> str:
    """The standard's word for a type of ours."""
    name = str(dtype)
    return "timestamp" if name.startswith(_INSTANT) else _LOGICAL[name]


def date_form(form: str) -> str:
    """A form such as ``%d/%m/%Y`` as the standard writes it: ``dd/MM/yyyy``."""
    for ours, theirs in _FORMS.items():
        form = form.replace(ours, theirs)
    return form


def _codes(column: Any, reading: Reading | None, logical: str) -> list[EnumValue]:
    if reading is not None and reading.codes is not None:
        known = reading.codes if logical == "string" else {}  # a flag's two words are told beside it
        return [EnumValue(value=code, label=word if word != code else None) for code, word in known.items()]
    allowed = [value for check in column.checks if check.name == "isin" for value in check.statistics["allowed_values"]]
    return [EnumValue(value=value) for value in dict.fromkeys(allowed)]


def _options(logical: str, column: Any, reading: Reading | None) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if logical in _DATED and reading is not None and reading.form:
        options["format"] = date_form(reading.form)
    if logical == "timestamp" and reading is None:
        options |= {"timezone": True, "defaultTimezone": "Etc/UTC"}
    for check in column.checks:
        options |= _limits(check.statistics)
    return options


def _limits(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Limits and pattern of one check; both ends of our ranges are within them."""
    names = {"min_value": "minimum", "max_value": "maximum", "pattern": "pattern"}
    return {theirs: stated[ours] for ours, theirs in names.items() if ours in stated}
