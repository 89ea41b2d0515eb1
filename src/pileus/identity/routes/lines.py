"""What several parts of the table share: the lines that every resource has."""

from collections.abc import Callable
from functools import partial
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
    """The lines of a resource at ``path``; ``name`` is that of one and of its list in the rules.

    ``hides``: the methods that tell who may not use them 403, not 404, of something absent.
    """
    one, many = name.split("/")
    rule = f"identity:{{}}_{one}".format
    of_all = partial(Route, path=f"/v3/{path}")
    of_one = partial(Route, path=f"/v3/{path}/{{{one}_id}}", load=find)
    return [
        of_all(method="GET", handler=listing, policy=f"identity:list_{many}" if list_policy else None),
        of_all(method="POST", handler=create, load=new, policy=rule("create"), body=request, blocking=blocking),
        of_one(method="GET", handler=show, policy=rule("get"), hides_absence="GET" in hides),
        of_one(
            method="PATCH",
            handler=update,
            policy=rule("update"),
            hides_absence="PATCH" in hides,
            body=change,
            blocking=blocking,
        ),
        of_one(method="DELETE", handler=delete, policy=rule("delete"), hides_absence="DELETE" in hides, status=204),
    ]
