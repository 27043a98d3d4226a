"""Turning the hub key under stored tokens: asked for, agreed to by officers of two authorities, done, and proved."""
