"""From facts to text by a template: everything is escaped, and a name that a template mistypes stops it."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from documents.words import day, days, listed, percent

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_environment.filters |= {"day": day, "days": days, "listed": listed, "percent": percent}


def render(template: str, **shown: Any) -> str:
    """What a template makes of what is shown."""
    return _environment.get_template(template).render(**shown)
