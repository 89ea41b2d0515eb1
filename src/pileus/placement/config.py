"""Options of the placement service."""

from typing import Annotated

from msgspec import Meta, Struct


class Settings(Struct, frozen=True):
    """Section ``[placement]``."""

    randomize_allocation_candidates: Annotated[
        bool, Meta(description="Answer a limited request with a random sample of the candidates, not the first ones.")
    ] = False
    max_allocation_candidates: Annotated[
        int, Meta(description="Candidates made for one request at the most, with or without a limit; -1: any number.")
    ] = 10_000
