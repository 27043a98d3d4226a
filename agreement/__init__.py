"""The information sharing agreement, executable: what may be collected, kept, linked and disclosed."""
