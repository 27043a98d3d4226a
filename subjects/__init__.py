"""Rights of the people whom the data are about: found, exported, restricted, objected, erased, at an officer's order."""
