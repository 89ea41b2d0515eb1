"""The placement API, line by line."""

from collections.abc import Callable
from typing import Any

from pileus.kernel.http.routes import MIB, Route
from pileus.placement import bodies
from pileus.placement.handlers import (
    aggregates,
    allocation_candidates,
    allocations,
    inventories,
    reshaper,
    resource_classes,
    resource_providers,
    root,
    traits,
    usages,
)
from pileus.placement.handlers.http import bodiless, find_provider, gives_json, takes_json

PROVIDER = "/resource_providers/{uuid}"
INVENTORIES = PROVIDER + "/inventories"


def _line(method: str, path: str, handler: Callable[..., Any], rule: str | None, **more: Any) -> Route:
    """A line with the checks of content that go with its method and body."""
    check = takes_json if "body" in more else gives_json if method == "GET" else bodiless
    if path.startswith(PROVIDER):
        more = {"load": find_provider, "hides_absence": True} | more
    more.setdefault("query", check)
    more.setdefault("max_body", 16 * MIB)
    return Route(method=method, path=path, handler=handler, policy=rule and f"placement:{rule}", **more)


ROUTES = [
    Route(method="GET", path="", handler=root.show_versions, public=True),
    _line("GET", "/resource_providers", resource_providers.list_providers, "resource_providers:list"),
    _line(
        "POST",
        "/resource_providers",
        resource_providers.create,
        "resource_providers:create",
        body=bodies.NewProvider,
    ),
    _line("GET", PROVIDER, resource_providers.show, "resource_providers:show"),
    _line("PUT", PROVIDER, resource_providers.update, "resource_providers:update", body=bodies.ProviderChange),
    _line(
        "DELETE", PROVIDER, resource_providers.delete, "resource_providers:delete", load=resource_providers.find_doomed
    ),
    _line("GET", INVENTORIES, inventories.list_inventories, "resource_providers:inventories:list"),
    _line("POST", INVENTORIES, inventories.create, "resource_providers:inventories:create", body=bodies.NewInventory),
    _line("PUT", INVENTORIES, inventories.replace, "resource_providers:inventories:update", body=bodies.Inventories),
    _line("DELETE", INVENTORIES, inventories.delete_all, "resource_providers:inventories:delete", minimum=(1, 5)),
    Route(method="DELETE", path=INVENTORIES, handler=inventories.no_delete_all, maximum=(1, 4)),
    _line("GET", INVENTORIES + "/{resource_class}", inventories.show, "resource_providers:inventories:show"),
    _line(
        "PUT",
        INVENTORIES + "/{resource_class}",
        inventories.update,
        "resource_providers:inventories:update",
        body=bodies.InventoryChange,
    ),
    _line("DELETE", INVENTORIES + "/{resource_class}", inventories.delete, "resource_providers:inventories:delete"),
    _line("GET", PROVIDER + "/usages", usages.show_of_provider, "resource_providers:usages"),
    _line(
        "GET",
        PROVIDER + "/aggregates",
        aggregates.list_aggregates,
        "resource_providers:aggregates:list",
        minimum=(1, 1),
    ),
    _line(
        "PUT",
        PROVIDER + "/aggregates",
        aggregates.replace_list,
        "resource_providers:aggregates:update",
        body=bodies.AggregateList,
        minimum=(1, 1),
        maximum=(1, 18),
    ),
    _line(
        "PUT",
        PROVIDER + "/aggregates",
        aggregates.replace,
        "resource_providers:aggregates:update",
        body=bodies.Aggregates,
        minimum=(1, 19),
    ),
    _line("GET", PROVIDER + "/allocations", allocations.list_of_provider, "resource_providers:allocations:list"),
    _line("GET", PROVIDER + "/traits", traits.list_of_provider, "resource_providers:traits:list", minimum=(1, 6)),
    _line(
        "PUT",
        PROVIDER + "/traits",
        traits.replace,
        "resource_providers:traits:update",
        body=bodies.ProviderTraits,
        minimum=(1, 6),
    ),
    _line(
        "DELETE",
        PROVIDER + "/traits",
        traits.delete_of_provider,
        "resource_providers:traits:delete",
        minimum=(1, 6),
    ),
    _line("GET", "/resource_classes", resource_classes.list_classes, "resource_classes:list", minimum=(1, 2)),
    _line(
        "POST",
        "/resource_classes",
        resource_classes.create,
        "resource_classes:create",
        body=bodies.ResourceClass,
        minimum=(1, 2),
    ),
    _line("GET", "/resource_classes/{name}", resource_classes.show, "resource_classes:show", minimum=(1, 2)),
    _line(
        "PUT",
        "/resource_classes/{name}",
        resource_classes.rename,
        "resource_classes:update",
        body=bodies.ResourceClass,
        minimum=(1, 2),
        maximum=(1, 6),
    ),
    _line("PUT", "/resource_classes/{name}", resource_classes.ensure, "resource_classes:update", minimum=(1, 7)),
    _line("DELETE", "/resource_classes/{name}", resource_classes.delete, "resource_classes:delete", minimum=(1, 2)),
    _line("GET", "/traits", traits.list_traits, "traits:list", minimum=(1, 6)),
    _line("GET", "/traits/{name}", traits.show, "traits:show", minimum=(1, 6), query=bodiless),
    _line("PUT", "/traits/{name}", traits.ensure, "traits:update", minimum=(1, 6)),
    _line("DELETE", "/traits/{name}", traits.delete, "traits:delete", minimum=(1, 6)),
    _line("GET", "/usages", usages.show_total, None, minimum=(1, 9)),
    _line(
        "GET",
        "/allocation_candidates",
        allocation_candidates.list_candidates,
        "allocation_candidates:list",
        minimum=(1, 10),
    ),
    _line("GET", "/allocations/{consumer_uuid}", allocations.show, "allocations:list"),
    *(
        _line(
            "PUT",
            "/allocations/{consumer_uuid}",
            allocations.replace,
            "allocations:update",
            body=body,
            minimum=first,
            maximum=last,
        )
        for body, first, last in (
            (bodies.AllocationsByList, (1, 0), (1, 7)),
            (bodies.OwnedAllocationsByList, (1, 8), (1, 11)),
            (bodies.OwnedAllocations, (1, 12), (1, 27)),
            (bodies.GenerationAllocations, (1, 28), (1, 37)),
            (bodies.TypedAllocations, (1, 38), (1, 999)),
        )
    ),
    _line("DELETE", "/allocations/{consumer_uuid}", allocations.delete, "allocations:delete"),
    *(
        _line(
            "POST",
            "/allocations",
            allocations.replace_many,
            "allocations:manage",
            body=body,
            minimum=first,
            maximum=last,
        )
        for body, first, last in (
            (bodies.SeveralAllocations, (1, 13), (1, 27)),
            (bodies.SeveralGenerationAllocations, (1, 28), (1, 37)),
            (bodies.SeveralTypedAllocations, (1, 38), (1, 999)),
        )
    ),
    *(
        _line("POST", "/reshaper", reshaper.reshape, "reshaper:reshape", body=body, minimum=first, maximum=last)
        for body, first, last in ((bodies.Reshape, (1, 30), (1, 37)), (bodies.TypedReshape, (1, 38), (1, 999)))
    ),
]
