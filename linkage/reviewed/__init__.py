"""What the model is in doubt about, and what reviewers decided."""
