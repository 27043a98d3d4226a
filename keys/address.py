"""From a setting to a key provider: ``file:///...``, ``vault://...``, ``awskms://...``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pydantic import SecretStr

from hub.errors import ConfigurationError
from keys.file import FilePlace
from keys.passphrase import PassphraseSeal
from keys.sealed_ring import SealedRing


@dataclass(frozen=True)
class Wanted:
    """What a ring is made from: the setting's name and value, the file where it lies by default, and its secrets."""

    setting: str
    address: str | None
    file: Path
    passphrase: Callable[[], SecretStr]
    token: Callable[[], SecretStr]


def ring_at(wanted: Wanted) -> SealedRing:
    """The ring at an address; raises ConfigurationError for one that is not of these forms.

    1. ``file:///PATH``: a file of mode 0600, sealed by a passphrase. Without an address, the default file.
    2. ``vault://HOST[:PORT]/KV/PATH?transit=MOUNT/NAME``: by HTTPS. ``vault+http://`` is for this machine alone.
    3. ``awskms:///KEY?region=REGION[&file=PATH]``: the default file or another, sealed by AWS KMS under KEY (an id, an
       ARN or alias/NAME), with AWS's own credentials. ``endpoint=`` is another address of KMS, such as a VPC endpoint.
    """
    parts = urlsplit(wanted.address or wanted.file.as_uri())
    made = {"file": _file, "vault": _vault, "vault+http": _vault, "awskms": _aws}.get(parts.scheme)
    if made is None:
        raise _wrong(wanted, "it begins with none of file://, vault://, awskms://")
    return made(wanted, parts, dict(parse_qsl(parts.query)))


def _file(wanted: Wanted, parts: SplitResult, options: Mapping[str, str]) -> SealedRing:
    if parts.netloc or options or not parts.path.startswith("/"):
        raise _wrong(wanted, "a file's address is file:///, then its absolute path")
    place = FilePlace(Path(unquote(parts.path)))
    return SealedRing(place, PassphraseSeal(wanted.passphrase, place.name))


def _vault(wanted: Wanted, parts: SplitResult, options: Mapping[str, str]) -> SealedRing:
    mount, _, path = parts.path.strip("/").partition("/")
    transit, _, name = options.get("transit", "").rpartition("/")
    if parts.username or not (parts.hostname and mount and path and transit and name) or set(options) != {"transit"}:
        raise _wrong(wanted, "a Vault's address is vault://HOST/KV/PATH?transit=MOUNT/NAME, without a user or token")
    plain = parts.scheme == "vault+http"
    if plain and not _is_here(parts.hostname):
        raise _wrong(wanted, "vault+http:// would send keys in clear to another machine")
    try:
        from keys.vault import KvPlace, TransitSeal, Vault  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        raise _not_installed(wanted, "vault", error) from None
    vault = Vault(f"{'http' if plain else 'https'}://{parts.netloc}", wanted.token)
    return SealedRing(KvPlace(vault, mount, path), TransitSeal(vault, transit, name))


def _aws(wanted: Wanted, parts: SplitResult, options: Mapping[str, str]) -> SealedRing:
    key = unquote(parts.path.strip("/"))
    if parts.netloc or not key or not set(options) <= {"region", "file", "endpoint"}:
        raise _wrong(wanted, "a KMS key's address is awskms:///KEY?region=REGION, with file= and endpoint= if needed")
    try:
        from keys.kms import KmsSeal  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        raise _not_installed(wanted, "aws", error) from None
    seal = KmsSeal(key, options.get("region"), options.get("endpoint"))
    return SealedRing(FilePlace(Path(options.get("file", wanted.file))), seal)


def _is_here(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _wrong(wanted: Wanted, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The setting {wanted.setting} is not valid",
        where=f"HUB_{wanted.setting.upper()}, local.yaml or hub.yaml",
        why=why,
        fix="Correct it: docs/howto/keys.md has an example of each",
    )


def _not_installed(wanted: Wanted, extra: str, error: ModuleNotFoundError) -> ConfigurationError:
    return ConfigurationError(
        f"The setting {wanted.setting} cannot be used here",
        where=f"HUB_{wanted.setting.upper()}",
        why=f"the package {error.name} is not installed",
        fix=f"Install the hub with its extra: safer-hub[{extra}]",
    )
