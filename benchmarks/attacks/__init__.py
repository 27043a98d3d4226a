"""Attacks on what the hub keeps and gives, each by one who holds certain things and not others."""
