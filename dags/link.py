"""When every feed has delivered a quarter: give each of its records a person."""

from typing import Any

from airflow.sdk import DAG, AssetAll, PartitionedAssetTimetable, task

from dags.assets import REGISTER, delivery
from dags.conduct import ARGUMENTS, quarter_of
from hub.feeds import load_feeds
from hub.settings import Settings

PAGE = """### Link the records of one quarter
Starts by itself once **every** feed's delivery of the same quarter is admitted. Works on tokens alone.

To link without a late feed, or after one feed alone was delivered again: start this DAG by hand with the quarter
(`2026-Q3`) as partition key. Linking twice gives the same persons. Where a model is trained, its tables and charts lie
in the home's `linkage-charts`; how right the link is, tells `hub link report`.
"""

with DAG(
    "link",
    description="Records of all feeds of one quarter to persons",
    doc_md=PAGE,
    schedule=PartitionedAssetTimetable(assets=AssetAll(*map(delivery, load_feeds(Settings().config).values()))),
    max_active_runs=1,
    default_args=ARGUMENTS,
    tags=["linkage"],
):

    @task(outlets=[REGISTER])
    def link(partition_key: str | None = None, dag_run: Any = None) -> dict[str, Any]:
        """Compare records, cluster them, bring the register up to date."""
        from documents.model_page import link_drawn
        from keys.home import open_ring
        from keys.services import Service

        done, _ = link_drawn(Settings(), open_ring(Settings(), Service.LINK), quarter_of(partition_key, dag_run.conf))
        return {"records": done.records, "persons": done.persons, "model": done.model_version}

    link()
