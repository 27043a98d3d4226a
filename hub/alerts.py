"""One sentence to those on duty, by a web hook such as a chat's or an incident desk's: ``{"text": ...}``."""

import logging

import requests

from hub.errors import HubError
from hub.settings import Settings

_log = logging.getLogger(__name__)
_TIMEOUT_S = 10.0


def alert(settings: Settings, sentence: str) -> bool:
    """Tell those on duty; says whether it was told. ``sentence`` holds no personal value, as no error of the hub does.

    Without ``alert_secret`` nobody is told, beyond Airflow's own page. It never raises: what it is about has failed
    already, and a web hook that does not answer must not hide that. Its URL is a secret, and is not logged.
    """
    if settings.alert_secret is None:
        return False
    try:
        url = settings.secret(settings.alert_secret).get_secret_value()
        answer = requests.post(url, json={"text": sentence}, timeout=_TIMEOUT_S, allow_redirects=False)
    except (HubError, requests.RequestException, ValueError) as error:  # its words may quote the URL
        _log.error("nobody was told: the web hook of alert_secret cannot be used (%s)", type(error).__name__)
        return False
    told = bool(answer.status_code < requests.codes.multiple_choices)
    if not told:
        _log.error("nobody was told: the web hook of alert_secret answered %d", answer.status_code)
    return told
