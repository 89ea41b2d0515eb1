"""The identity API, line by line, in parts."""

from pileus.identity.routes import authentication, extensions, federation, resources, roles

ROUTES = [*authentication.ROUTES, *resources.ROUTES, *roles.ROUTES, *extensions.ROUTES, *federation.ROUTES]
