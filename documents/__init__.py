"""What people and other systems read of the agreement: documents generated from it, each dated and with its hash."""
