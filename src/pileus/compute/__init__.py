"""Compute: servers and what they run on (Nova's v2.1 API). routes.py is where to begin."""
