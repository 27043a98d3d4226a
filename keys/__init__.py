"""The key ring: named, versioned keys for stated purposes, and all that is derived from them."""
