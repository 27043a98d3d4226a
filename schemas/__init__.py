"""Contracts: what each feed's rows must look like, and what becomes of those that do not."""
