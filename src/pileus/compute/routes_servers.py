"""Servers and what is done with them, line by line."""

from pileus.compute import servers_bodies as bodies
from pileus.compute.handlers import servers
from pileus.compute.handlers.servers import find_server
from pileus.compute.queries import nothing
from pileus.compute.servers_query import check_query
from pileus.kernel.http.routes import Route

SERVERS = "/v2.1/servers"
SERVER = SERVERS + "/{server_id}"
RULE = "os_compute_api:servers:"

SERVER_ROUTES: list[Route] = [
    Route(method="GET", path=SERVERS, handler=servers.list_brief, policy=RULE + "index", query=check_query),
    Route(
        method="POST",
        path=SERVERS,
        handler=servers.create,
        policy=RULE + "create",
        body=bodies.CreateServer,
        status=202,
    ),
    Route(
        method="GET",
        path=SERVERS + "/detail",
        handler=servers.list_detailed,
        policy=RULE + "detail",
        query=check_query,
    ),
    Route(method="GET", path=SERVER, handler=servers.show, load=find_server, policy=RULE + "show", query=nothing),
    Route(
        method="PUT",
        path=SERVER,
        handler=servers.update,
        load=find_server,
        policy=RULE + "update",
        body=bodies.UpdateServer,
    ),
    Route(
        method="DELETE",
        path=SERVER,
        handler=servers.delete,
        load=find_server,
        policy=RULE + "delete",
        status=204,
    ),
]
