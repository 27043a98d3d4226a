"""The interface for analysts' programs: what a release holds, read with a token, permitted and logged at each read."""
