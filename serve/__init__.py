"""Every front door: the command line first."""
