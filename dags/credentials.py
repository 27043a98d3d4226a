"""Partners' credentials from Airflow: a connection named like the secret, whose password is the credential.

A connection comes from Airflow's page, from the environment (``AIRFLOW_CONN_...``) or from the secrets backend that
Airflow is set up with; Airflow itself blots its password out of task logs.
"""

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from pydantic import SecretStr

from hub.settings import Settings


def settings() -> Settings:
    """The hub's settings, with Airflow's connections as a place of credentials; for tasks that ask a partner."""
    return Settings().asking(credential)


def credential(name: str) -> SecretStr | None:
    """The password of the connection of this name; None where there is no such connection, or it has none."""
    try:
        found = Connection.get(name)
    except AirflowNotFoundException:
        return None
    return SecretStr(found.password) if found.password else None
