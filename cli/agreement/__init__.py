"""``hub agreement``: read, check, sign and compare the information sharing agreement.

The commands are imported when the noun is called.
"""

from importlib import import_module

import typer

COMMANDS = ("cli.agreement.checking", "cli.agreement.signing", "cli.agreement.versions", "cli.documents")


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    app = typer.Typer(no_args_is_help=True, help="The information sharing agreement, which decides what may flow.")
    for module in COMMANDS:
        import_module(module).add_to(app)
    root.add_typer(app, name="agreement")
