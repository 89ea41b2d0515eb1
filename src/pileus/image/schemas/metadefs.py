"""Schemas of metadata definitions."""

from typing import Any

from pileus.image.schemas.language import Schema, collection, mapping, raw

TYPES = ["array", "boolean", "integer", "number", "object", "string", None]


def _text(description: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": description} if description else {}), **more}


def _times(what: str) -> Schema:
    return {
        "created_at": _text(f"When the {what} was made", readOnly=True, format="date-time"),
        "updated_at": _text(f"When the {what} was last changed", readOnly=True, format="date-time"),
    }


_LINKS: Schema = {"schema": {"readOnly": True, "type": "string"}, "self": {"readOnly": True, "type": "string"}}
_COUNT: Schema = {"$ref": "#/definitions/positiveInteger"}
_COUNT_OR_0: Schema = {"$ref": "#/definitions/positiveIntegerDefault0"}
_TEXTS: Schema = {"$ref": "#/definitions/stringArray"}
_KIND: Schema = {"type": "string", "enum": TYPES}

PROPERTY_FIELDS: Schema = {
    "name": _text(maxLength=80),
    "title": _text(),
    "description": _text(),
    "operators": {"type": "array", "items": {"type": "string"}},
    "type": _KIND,
    "required": _TEXTS,
    "minimum": {"type": "number"},
    "maximum": {"type": "number"},
    "maxLength": _COUNT,
    "minLength": _COUNT_OR_0,
    "pattern": _text(format="regex"),
    "enum": {"type": "array"},
    "readonly": {"type": "boolean"},
    "default": {},
    "items": {"type": "object", "properties": {"type": _KIND, "enum": {"type": "array"}}},
    "maxItems": _COUNT,
    "minItems": _COUNT_OR_0,
    "uniqueItems": {"type": "boolean", "default": False},
    "additionalItems": {"type": "boolean"},
}


def _definitions(**texts: Any) -> Schema:
    return {
        "positiveInteger": {"type": "integer", "minimum": 0},
        "positiveIntegerDefault0": {"allOf": [_COUNT, {"default": 0}]},
        "stringArray": {"type": "array", "items": {"type": "string"}, "uniqueItems": True, **texts},
    }


DEFINITIONS: Schema = {
    **_definitions(),
    "property": {
        "type": "object",
        "additionalProperties": {"type": "object", "required": ["title", "type"], "properties": PROPERTY_FIELDS},
    },
}

_OBJECT_FIELDS: Schema = {
    "name": _text(maxLength=80),
    "description": _text(),
    "required": _TEXTS,
    "properties": {"$ref": "#/definitions/property"},
}

NAMESPACE = raw(
    "namespace",
    {
        "namespace": _text("The name of the namespace.", maxLength=80),
        "display_name": _text("The name that user interfaces show.", maxLength=80),
        "description": _text("What the namespace is for.", maxLength=500),
        "visibility": _text("Who can see the namespace.", enum=["public", "private"]),
        "protected": {"type": "boolean", "description": "If true, the namespace cannot be deleted."},
        "owner": _text("The project that the namespace belongs to.", maxLength=255),
        **_times("namespace"),
        **_LINKS,
        "resource_type_associations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": _text(), "prefix": _text(), "properties_target": _text()},
            },
        },
        "properties": {"$ref": "#/definitions/property"},
        "objects": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": _text(),
                    "description": _text(),
                    "required": _TEXTS,
                    "properties": {"$ref": "#/definitions/property"},
                },
            },
        },
        "tags": {"type": "array", "items": {"type": "object", "properties": {"name": _text()}}},
    },
    required=["namespace"],
    definitions=DEFINITIONS,
)
OBJECT = raw("object", {**_OBJECT_FIELDS, **_LINKS, **_times("object")}, required=["name"], definitions=DEFINITIONS)
PROPERTY = raw("property", PROPERTY_FIELDS, required=["title", "type", "name"], definitions=_definitions(minItems=1))
UNNAMED_PROPERTY: Schema = {**PROPERTY, "required": ["title", "type"]}
TAG = raw("tag", {"name": _text(maxLength=80), **_times("tag")}, required=["name"])
NEW_TAGS = raw(
    "tags",
    {
        "tags": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": _text()},
                "required": ["name"],
                "additionalProperties": False,
            },
        }
    },
)
ASSOCIATION = raw(
    "resource_type_association",
    {
        "name": _text("The resource type, named as orchestration names it where it can.", maxLength=80),
        "prefix": _text("What the names of properties begin with on this resource type.", maxLength=80),
        "properties_target": _text("Which of a resource type's several sets of metadata is meant.", maxLength=80),
        **_times("association"),
    },
    required=["name"],
)

SHOWN: dict[str, Schema] = {
    "namespace": NAMESPACE,
    "namespaces": collection("namespaces", NAMESPACE),
    "resource_type": ASSOCIATION,
    "resource_types": collection("resource_type_associations", ASSOCIATION),
    "property": PROPERTY,
    "properties": mapping("properties", UNNAMED_PROPERTY),
    "object": OBJECT,
    "objects": collection("objects", OBJECT),
    "tag": TAG,
    "tags": collection("tags", TAG),
}
