"""The metadata definitions API, line by line."""

from collections.abc import Callable
from typing import Any

from pileus.image.handlers import definitions, namespaces
from pileus.image.handlers.namespaces import HOME, find_namespace
from pileus.kernel.http.routes import Route

ONE = f"{HOME}/{{namespace}}"
OBJECT, PROPERTY, TAG = f"{ONE}/objects/{{name}}", f"{ONE}/properties/{{name}}", f"{ONE}/tags/{{name}}"


def _line(method: str, path: str, handler: Callable[..., Any], policy: str, status: int = 200) -> Route:
    """A line about one namespace."""
    return Route(method=method, path=path, handler=handler, load=find_namespace, policy=policy, status=status)


METADEFS = [
    Route(method="GET", path="/v2/schemas/metadefs/{name}", handler=definitions.schema_of),
    Route(
        method="GET",
        path="/v2/metadefs/resource_types",
        handler=namespaces.list_resource_types,
        policy="list_metadef_resource_types",
    ),
    Route(method="GET", path=HOME, handler=namespaces.list_namespaces, policy="get_metadef_namespaces"),
    Route(method="POST", path=HOME, handler=namespaces.create, policy="add_metadef_namespace", raw_body=True),
    _line("GET", ONE, namespaces.show, "get_metadef_namespace"),
    _line("PUT", ONE, namespaces.update, "modify_metadef_namespace"),
    _line("DELETE", ONE, namespaces.delete, "delete_metadef_namespace", 204),
    _line("GET", f"{ONE}/resource_types", namespaces.list_associations, "list_metadef_resource_types"),
    _line("POST", f"{ONE}/resource_types", namespaces.associate, "add_metadef_resource_type_association", 201),
    _line(
        "DELETE",
        f"{ONE}/resource_types/{{name}}",
        namespaces.dissociate,
        "remove_metadef_resource_type_association",
        204,
    ),
    _line("GET", f"{ONE}/objects", definitions.list_objects, "get_metadef_objects"),
    _line("POST", f"{ONE}/objects", definitions.create_object, "add_metadef_object", 201),
    _line("DELETE", f"{ONE}/objects", definitions.delete_objects, "delete_metadef_namespace", 204),
    _line("GET", OBJECT, definitions.show_one_object, "get_metadef_object"),
    _line("PUT", OBJECT, definitions.update_object, "modify_metadef_object"),
    _line("DELETE", OBJECT, definitions.delete_object, "delete_metadef_object", 204),
    _line("GET", f"{ONE}/properties", definitions.list_properties, "get_metadef_properties"),
    _line("POST", f"{ONE}/properties", definitions.create_property, "add_metadef_property", 201),
    _line("DELETE", f"{ONE}/properties", definitions.delete_properties, "delete_metadef_namespace", 204),
    _line("GET", PROPERTY, definitions.show_property, "get_metadef_property"),
    _line("PUT", PROPERTY, definitions.update_property, "modify_metadef_property"),
    _line("DELETE", PROPERTY, definitions.delete_property, "remove_metadef_property", 204),
    _line("GET", f"{ONE}/tags", definitions.list_tags, "get_metadef_tags"),
    _line("POST", f"{ONE}/tags", definitions.create_tags, "add_metadef_tags", 201),
    _line("DELETE", f"{ONE}/tags", definitions.delete_tags, "delete_metadef_namespace", 204),
    _line("GET", TAG, definitions.show_tag, "get_metadef_tag"),
    _line("POST", TAG, definitions.create_tag, "add_metadef_tag", 201),
    _line("PUT", TAG, definitions.update_tag, "modify_metadef_tag"),
    _line("DELETE", TAG, definitions.delete_tag, "delete_metadef_tag", 204),
]
