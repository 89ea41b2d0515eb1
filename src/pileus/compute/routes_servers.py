"""Servers and what is done with them, line by line."""

from pileus.kernel.http.routes import Route

SERVER_ROUTES: list[Route] = []
