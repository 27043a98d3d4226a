"""Which pairs of records are held against each other, and how alike they are."""
