"""Metadata definitions that a new cloud begins with, where its operator has a directory of them."""

import json
import logging
from pathlib import Path

from pileus.image import defining
from pileus.image.schemas.language import validate
from pileus.image.schemas.metadefs import NAMESPACE
from pileus.image.service import Image
from pileus.image.store import metadefs
from pileus.kernel.errors import DomainError

log = logging.getLogger(__name__)

# What definitions are usually about, so that they can be associated before any definition is there.
RESOURCE_TYPES = (
    "OS::Cinder::Volume",
    "OS::Glance::Image",
    "OS::Nova::Aggregate",
    "OS::Nova::Flavor",
    "OS::Nova::Server",
    "OS::Trove::Instance",
)


def know_resource_types(image: Image) -> None:
    with image.database.transaction() as tx:
        for name in RESOURCE_TYPES:
            metadefs.know_resource_type(tx, name)


def load_definitions(image: Image) -> int:
    """Loads the namespaces of ``metadefs_dir`` that are not there yet; returns how many those were.

    A file that is no definition is reported and left out.
    """
    directory = image.settings.metadefs_dir
    count = 0
    for path in sorted(Path(directory).glob("*.json")) if directory else ():
        try:
            body = json.loads(path.read_text())
            validate(NAMESPACE, body)
            with image.database.transaction() as tx:
                if metadefs.find(tx, body["namespace"]) is None:
                    defining.write(tx, body, body.get("owner", "admin"))
                    count += 1
        except (OSError, ValueError, DomainError) as error:
            log.error("%s: no metadata definition: %s", path, error)
    return count
