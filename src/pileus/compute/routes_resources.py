"""Everything of the compute API but servers, line by line."""

from pileus.kernel.http.routes import Route

RESOURCE_ROUTES: list[Route] = []
