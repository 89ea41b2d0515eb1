"""The network API, line by line."""

from pileus.kernel.http.routes import Route

ROUTES: list[Route] = []
