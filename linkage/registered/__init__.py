"""The register of persons, with the history of every change."""
