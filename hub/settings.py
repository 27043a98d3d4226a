"""The one object that holds every setting, and the one module that reads the environment.

A setting is taken from the first place that has it: the environment (``HUB_...``),
``local.yaml`` in the home (what this machine adds), ``hub.yaml`` in the configuration folder.
"""

import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from hub.errors import ConfigurationError
from hub.yaml_files import read_yaml

PROJECT = Path(__file__).resolve().parents[1]
DRIVER = "postgresql+psycopg"
NEVER_RUN = ("benchmarks", "docs", "tests", ".*")  # folders that no act of the hub depends on
Zone = Literal["landing", "quarantine", "records", "events", "register", "candidates", "releases"]


class Settings(BaseSettings):
    """Settings of one hub. Everything that the hub writes lies under ``home``.

    Raises ConfigurationError naming the setting that is wrong, never its value, since some are secret.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_", frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Path = Field(default=Path(".hub"), description="folder that holds all that the hub writes")
    config: Path = Field(default=PROJECT / "config", description="folder of the files that operators edit")
    agreement: Path | None = Field(
        default=None, description="file of the agreement; none: agreement.yaml in the configuration folder"
    )
    database_url: str | None = Field(
        default=None, repr=False, description="PostgreSQL URL; none: an embedded server in the home"
    )
    storage_url: str | None = Field(default=None, description="fsspec URL of the zones; none: the home's zones folder")
    partnership: str = Field(default="Safer Kingston", description="who publishes")
    log_origin: str = Field(
        default="safer-kingston.example/hub",
        pattern=r"^[^\s+]+$",
        description="the log's name in checkpoints, unlike any other log's; never changed once a witness knows it",
    )
    actor: str = Field(default="service:hub", description="who acts, as the log names it")
    keys: str | None = Field(
        default=None, description="file://, vault:// or awskms:// address of the key ring; none: a file in the home"
    )
    source_keys: str | None = Field(default=None, description="the same of the source keys, which lie apart")
    keyring_passphrase: SecretStr | None = Field(
        default=None, description="opens the key ring's file; none: the home's secrets/keyring_passphrase"
    )
    source_keyring_passphrase: SecretStr | None = Field(
        default=None, description="opens the source keys' file; none: the home's secrets/source_keyring_passphrase"
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
    api_host: str = Field(default="127.0.0.1", description="address that hub serve listens on")
    api_port: int = Field(default=8090, description="port of hub serve; 0: any that is free")
    api_requests_per_minute: int = Field(default=600, ge=1, description="requests of one reader; more are put off")
    token_issuer: str | None = Field(
        default=None,
        description="who issues tokens for the interface (iss); none: the hub itself, under its log's name",
    )
    token_audience: str | None = Field(
        default=None, description="whom tokens are for (aud); none: the log's name with /api behind it"
    )
    token_keys: str | None = Field(
        default=None, description="https address or file of the issuer's public keys (JWKS); none: the hub's own key"
    )
    circuit_failures: int = Field(
        default=5, ge=1, description="collections in a row in which an authority does not answer, then it is left alone"
    )
    circuit_cool_down_minutes: int = Field(default=15, ge=1, description="how long it is left alone before one trial")
    engine: Literal["local", "spark"] = Field(
        default="local",
        description="where tokens are made and pairs of records compared: in this process, or on the workers of Spark",
    )
    spark_master: str = Field(default="local[*]", description="Spark's master; local: this machine alone")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    commit: str | None = Field(default=None, description="code commit; none: asked of git")
    alert_secret: str | None = Field(
        default=None,
        description="secret: URL of a web hook that is told of tasks that fail and of feeds that are late",
    )
    _vault: Callable[[str], SecretStr | None] | None = PrivateAttr(default=None)

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            first = error.errors(include_input=False, include_context=False, include_url=False)[0]
            raise _wrong(str(first["loc"][0]) if first["loc"] else "", first["msg"]) from None
        except SettingsError as error:  # it quotes the field and the source, and only its cause quotes the value
            raise _wrong("", str(error)) from None

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: str | None) -> str | None:
        try:
            known = url is None or make_url(url).drivername == DRIVER
        except (ArgumentError, ValueError):
            known = False
        if not known:
            raise ValueError(f"it is not an address of the form {DRIVER}://user:password@host/database")
        return url

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
        """Make paths absolute, so that a later change of folder does not move them."""
        for name in ("home", "config", "agreement"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, getattr(self, name).expanduser().absolute())

    @property
    def agreement_path(self) -> Path:
        """The file of the information sharing agreement that the hub obeys."""
        return self.agreement or self.config / "agreement.yaml"

    def zone(self, zone: Zone) -> str:
        """The URI of a zone, without a slash at its end."""
        return f"{self.storage_url or self.home / 'zones'}/{zone}"

    def secret(self, name: str) -> SecretStr:
        """A credential by name: ``HUB_SECRET_<NAME>``, else what ``asking`` named, else the file ``secrets/<name>``.

        Line ends after it are no part of it, wherever it comes from.
        Raises ConfigurationError naming the secret, never its value.
        """
        value = os.environ.get(f"HUB_SECRET_{name.upper()}")
        if value is not None:
            return SecretStr(value.rstrip("\r\n"))
        if self._vault is not None and (kept := self._vault(name)) is not None:
            return SecretStr(kept.get_secret_value().rstrip("\r\n"))
        path = self.home / "secrets" / name
        if path.is_file():
            return SecretStr(path.read_text(encoding="utf-8").rstrip("\r\n"))
        raise ConfigurationError(
            f"The secret {name} is missing",
            where="the environment and the home's secrets folder",
            why="a feed or the key ring needs it",
            fix=f"Set HUB_SECRET_{name.upper()} or write the file {path}",
        )

    def asking(self, vault: Callable[[str], SecretStr | None]) -> "Settings":
        """The same settings, whose credentials come from ``vault`` where it has them; the environment comes first."""
        asked = self.model_copy()
        asked._vault = vault
        return asked

    @property
    def code_commit(self) -> str:
        """The commit of the running code, with ``+changes`` if files differ from it; ``unknown`` outside a checkout.

        Files count by their content, new ones too; not those that git ignores, nor benchmarks, docs, tests,
        and what tools leave under names that begin with a dot.
        """
        return self.commit or _commit_of_checkout()

    def environment(self) -> dict[str, str]:
        """The environment for a child process that must see these same settings."""
        return os.environ | {"HUB_HOME": str(self.home), "HUB_CONFIG": str(self.config)}


@cache
def _commit_of_checkout() -> str:
    commit = _git("rev-parse", "HEAD")
    changes = _git("status", "--porcelain", "--untracked-files=normal", "--", ".", *(f":!{name}" for name in NEVER_RUN))
    if commit is None or changes is None:
        return "unknown"
    return commit.strip() + ("+changes" if changes else "")


def _git(*arguments: str) -> str | None:
    """What git answers; None where there is no git or no checkout."""
    command = ["git", "--no-optional-locks", "-C", str(PROJECT), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def _wrong(name: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The setting {name} is not valid" if name else "The settings are not valid",
        where=f"HUB_{name.upper()}, local.yaml or hub.yaml" if name else "the environment, local.yaml or hub.yaml",
        why=why.removeprefix("Value error, "),
        fix="Correct it and run again",
    )


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
