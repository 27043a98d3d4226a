"""What every part of the hub shares: settings, errors, periods, feeds, the database."""
