"""A delivery's journey: collected, checked, split into tokens and attributes, and kept."""
