"""Image: what servers boot from (Glance's v2 API). routes.py is where to begin."""
