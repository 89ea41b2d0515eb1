"""``python -m pileus.cli``."""

from pileus.cli.commands import main

main()
