"""``hub audit``: read, prove, verify, hand over and watch the log.

The commands are imported when the noun is called: ``hub status`` needs the verification alone.
"""

from importlib import import_module

import typer

from cli.audit.verifying import verify_log

__all__ = ["add_to", "verify_log"]

COMMANDS = ("reading", "proving", "verifying", "handing_over", "unusual", "person")


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    app = typer.Typer(no_args_is_help=True, help="The log of every act, which nobody can change unseen.")
    for name in COMMANDS:
        import_module(f"cli.audit.{name}").add_to(app)
    root.add_typer(app, name="audit")
