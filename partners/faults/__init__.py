"""Partners that fail in every way they can, and a hub that is killed meanwhile: no row may be lost or doubled."""
