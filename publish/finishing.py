"""What follows an erasure: files that no key opens are tried and deleted, and those of withdrawn releases with them."""

from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer
from keys.ring import KeyRing
from publish.withdrawing import clear
from store.shredding import Swept, sweep


def finish(settings: Settings, ring: KeyRing) -> Swept:
    """Do so, and log how many files and keys; it may be done again at any time. Raises ErasureNotProved."""
    swept = sweep(settings, ring)
    with transaction(settings) as connection:
        released = clear(settings, connection)
        if swept.files or released:
            detail = {"files": swept.files, "keys_tried": swept.keys, "opened": 0, "releases": released}
            entry = Entry(
                action=Action.ERASE_FILES, actor=settings.actor, code_commit=settings.code_commit, detail=detail
            )
            append(connection, entry)
            checkpoint(connection, log_signer(settings, ring))
    return swept
