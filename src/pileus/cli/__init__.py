"""The admin command, ``pileus``: commands.py is where to begin."""
