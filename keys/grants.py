"""Grants: which service may use which key for what. What no grant names is refused, where the key is used."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Annotated

import rfc8785
import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict

from hub.settings import Settings
from hub.yaml_files import load_yaml
from keys.errors import GrantRefused, KeyNotGranted
from keys.purposes import NAMED, Purpose
from keys.services import Service, Use

FILE = "keys.yaml"
ANY = "*"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")


def _key_pattern(said: str) -> str:
    purpose, _, name = said.partition("/")
    named, well = purpose in set(map(str, NAMED)), name in {"", ANY} or _NAME.fullmatch(name)
    if purpose not in set(map(str, Purpose)) or named != bool(name) or not well:
        raise ValueError("a key is a purpose of the ring, or recipient/NAME, or recipient/* for any recipient's")
    return said


KeyPattern = Annotated[str, AfterValidator(_key_pattern)]


class Grants(BaseModel):
    """The grants in force: by service, then by key (``storage``, ``recipient/*``), what it may be used for."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    grants: Mapping[Service, Mapping[KeyPattern, tuple[Use, ...]]]

    def permit(self, service: Service, series: str, use: Use) -> bool:
        """Whether a grant lets a service use a key, such as ``hub`` or ``recipient/analysts``, for this."""
        granted = self.grants.get(service, {})
        every = f"{series.partition('/')[0]}/{ANY}"
        return use in granted.get(series, ()) or use in granted.get(every, ())

    def require(self, service: Service, series: str, use: Use) -> None:
        """Raise KeyNotGranted unless a grant permits it."""
        if not self.permit(service, series, use):
            raise KeyNotGranted(
                "A key is refused",
                where=f"the key ring under {series}",
                why=f"no grant lets the service {service} use it to {use}",
                fix=f"If it should, grant it: hub keys grant {service} {series} {use}",
            )

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the grants in canonical JSON (RFC 8785): the log names those that were in force."""
        return sha256(rfc8785.dumps(self.model_dump(mode="json"))).hexdigest()

    def granting(self, service: Service, series: str, uses: Sequence[Use]) -> "Grants":
        """The same, in which a service may use a key for exactly this; for nothing if ``uses`` is empty.

        Raises GrantRefused for a key that cannot be, and if nobody could make a key any more.
        """
        try:
            _key_pattern(series)
        except ValueError as error:
            raise GrantRefused("No grant is made", where=FILE, why=str(error), fix="See hub keys list") from None
        own = {key: had for key, had in self.grants.get(service, {}).items() if key != series}
        if uses:
            own[series] = tuple(use for use in Use if use in uses)
        return Grants(grants={**self.grants, service: own})


def load_grants(settings: Settings) -> Grants:
    """The grants in ``keys.yaml`` of the configuration folder; raises ConfigurationError."""
    return load_yaml(settings.config / FILE, Grants)


def write_grants(settings: Settings, grants: Grants) -> None:
    """Write the grants back, below the comments at the file's head."""
    path = settings.config / FILE
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    said = {"grants": {str(s): {k: list(map(str, u)) for k, u in own.items()} for s, own in grants.grants.items()}}
    body = yaml.safe_dump(said, sort_keys=False, default_flow_style=None, width=120)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text("\n".join([*head, body]), encoding="utf-8")
    draft.replace(path)
