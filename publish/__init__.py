"""From linked events to a release: candidate, manifest, decision, publication."""
