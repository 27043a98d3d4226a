"""How a feed is fetched and when, what is usual, and what becomes of what is not: from its file, in words."""

from collections.abc import Iterator

from documents.feed_pages.markdown import code
from hub.feeds import Feed
from hub.transports import FileTransport, MeshTransport, RestTransport, SftpTransport, SqlTransport

_DRIFT = {
    "refuse": "a new, renamed or missing column refuses the delivery, by name",
    "report": "a new column is dropped unread and reported, a renamed one is read; a missing one refuses the delivery",
}
_PACKED = {"gzip": "packed by gzip", "zip": "packed as the one file of a zip archive"}


def transport(feed: Feed) -> str:
    """Where the rows are and how they are read, in one sentence."""
    way = feed.transport
    match way:
        case SftpTransport():
            return f"SFTP: the file {code(way.path)} of {code(way.host)}{_complete(way)}"
        case FileTransport():
            return f"a file in a folder or object store: {code(way.path)} of {code(way.url)}{_complete(way)}"
        case RestTransport():
            return f"REST interface: {code(way.path)} of {code(way.url)}, read by {way.by}"
        case MeshTransport():
            return f"MESH: the message {code(way.filename)}, workflow {code(way.workflow_id)}, to {code(way.mailbox)}"
        case SqlTransport():
            return f"SQL: the table {code(way.table)}, in the order of {code(way.key)}; {_quarter(way)}"


def _complete(way: SftpTransport | FileTransport) -> str:
    parts = [f"complete when {code(way.marker)} is there" if way.marker else "complete when it keeps its size"]
    if way.receipt:
        parts.append(f"held against the receipt {code(way.receipt)}")
    if way.openpgp:
        parts.append("encrypted and signed (OpenPGP)")
    return ", " + ", ".join(parts)


def _quarter(way: SqlTransport) -> str:
    return f"a row's quarter stands in {code(way.period_column)}, such as {code('2026-Q3')}"


def document_form(feed: Feed) -> str:
    """The format and how its text is written."""
    if feed.transport.kind == "sql":
        return "rows of the table, under its own column names"
    form = feed.form
    parts = [feed.format.upper(), form.encoding.upper()]
    if feed.format == "csv":
        parts.append(f"delimiter {code(form.delimiter)}")
    if form.sheet:
        parts.append(f"sheet {form.sheet}")
    if form.packed:
        parts.append(_PACKED[form.packed])
    return ", ".join(parts)


def timing(feed: Feed) -> Iterator[tuple[str, str]]:
    """When it is fetched and what is usual, point by point."""
    yield "Fetched", f"{code(feed.schedule)} (London time)" if feed.schedule else "when started by hand"
    if feed.window:
        yield "In the hours", f"{feed.window.opens:%H:%M} to {feed.window.closes:%H:%M}, London time"
    yield "Covers", "one quarter each"
    yield "Late after", f"{feed.late_after_days} days after the quarter's end"
    yield (
        "Usual volume",
        f"{feed.expected_rows[0]:,} to {feed.expected_rows[1]:,} rows a quarter; more or fewer is noted",
    )
    yield "Refused whole", f"when more than {feed.rejection_threshold:.0%} of its rows are quarantined"
    yield "Columns that differ", _DRIFT[feed.drift]
