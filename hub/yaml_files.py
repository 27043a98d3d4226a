"""Reading the YAML files that operators edit into typed, frozen objects."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from hub.errors import ConfigurationError

Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path) -> object:
    """The parsed content of a YAML file; raises ConfigurationError if it cannot be read."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)  # it is a safe one
    except FileNotFoundError:
        raise ConfigurationError(
            "A file is missing", where=str(path), why="no such file", fix="Create it or correct the path"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        why = " ".join(str(error).split())
        raise ConfigurationError(
            "The YAML cannot be read", where=str(path), why=why, fix="Correct it and run again"
        ) from None


def load_yaml(path: Path, model: type[Model]) -> Model:
    """Parse a YAML file into ``model``; raises ConfigurationError naming the first wrong entry."""
    try:
        return model.model_validate(read_yaml(path))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the top level"
        raise ConfigurationError(
            f"The entry {place} is not valid", where=str(path), why=first["msg"], fix="Correct it and run again"
        ) from None
