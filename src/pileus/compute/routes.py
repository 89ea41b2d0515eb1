"""The compute API: its parts, each line by line in a module of its own."""

from pileus.compute.routes_proxies import PROXY_ROUTES
from pileus.compute.routes_resources import RESOURCE_ROUTES
from pileus.compute.routes_servers import SERVER_ROUTES
from pileus.kernel.http.routes import Route

ROUTES: list[Route] = [*RESOURCE_ROUTES, *PROXY_ROUTES, *SERVER_ROUTES]
