"""``hub token``: tokens for the interface, issued and revoked by the hub itself."""

from typing import Annotated

import typer

from api.claims import Scope
from api.issuer_keys import key_set
from api.issuing import issue
from api.revoking import revoke
from cli.home import existing_home
from cli.show import console
from keys.home import open_ring
from keys.purposes import Purpose
from keys.services import Service
from publish.database import ANALYSTS

app = typer.Typer(no_args_is_help=True, help="Tokens with which analysts' programs read releases (hub serve).")
Reader = Annotated[str, typer.Option(help="Who reads, as the log is to name the reader: letters, digits and . _ @ -")]
To = Annotated[str, typer.Option(help="The recipient whose releases they read.")]
Purposes = Annotated[list[str], typer.Option("--purpose", help="What for, as the agreement names it; may be repeated.")]
Hours = Annotated[int, typer.Option(min=1, max=744, help="For how many hours.")]
Scopes = Annotated[list[Scope] | None, typer.Option("--scope", help="What for else than all of it; may be repeated.")]
TokenId = Annotated[str, typer.Argument(help="The token's id, as hub token issue told it (jti).")]
Reason = Annotated[str, typer.Option(help="Why, in one sentence. It is logged: name nobody.")]


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.add_typer(app, name="token")


@app.command("issue")
def issue_command(
    reader: Reader, purpose: Purposes, recipient: To = ANALYSTS, hours: Hours = 8, scope: Scopes = None
) -> None:
    """Issue a token. It is printed by itself, so that it can be piped; who has it reads what its reader may."""
    with existing_home() as settings:
        ring = open_ring(settings, Service.ISSUER)
        chosen = tuple(scope) if scope else tuple(Scope)
        made = issue(settings, ring, reader, recipient=recipient, purposes=purpose, scopes=chosen, hours=hours)
    print(made.token)
    typer.echo(
        f"Token {made.id}, good until {made.ends_at:%Y-%m-%d %H:%M} UTC. Revoke: hub token revoke {made.id}", err=True
    )


@app.command("revoke")
def revoke_command(token: TokenId, reason: Reason) -> None:
    """Revoke a token, whoever issued it: from now on it is refused."""
    with existing_home() as settings:
        revoke(settings, open_ring(settings, Service.ISSUER), token, reason)
    console.print("Revoked and logged: the token is refused from now on.")


@app.command("keys")
def show_keys() -> None:
    """Print the public keys of the hub's own issuer (JWKS), for programs that check its tokens."""
    with existing_home() as settings:
        ring = open_ring(settings, Service.ISSUER)
        versions = ring.kept(Purpose.ISSUER)
        print(key_set([ring.public(Purpose.ISSUER, version=version) for version in versions]).decode())
