"""The root of the command: a noun's module is imported when its noun is called, so that the rest is quick."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer.main
from typer.core import TyperCommand, TyperGroup


class Nouns(TyperGroup):
    """Commands by name, each with its one line of help and the module that adds it to a Typer app (``add_to``)."""

    def __init__(self, name: str, help_: str, nouns: Mapping[str, tuple[str, str]]) -> None:
        listed = {noun: TyperCommand(noun, help=line) for noun, (_, line) in nouns.items()}
        super().__init__(name=name, help=help_, commands=dict(listed), no_args_is_help=True)
        self._modules = {noun: module for noun, (module, _) in nouns.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command itself in place of its line in the list."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and load(self._modules[listed.name or ""], listed.name or ""), rest


def load(module: str, noun: str) -> Any:
    """The command or group that a module adds under this name."""
    app = typer.Typer()
    import_module(module).add_to(app)
    return typer.main.get_group(app).commands[noun]
