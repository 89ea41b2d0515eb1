"""Where images' bytes are: base.py is the protocol, a module per kind of store."""
