"""A synthetic population of the borough: who lives there, and what happens to them."""
