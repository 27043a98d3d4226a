"""Pandera's verdict on a frame, in words that hold no value of it."""

from typing import Any

import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaError, SchemaErrors


def broken_rules(schema: Any, frame: pl.DataFrame) -> tuple[str, ...]:
    """Hold a frame against a pandera schema, types and data; returns each broken rule once as ``column: rule``."""
    try:
        with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            schema.validate(frame, lazy=True)
    except SchemaErrors as errors:  # its own text quotes rows
        return tuple(sorted({_said(error) for error in errors.schema_errors}))
    return ()


def _said(error: SchemaError) -> str:
    rule = error.reason_code.name if error.reason_code else "check"
    return f"{error.column_name or error.schema.name or 'the table'}: {rule.lower().replace('_', ' ')}"


def wrong_types(schema: Any, frame: pl.DataFrame) -> tuple[str, ...]:
    """Columns whose type is not exactly that of a pandera schema, as ``column: wrong datatype``; asks of no row."""
    stated = {name: column.dtype.type for name, column in schema.columns.items()}
    return tuple(f"{name}: wrong datatype" for name, kind in frame.schema.items() if kind != stated.get(name))
