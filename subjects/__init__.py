"""Rights of the people whom the data are about: found, exported, restricted, objected, erased, by an officer's order."""
