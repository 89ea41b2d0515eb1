"""What several parts of the table share: the lines that every resource has."""

from collections.abc import Callable
from typing import Any

from pileus.kernel.http.routes import Route

Load = Callable[..., Any]


def crud(
    path: str,
    name: str,
    find: Load,
    listing: Load,
    create: Load,
    show: Load,
    update: Load,
    delete: Load,
    request: Any,
    change: Any,
    *,
    new: Load | None = None,
    hides: tuple[str, ...] = ("GET", "PATCH", "DELETE"),
    list_policy: bool = True,
    blocking: bool = False,
) -> list[Route]:
    """The six lines of a resource at ``path``; ``name`` is that of one and of its list in the rules.

    ``hides``: the methods that tell who may not use them 403, not 404, of something absent.
    """
    one, many = name.split("/")
    at = f"/v3/{path}/{{{one}_id}}"
    rule = f"identity:{{}}_{one}".format
    return [
        Route(
            method="GET",
            path=f"/v3/{path}",
            handler=listing,
            policy=f"identity:list_{many}" if list_policy else None,
        ),
        Route(
            method="POST",
            path=f"/v3/{path}",
            handler=create,
            load=new,
            policy=rule("create"),
            body=request,
            blocking=blocking,
        ),
        Route(method="GET", path=at, handler=show, load=find, policy=rule("get"), hides_absence="GET" in hides),
        Route(
            method="PATCH",
            path=at,
            handler=update,
            load=find,
            policy=rule("update"),
            hides_absence="PATCH" in hides,
            body=change,
            blocking=blocking,
        ),
        Route(
            method="DELETE",
            path=at,
            handler=delete,
            load=find,
            policy=rule("delete"),
            hides_absence="DELETE" in hides,
            status=204,
        ),
    ]
