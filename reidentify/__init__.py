"""The one road back: a record's own authority, and nobody else, is told which of its records is meant."""
