"""What a new cloud begins with: users, projects, the catalogue, and each service's own beginnings.

Everything here does nothing when it was done before, so `pileus up` runs it every time.
"""

from collections.abc import Mapping

from msgspec import Struct

from pileus.cloud import Cloud
from pileus.compute.seed import seed_flavors
from pileus.compute.service import Compute
from pileus.identity import seed as identity_seed
from pileus.identity.service import Identity
from pileus.image.seed import know_resource_types, load_definitions
from pileus.image.service import Image
from pileus.network.seed import seed_default_rules
from pileus.network.service import Network

# Service type -> (name in the catalogue, path below the public URL).
ENDPOINTS: Mapping[str, tuple[str, str]] = {
    "identity": ("keystone", "/identity"),
    "image": ("glance", "/image"),
    "placement": ("placement", "/placement"),
    "compute": ("nova", "/compute/v2.1"),
    "network": ("neutron", "/network"),
}
INTERFACES = ("public", "internal", "admin")


class Credentials(Struct, frozen=True):
    """The passwords of the users that are seeded."""

    admin: str
    demo: str
    service: str


class Seeded(Struct, frozen=True):
    """Ids that later seeding and tests refer to."""

    admin_project_id: str
    demo_project_id: str
    service_project_id: str
    admin_user_id: str
    demo_user_id: str


def seed(cloud: Cloud, credentials: Credentials, public_url: str) -> Seeded:
    identity = cloud.services["identity"]
    assert isinstance(identity, Identity)
    identity_seed.seed_foundations(identity)
    admin_project = identity_seed.seed_project(identity, "admin", "The operators' project")
    demo_project = identity_seed.seed_project(identity, "demo", "A plain project")
    service_project = identity_seed.seed_project(identity, "service", "The services' project")
    admin = identity_seed.seed_user(
        identity, "admin", credentials.admin, {admin_project: ("admin",), "system": ("admin",)}
    )
    demo = identity_seed.seed_user(identity, "demo", credentials.demo, {demo_project: ("member", "reader")})
    identity_seed.seed_user(identity, "pileus", credentials.service, {service_project: ("admin", "service")})
    for service in cloud.services.values():
        if service.type not in ENDPOINTS:
            continue
        name, path = ENDPOINTS[service.type]
        urls = dict.fromkeys(INTERFACES, public_url + path)
        identity_seed.seed_endpoint(identity, service.type, name, cloud.runtime.region, urls)
    compute = cloud.services.get("compute")
    if isinstance(compute, Compute):
        seed_flavors(compute)
    image = cloud.services.get("image")
    if isinstance(image, Image):
        know_resource_types(image)
        load_definitions(image)
    network = cloud.services.get("network")
    if isinstance(network, Network):
        seed_default_rules(network)
    return Seeded(admin_project, demo_project, service_project, admin, demo)
