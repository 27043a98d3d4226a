"""From weighed pairs to persons, by constraints that the world sets."""
