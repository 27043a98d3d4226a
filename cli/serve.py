"""``hub serve``: the interface for analysts' programs."""

from pathlib import Path
from typing import Annotated

import typer

from api.app import create
from cli.home import existing_home
from cli.show import console
from hub.errors import ConfigurationError
from keys.home import open_ring
from keys.services import Service

HERE = frozenset({"127.0.0.1", "localhost", "::1"})
Host = Annotated[str | None, typer.Option(help="Address to listen on. Else the setting api_host: this machine alone.")]
Port = Annotated[int | None, typer.Option(help="Port; 0: any that is free. Else the setting api_port.")]
Certificate = Annotated[Path | None, typer.Option(help="Certificate (PEM) to serve https with.", exists=True)]
PrivateKey = Annotated[Path | None, typer.Option(help="The certificate's private key (PEM).", exists=True)]
Behind = Annotated[bool, typer.Option("--behind-proxy", help="Another program serves https in front of this one.")]


def add_to(root: typer.Typer) -> None:
    """Hang this into the root command."""
    root.command()(serve)


def serve(
    host: Host = None,
    port: Port = None,
    certificate: Certificate = None,
    private_key: PrivateKey = None,
    behind_proxy: Behind = False,
) -> None:
    """Serve releases to analysts' programs, until it is stopped (Ctrl-C). Each reading is permitted and logged."""
    import uvicorn  # noqa: PLC0415  # other commands need no server

    with existing_home() as settings:
        address, number = host or settings.api_host, settings.api_port if port is None else port
        secured = certificate is not None and private_key is not None
        _require_secret_line(address, secured or behind_proxy)
        app = create(settings, open_ring(settings, Service.CONSOLE))
        console.print(f"Serving releases on {'https' if secured else 'http'}://{address}:{number}. Stop with Ctrl-C.")
        tls = {"ssl_certfile": certificate, "ssl_keyfile": private_key} if secured else {}
        level = settings.log_level.lower()
        uvicorn.run(app, host=address, port=number, access_log=False, server_header=False, log_level=level, **tls)  # type: ignore[arg-type]


def _require_secret_line(address: str, secured: bool) -> None:
    """A token opens what its reader may see: whoever listens to a line could take it from there."""
    if address not in HERE and not secured:
        raise ConfigurationError(
            "The interface is not served",
            where=f"the address {address}",
            why="others reach it, and tokens and rows would cross the network in clear",
            fix="Give --certificate and --private-key, or --behind-proxy if another program serves https",
        )
