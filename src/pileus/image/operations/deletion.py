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
    """The input of DELETE_DATA."""
    return {"locations": msgspec.to_builtins(locations), "staged": staged}


DELETE_DATA = Kind(name="image.delete_data", steps=[Step("delete data", delete_data)], deadline=7 * 86400, cancels=True)
