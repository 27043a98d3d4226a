"""The page of the information governance reviewer: it shows, and changes nothing."""
