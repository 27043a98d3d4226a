"""Reading the YAML files that operators edit into typed, frozen objects."""

from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast

import yaml
from pydantic import BaseModel, ValidationError

from hub.errors import ConfigurationError

Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path) -> object:
    """The parsed content of a YAML file; raises ConfigurationError if it cannot be read."""
    text = _text(path)
    try:
        return _content(text)
    except yaml.YAMLError as error:
        raise _unreadable(path, error) from None


def load_yaml(path: Path, model: type[Model]) -> Model:
    """Parse a YAML file into ``model``, which is frozen; raises ConfigurationError naming the first wrong entry."""
    text = _text(path)
    try:
        return cast(Model, _parsed(text, model))
    except yaml.YAMLError as error:
        raise _unreadable(path, error) from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the top level"
        raise ConfigurationError(
            f"The entry {place} is not valid", where=str(path), why=first["msg"], fix="Correct it and run again"
        ) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(
            "A file is missing", where=str(path), why="no such file", fix="Create it or correct the path"
        ) from None
    except UnicodeDecodeError as error:
        raise _unreadable(path, error) from None


def _content(text: str) -> object:
    return yaml.load(text, yaml.CSafeLoader)  # it is a safe one


@lru_cache(maxsize=64)  # a page or a task asks again and again for the same sixteen feeds
def _parsed(text: str, model: type[BaseModel]) -> BaseModel:
    return model.model_validate(_content(text))


def _unreadable(path: Path, error: Exception) -> ConfigurationError:
    why = " ".join(str(error).split())
    return ConfigurationError("The YAML cannot be read", where=str(path), why=why, fix="Correct it and run again")
