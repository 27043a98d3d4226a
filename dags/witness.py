"""Each hour: sign the log, have the authorities' witnesses cosign it, and verify all of it."""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, task

from dags.conduct import ARGUMENTS
from hub.settings import Settings

PAGE = """### The authorities witness the log
**sign** states how long the log is and what its root is. **send** asks each authority's witness to cosign that; one
that fails or refuses does not stop the others. **verify** reads the whole log, and needs as many cosignatures as the
agreement says; what it found is shown on the log's page.

`send` failed: *does not answer* mends itself or is for the authority to mend. *A fork* or *a rewound log* is not to be
tried again: what was cosigned before is no part of the log any more. Publish nothing, and compare with the witness's
copy.
"""

with DAG(
    "witness",
    description="The log's newest checkpoint to the six authorities' witnesses, and the log verified",
    doc_md=PAGE,
    schedule="@hourly",
    catchup=False,
    max_active_runs=1,
    default_args=ARGUMENTS | {"execution_timeout": timedelta(minutes=30)},
    tags=["audit"],
):

    @task
    def sign() -> list[str]:
        """Sign a checkpoint; the authorities that have a witness."""
        from agreement.witnesses import sign_for_witnesses
        from keys.home import open_ring
        from keys.services import Service

        return sign_for_witnesses(Settings(), open_ring(Settings(), Service.WITNESS))

    @task(map_index_template="{{ task.op_kwargs['authority'] }}", doc_md="Have one authority's witness cosign.")
    def send(authority: str) -> dict[str, Any]:
        """Have one authority's witness cosign the newest checkpoint, and keep the cosignature."""
        from agreement.witnesses import send_to

        sent = send_to(Settings(), authority)
        return {"checkpoint": sent.number, "size": sent.size, "at": sent.at.isoformat()}

    @task(trigger_rule="all_done")
    def verify() -> dict[str, Any]:
        """Verify the whole log and its cosignatures, and remember what was found."""
        from agreement.witnesses import verify_and_remember
        from keys.home import open_ring
        from keys.services import Service

        found = verify_and_remember(Settings(), open_ring(Settings(), Service.WITNESS))
        return {"size": found.size, "witnessed": found.witnessed}

    send.expand(authority=sign()) >> verify()
