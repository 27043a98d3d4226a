"""How right a link is: estimated, with intervals, in the whole and by group; and whether a release may go by it."""
