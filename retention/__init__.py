"""Retention: what the agreement says may be kept no longer is shredded, unless a legal hold stands against it."""
