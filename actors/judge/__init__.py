"""Judges a take while it is shot: who is in it, whether pictures hold still, whether lips close."""
