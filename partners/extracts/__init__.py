"""Each authority's own extract of the synthetic population, in that authority's own shape."""

from partners.extracts.street_crime import replay_street_crime
from partners.extracts.writing import ExtractCounts, write_extracts

__all__ = ["ExtractCounts", "replay_street_crime", "write_extracts"]
