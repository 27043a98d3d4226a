"""The one object that holds every setting, and the one module that reads the environment.

A setting is taken from the first place that has it: the environment (``HUB_...``),
``local.yaml`` in the home (what this machine adds), ``hub.yaml`` in the configuration folder.
"""

import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from hub.errors import ConfigurationError
from hub.yaml_files import read_yaml

PROJECT = Path(__file__).resolve().parents[1]
Zone = Literal["landing", "quarantine", "records", "events", "register", "candidates", "releases"]


class Settings(BaseSettings):
    """Settings of one hub. Everything that the hub writes lies under ``home``."""

    model_config = SettingsConfigDict(env_prefix="HUB_", frozen=True, extra="forbid")

    home: Path = Field(default=Path(".hub"), description="folder that holds all that the hub writes")
    config: Path = Field(default=PROJECT / "config", description="folder of the files that operators edit")
    database_url: str | None = Field(default=None, description="PostgreSQL URL; none: an embedded server in the home")
    storage_url: str | None = Field(default=None, description="fsspec URL of the zones; none: the home's zones folder")
    partnership: str = Field(default="Safer Kingston", description="who publishes")
    actor: str = Field(default="service:hub", description="who acts, as the log names it")
    keyring_passphrase: SecretStr | None = Field(
        default=None, description="opens the key ring; none: the home's secrets/keyring_passphrase"
    )
    endpoints: dict[str, str] = Field(
        default_factory=dict, description="feed name or authority to base URL, in place of the feed's own"
    )
    airflow_port: int = Field(default=8080, description="port of the Airflow page")
    airflow_url: str | None = Field(
        default=None, description="where tasks and the command reach Airflow's API; none: on this machine"
    )
    airflow_host: str | None = Field(
        default=None, description="address the API listens on; none: this machine alone, or all if airflow_url is set"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    commit: str | None = Field(default=None, description="code commit; none: asked of git")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first, then the home's local.yaml, then config/hub.yaml."""
        return (init_settings, env_settings, _Files(settings_cls, init_settings))

    def model_post_init(self, context: Any, /) -> None:
        """Make the two folders absolute, so that a later change of folder does not move them."""
        for name in ("home", "config"):
            object.__setattr__(self, name, getattr(self, name).expanduser().absolute())

    def zone(self, zone: Zone) -> str:
        """The URI of a zone, without a slash at its end."""
        return f"{self.storage_url or self.home / 'zones'}/{zone}"

    def secret(self, name: str) -> SecretStr:
        """A credential by name: ``HUB_SECRET_<NAME>``, or the file ``secrets/<name>`` in the home.

        Raises ConfigurationError naming the secret, never its value.
        """
        value = os.environ.get(f"HUB_SECRET_{name.upper()}")
        if value is not None:
            return SecretStr(value)
        path = self.home / "secrets" / name
        if path.is_file():
            return SecretStr(path.read_text(encoding="utf-8").rstrip("\n"))
        raise ConfigurationError(
            f"The secret {name} is missing",
            where="the environment and the home's secrets folder",
            why="a feed or the key ring needs it",
            fix=f"Set HUB_SECRET_{name.upper()} or write the file {path}",
        )

    @property
    def code_commit(self) -> str:
        """The commit of the running code, with ``+changes`` if files differ from it; ``unknown`` outside a checkout."""
        return self.commit or _commit_of_checkout()

    def environment(self) -> dict[str, str]:
        """The environment for a child process that must see these same settings."""
        return os.environ | {"HUB_HOME": str(self.home), "HUB_CONFIG": str(self.config)}


@cache
def _commit_of_checkout() -> str:
    asked = _git("rev-parse", "HEAD")
    if asked.returncode:
        return "unknown"
    return asked.stdout.strip() + ("+changes" if _git("diff-index", "--quiet", "HEAD", "--").returncode else "")


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(PROJECT), *arguments], capture_output=True, text=True, check=False)


class _Files(PydanticBaseSettingsSource):
    """``local.yaml`` of the home over ``hub.yaml`` of the configuration folder."""

    def __init__(self, settings_cls: type[BaseSettings], given: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._given = given()

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        home = Path(self._given.get("home") or os.environ.get("HUB_HOME") or ".hub")
        config = Path(self._given.get("config") or os.environ.get("HUB_CONFIG") or PROJECT / "config")
        found: dict[str, Any] = {}
        for path in (config / "hub.yaml", home / "local.yaml"):
            if path.is_file():
                content = read_yaml(path) or {}
                if not isinstance(content, dict):
                    raise ConfigurationError(
                        "The settings are not a mapping",
                        where=str(path),
                        why="it holds something else",
                        fix="Write name: value lines",
                    )
                found |= content
        return found
