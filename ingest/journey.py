"""What a DAG task or ``hub ingest`` calls: collect a delivery, then admit it."""

from ingest.admission import admit
from ingest.collection import collect
from ingest.outcome import Admission

__all__ = ["Admission", "admit", "collect"]
