"""Placement: what each host has, and who uses it (the Placement API). routes.py is where to begin."""
