"""What a link keeps for the next one, so that a delivery is compared with what it can touch and with nothing else."""
