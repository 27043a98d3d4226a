"""How a new feed may come: the lines of its file, to be filled in. A secret is a name, never the secret itself."""

from collections.abc import Mapping

_ENDING = {"csv": "csv", "json": "json", "ndjson": "ndjson", "xml": "xml", "xlsx": "xlsx", "parquet": "parquet"}
TRANSPORTS: Mapping[str, str] = {
    "sftp": """\
  kind: sftp
  host: sftp.{authority}.example
  user: safer-hub
  path: /outgoing/{feed}_{{period}}.{ending}
  host_key: {authority}_sftp_host_key # a secret's name
  private_key: {authority}_sftp_private_key # a secret's name
  # receipt: "{{path}}.sha256" # a file that says what the file holds""",
    "file": """\
  kind: file
  url: /srv/drop/{authority} # the folder or object store that the authority writes into
  path: {feed}_{{period}}.{ending}
  # receipt: "{{path}}.sha256" # a file that says what the file holds""",
    "rest": """\
  kind: rest
  url: https://api.{authority}.example
  path: /{feed}
  by: page
  params: {{period: "{{period}}"}}
  api_key: {authority}_api_key # a secret's name""",
    "mesh": """\
  kind: mesh
  url: https://mesh.{authority}.example
  mailbox: MAILBOX
  workflow_id: WORKFLOW
  filename: {feed}_{{period}}.{ending}
  password: {authority}_mesh_password # a secret's name
  shared_key: {authority}_mesh_shared_key # a secret's name""",
    "sql": """\
  kind: sql
  url: postgresql+psycopg://hub_reader@database.{authority}.example/{authority}
  password: {authority}_database_password # a secret's name
  table: public.{feed}
  key: id
  period_column: period""",
}


def lines(kind: str, authority: str, feed: str, format_: str) -> str:
    """The transport's lines of a feed's file."""
    return TRANSPORTS[kind].format(authority=authority, feed=feed, ending=_ENDING[format_])
