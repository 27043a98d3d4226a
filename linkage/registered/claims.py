"""Which clusters and persons share records, and which of them is whose: rule 1 of registered.changes."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Claims:
    """The register beside new clusters.

    ``records``: record_id, cluster (null: there is none any more), person_before (null: it is new).
    ``plain``: cluster, person_id that share records with each other and with nobody else.
    ``contested``: cluster, person_id, records (how many they share), all others.
    ``named``: cluster, name (its smallest record) of clusters that are not plain.
    """

    records: pl.DataFrame
    plain: pl.DataFrame
    contested: pl.DataFrame
    named: pl.DataFrame

    @classmethod
    def of(cls, before: pl.DataFrame, clusters: pl.DataFrame) -> "Claims":
        """Lay the register (record_id, person_id) beside clusters (record_id, cluster)."""
        records = clusters.select("record_id", "cluster").join(
            before.select("record_id", person_before="person_id"), on="record_id", how="full", coalesce=True
        )
        shared = records.drop_nulls().group_by("cluster", person_id="person_before").len("records")
        alone = (pl.len().over("cluster") == 1) & (pl.len().over("person_id") == 1)
        plain, contested = shared.filter(alone).select("cluster", "person_id"), shared.filter(~alone)
        others = records.drop_nulls("cluster").join(plain, on="cluster", how="anti")
        return cls(records, plain, contested, others.group_by("cluster").agg(name=pl.col("record_id").min()))

    def granted(self, persons: pl.DataFrame) -> pl.DataFrame:
        """Rule 1: cluster and person_id, each once. ``persons``: person_id, founded_in of those contested."""
        order = (
            self.contested.join(persons.select("person_id", "founded_in"), on="person_id")
            .join(self.named, on="cluster")
            .sort("records", "founded_in", "person_id", "name", descending=[True, False, False, False])
        )
        clusters: set[object] = set()
        taken: set[str] = set()
        granted = []
        for cluster, person in order.select("cluster", "person_id").iter_rows():
            if cluster not in clusters and person not in taken:
                clusters.add(cluster)
                taken.add(person)
                granted.append((cluster, person))
        return pl.concat([self.plain, pl.DataFrame(granted, schema=self.plain.schema, orient="row")])
