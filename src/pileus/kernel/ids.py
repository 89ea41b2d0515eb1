"""Identifiers in the shapes that OpenStack services use."""

import re
import uuid

_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)


def new_uuid() -> str:
    """A random UUID with dashes, as compute, image and network use."""
    return str(uuid.uuid4())


def new_hex() -> str:
    """A random UUID without dashes, as identity uses."""
    return uuid.uuid4().hex


def new_request_id() -> str:
    return "req-" + str(uuid.uuid4())


def is_uuid(text: object) -> bool:
    """Whether text is a UUID, with or without dashes (oslo.utils' is_uuid_like)."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None
