"""From what a page shows to its HTML: one place for escaping, links, headers, and how things are written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console import writing

HERE = Path(__file__).parent
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_MEDIA = {".html": "text/html", ".csv": "text/csv", ".svg": "image/svg+xml", ".yaml": "text/plain"}

_environment = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= writing.FILTERS


def page(request: Request, template: str, *, status: int = 200, **shown: Any) -> Response:
    """The page that a template makes of what is shown."""

    def link(name: str, /, **parts: Any) -> str:
        """The address of another page, below whatever path the console is mounted at."""
        root: str = request.scope.get("root_path", "").rstrip("/")
        return root + str(request.app.url_path_for(name, **parts))

    html = _environment.get_template(template).render(link=link, **shown)
    return HTMLResponse(html, status, headers=dict(HEADERS))


def document(name: str, content: bytes) -> Response:
    """A document that stands for itself, with its style inside it; it loads nothing and runs nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'"
    headers = {**HEADERS, "Content-Security-Policy": policy}
    return Response(content, headers=headers, media_type=_MEDIA[Path(name).suffix])
