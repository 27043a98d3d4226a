"""The hub's log: every act is an entry in a Merkle tree whose checkpoints are signed."""
