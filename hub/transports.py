"""How a feed is fetched: what an operator states of each transport. It names the secrets it needs and holds none."""

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Frozen(BaseModel):
    """Something that is stated once, with no member that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


PATH = r"^/[^?#]*$"
_CREDENTIALS = re.compile(r"(?i)(api|access|client|private|auth)?[-_]?(key|token|secret|password|passwd|signature)")


class OpenPgp(Frozen):
    """A file that is encrypted to the hub and signed by its sender (OpenPGP, RFC 9580)."""

    private_key: str = Field(description="secret: the hub's private key, armoured")
    passphrase: str | None = Field(default=None, description="secret: the private key's passphrase")
    signed_by: str = Field(description="secret: the sender's public key, armoured; a file not signed by it is refused")


class _Files(Frozen):
    """What transports of files have in common. In ``path`` and in names made from it, ``{period}`` is the quarter.

    ``marker`` names the empty file that says that the file is complete; without one, a file is complete that keeps its
    size and time for ``settle_s`` seconds. ``receipt`` names a small file that says what the file holds: the form of
    sha256sum, or JSON with ``rows``, ``sha256`` and ``totals`` (sums by the source's name of the column). Both are
    paths as ``path`` is; ``{path}`` in them is the path. None of the three leads out of the partner's folder.
    """

    path: str
    marker: str | None = None
    receipt: str | None = None
    settle_s: float = Field(default=1.0, ge=0, description="how long a file keeps its size before it counts as whole")
    openpgp: OpenPgp | None = None
    chunk_bytes: int = Field(default=32 << 20, ge=1 << 10, description="most bytes of one page")

    @field_validator("path", "marker", "receipt")
    @classmethod
    def _stays_inside(cls, template: str | None) -> str | None:
        """A name of a file below the folder that the partner offers, with no other braces than are filled in."""
        name = (template or "file").replace("{path}", "path").replace("{period}", "period")
        if not name.isprintable() or "\\" in name or "{" in name or "}" in name:
            raise ValueError("a file's name holds {period}, and a marker's {path}; no other brace, no backslash")
        if name.endswith("/") or {".", ".."} & set(name.split("/")):
            raise ValueError("it must name a file, and no part of it may be . or ..")
        return template


class SftpTransport(_Files):
    """A file on an SFTP server."""

    kind: Literal["sftp"]
    host: str
    port: int = 22
    user: str
    host_key: str = Field(description="secret: the server's public key, as in known_hosts, which is pinned")
    private_key: str = Field(description="secret: the hub's private login key")


class FileTransport(_Files):
    """A file in a folder or an object store (fsspec): ``url`` is the store's root, such as ``s3://bucket``."""

    kind: Literal["file"]
    url: str = Field(pattern=r"^(/|[a-z][a-z0-9+]*://)", description="an absolute path, or a URL without a password")
    options: dict[str, str] = Field(default_factory=dict, description="what the store is opened with; no secret")
    secrets: dict[str, str] = Field(default_factory=dict, description="the same, each a secret's name")


class PrivateKeyJwt(Frozen):
    """How a client proves itself by a key of its own (RFC 7523, as OpenID Connect names it)."""

    private_key: str = Field(description="secret: the client's private key, PEM")
    key_id: str
    algorithm: Literal["RS512", "RS256", "PS256", "ES256", "EdDSA"] = "RS512"
    audience: str | None = Field(default=None, description="what the token endpoint calls itself; none: its address")


class ClientCredentials(Frozen):
    """OAuth 2.0 client credentials grant (RFC 6749 section 4.4), by a password or by a signed assertion."""

    token_path: str = Field(pattern=PATH)
    client_id: str
    client_secret: str | None = Field(default=None, description="secret: the client's password at the token endpoint")
    private_key_jwt: PrivateKeyJwt | None = None

    @model_validator(mode="after")
    def _is_one_proof(self) -> Self:
        if (self.client_secret is None) == (self.private_key_jwt is None):
            raise ValueError("a client proves itself by client_secret or by private_key_jwt, one of them")
        return self


class RestTransport(Frozen):
    """JSON over HTTP.

    ``by``: ``page`` counts pages, ``offset`` rows; ``cursor`` sends back what the answer says at ``next_cursor``;
    ``link`` follows the answer's Link header (RFC 8288, rel=next); ``month`` asks once for each month.
    In the values of ``params``, ``{period}`` becomes the quarter and ``{month}`` the month asked for.

    A credential is never part of a URL, which proxies and servers write into their logs: not of ``url`` and not of
    ``params``. A partner that takes a key in its query string alone is to be asked for another way.
    """

    kind: Literal["rest"]
    url: str = Field(pattern=r"^https?://[^/?#@]+[^?#@]*$")
    path: str = Field(pattern=PATH)
    by: Literal["page", "offset", "cursor", "link", "month"] = "page"
    params: dict[str, str] = Field(default_factory=dict)
    page_size: int = Field(default=500, ge=1)
    page_param: str = "page"
    size_param: str = "pageSize"
    first_page: int = Field(default=1, description="the number of the first page: some count from 0")
    offset_param: str = "offset"
    cursor_param: str = "cursor"
    next_cursor: str = Field(default="nextCursor", description="where an answer says how to go on; absent: done")
    total_pages: str = Field(default="totalPages", description="where an answer says how many pages there are, dotted")
    total_items: str | None = Field(default=None, description="where it says how many rows there are, if it does")
    items: str | None = Field(default=None, description="the field that holds the rows; none: the body is the list")
    api_key: str | None = Field(default=None, description="secret: sent in the header ``api_key_header``")
    api_key_header: str = Field(default="X-API-Key", pattern=r"^[A-Za-z0-9-]+$")
    requests_per_second: float | None = Field(default=None, gt=0, description="no more than the partner allows")
    oauth2: ClientCredentials | None = None

    @model_validator(mode="after")
    def _keeps_credentials_out_of_urls(self) -> Self:
        if found := sorted(name for name in self.params if _CREDENTIALS.fullmatch(name)):
            raise ValueError(f"{', '.join(found)}: a credential is sent in a header, never in params")
        if self.api_key is not None and self.oauth2 is not None:
            raise ValueError("a partner is shown api_key or a token of oauth2, one of them")
        return self


class MeshTransport(Frozen):
    """A MESH mailbox (NHS England's Message Exchange for Social Care and Health).

    ``{period}`` in ``filename`` becomes the quarter: that is how the sender names the quarter's message.
    """

    kind: Literal["mesh"]
    url: str
    mailbox: str
    workflow_id: str
    filename: str
    chunk_bytes: int = Field(default=32 << 20, ge=1 << 10, description="most bytes of one page")
    openpgp: OpenPgp | None = None
    password: str = Field(description="secret: the mailbox password")
    shared_key: str = Field(description="secret: the environment's shared key")


class SqlTransport(Frozen):
    """A table or view of a partner's database, read by keyset paging in the order of ``key``, which is unique.

    With ``changed_column`` and ``deleted_column`` a second delivery of a quarter holds only what was changed since the
    first. The partner's side of it: each change of a row sets its ``changed_column``, no row is removed but marked
    deleted, and no transaction that changes rows lasts longer than ``overlap_minutes``. These two columns are the
    transport's own and no part of the feed's contract.
    """

    kind: Literal["sql"]
    url: str = Field(description="SQLAlchemy URL without a password")
    password: str | None = Field(default=None, description="secret: the database password")
    table: str
    key: str
    period_column: str
    changed_column: str | None = Field(default=None, description="the instant of a row's last change")
    overlap_minutes: int = Field(default=60, ge=1, description="how far before the last change rows are read again")
    deleted_column: str | None = Field(default=None, description="null or false: the row stands")
    page_size: int = Field(default=2000, ge=1)

    @model_validator(mode="after")
    def _tells_of_deletions(self) -> Self:
        if (self.changed_column is None) != (self.deleted_column is None):
            raise ValueError("changed_column needs deleted_column, or rows that are gone would stand for ever")
        return self


Transport = Annotated[
    SftpTransport | FileTransport | RestTransport | MeshTransport | SqlTransport, Field(discriminator="kind")
]
