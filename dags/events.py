"""Deliveries that are admitted at the same moment, counted as one quarter's.

Airflow 3.3.2 looks whether a quarter of ``link`` is pending already, and if not makes it, while it holds a lock on the
delivery's asset: another one for each feed. Two feeds admitted within a few milliseconds then make one pending quarter
each, neither of which is ever complete, and ``link`` does not start (apache/airflow issue 71070).
"""

from typing import Any

from airflow.assets.manager import AssetManager
from sqlalchemy import text
from sqlalchemy.orm import Session

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:pending, 0))")


class OneAtATime(AssetManager):
    """Airflow's own, but it looks and makes under a lock on what is pending, held until the event is committed.

    Named in ``[core] asset_manager_class``; to be taken out when Airflow locks so itself.
    """

    @classmethod
    def _get_or_create_apdr(cls, *, target_key: str, target_dag: Any, session: Session, **others: Any) -> Any:
        session.execute(LOCK, {"pending": f"{target_dag.dag_id} {target_key}"})
        return super()._get_or_create_apdr(target_key=target_key, target_dag=target_dag, session=session, **others)
