"""A page for each feed, made from its contract, its file and the agreement: what a provider and an engineer read."""
