"""Identity: who you are, what you may do, where the services are (Keystone's v3 API).

routes.py is where to begin. A token's life: authentication.py proves a user, issuing.py makes the token, tokens.py
seals it, validation.py tells what it is worth now, rendering.py shows it.
"""
