"""Removing data that no image refers to any more."""

from typing import Any

import msgspec

from pileus.image.model import Location
from pileus.image.stores.base import InUse
from pileus.kernel.errors import RetryLater
from pileus.kernel.operations.model import Kind, Run, Step


def delete_data(run: Run) -> None:
    stores = run.service.stores
    for place in msgspec.convert(run.input["locations"], list[Location]):
        if place.store not in stores:
            continue
        try:
            stores[place.store].delete(place.name)
        except InUse as error:
            raise RetryLater(f"{place.name} in store {place.store} is in use: {error}", after=30) from error
    if run.input.get("staged"):
        stores.staging.delete(run.input["staged"])


def what_to_delete(locations: Any, staged: str | None = None) -> dict[str, Any]:
    """The input of both kinds."""
    return {"locations": msgspec.to_builtins(locations), "staged": staged}


STEPS = [Step("delete data", delete_data)]
DEADLINE = 7 * 86400

# Of a deleted image: ends whatever is under way with it.
DELETE_DATA = Kind(name="image.delete_data", steps=STEPS, deadline=DEADLINE, cancels=True)
# Of an image that lives on.
REMOVE_DATA = Kind(name="image.remove_data", steps=STEPS, deadline=DEADLINE)
