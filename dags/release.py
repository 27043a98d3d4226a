"""When a quarter is linked: build a candidate, wait for the officer's decision, publish what was decided."""

from dataclasses import asdict
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG, PartitionedAssetTimetable, task

from dags.assets import CANDIDATE, REGISTER, RELEASE
from dags.conduct import ARGUMENTS, quarter_of
from hub.settings import Settings
from keys.services import Service

PUBLISH = Service.PUBLISH
PAGE = """### From linked records to a published release
**build_candidate** writes the tables sealed, and their manifest. If they are what is published already, the run ends
there. **approve** waits, without a worker, for the user `ig`. **publish** takes nobody's word: it holds what
build_candidate passed on against the log, looks for a signed decision on this very manifest, and refuses without one,
whatever became of the task before it.
"""
CHOSEN = "ti.xcom_pull(task_ids='build_candidate', key='candidate')"
BODY = f"""
| | |
| --- | --- |
| Release | `{{{{ {CHOSEN}['release'] }}}}` |
| Hash of its manifest | `{{{{ {CHOSEN}['manifest_hash'] }}}}` |

This page only lets the run go on. What publishes is a **signed decision** on that hash, made before you answer here:

    hub release approve {{{{ {CHOSEN}['release'] }}}} --officer YOUR-NAME --key YOUR-KEY.pem --reason "..."

To refuse: `hub release refuse` with the same options, and *Reject* here. *Approve* without a signed decision makes the
next task fail and publishes nothing.
"""


with DAG(
    "release",
    description="A quarter's candidate, its approval, its publication",
    doc_md=PAGE,
    schedule=PartitionedAssetTimetable(assets=REGISTER),
    default_args=ARGUMENTS,
    tags=["publish"],
):

    @task.short_circuit(outlets=[CANDIDATE], max_active_tis_per_dag=1)
    def build_candidate(partition_key: str | None = None, dag_run: Any = None, ti: Any = None) -> bool:
        """Build the sealed candidate; end the run here if it is published already."""
        from keys.home import open_ring
        from publish.candidate import build_candidate

        built = build_candidate(Settings(), open_ring(Settings(), PUBLISH), quarter_of(partition_key, dag_run.conf))
        ti.xcom_push("candidate", asdict(built))
        return built.state != "published"

    @task(outlets=[RELEASE])
    def publish(partition_key: str | None = None, dag_run: Any = None, ti: Any = None) -> dict[str, Any]:
        """Verify the signed decision on what the run built, then publish to files and PostgreSQL."""
        from keys.home import open_ring
        from publish.built import publish_built

        told = ti.xcom_pull(task_ids="build_candidate", key="candidate")
        done = publish_built(Settings(), open_ring(Settings(), PUBLISH), quarter_of(partition_key, dag_run.conf), told)
        return {"release": done.release, "manifest_hash": done.manifest_hash, "rows": dict(done.rows)}

    approve = ApprovalOperator(
        task_id="approve",
        subject=f"Publish {{{{ {CHOSEN}['release'] }}}}?",
        body=BODY,
        assigned_users=[{"id": "ig", "name": "ig"}],
        doc_md="Wait for the information governance reviewer.",
    )
    build_candidate() >> approve >> publish()
