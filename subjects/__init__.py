"""Rights of the people whom the data are about: found, exported, restricted, erased, by an officer's order."""
