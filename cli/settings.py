"""The settings of one command, and what it says while it works. Imports nothing that needs a home."""

import logging

from hub.settings import Settings

SPEAKING = ("ingest", "linkage")  # packages that log what they do, without any value of a row


def read_settings() -> Settings:
    """The settings; from here on the hub's own packages log to standard error from ``log_level`` up.

    Other libraries may quote what they handle, so of them no more than warnings is shown.
    """
    settings = Settings()
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.WARNING)
    for package in SPEAKING:
        logging.getLogger(package).setLevel(settings.log_level)
    return settings
