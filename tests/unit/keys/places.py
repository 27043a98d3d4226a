"""A home whose keys lie in one of the places that there are; ``get`` gives the running server of a name."""

import secrets

from tests.unit.keys.conftest import ROOT


def in_a_vault(settings, bao):
    """A home whose rings lie in a Vault, under names of their own."""
    number = secrets.token_hex(4)
    (settings.home / "secrets").mkdir(parents=True, exist_ok=True)
    (settings.home / "secrets" / "vault_token").write_text(ROOT)
    return settings.model_copy(
        update={
            "keys": bao.address(f"hub/{number}", f"hub{number}"),
            "source_keys": bao.address(f"source/{number}", f"source{number}"),
        }
    )


def by_kms(settings, kms):
    """A home whose rings are sealed by KMS."""
    endpoint, key = kms
    address = f"awskms:///{key}?region=eu-west-2&endpoint={endpoint}"
    return settings.model_copy(update={"keys": address, "source_keys": address})


PLACES = {
    "file": lambda settings, _: settings,
    "vault": lambda s, get: in_a_vault(s, get("bao")),
    "kms": lambda s, get: by_kms(s, get("kms")),
}
