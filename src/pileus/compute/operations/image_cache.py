"""Bringing images to hosts before servers need them."""

from pileus.compute.guests import driver_image
from pileus.compute.operations.common import call, service_of
from pileus.kernel.errors import DomainError, GiveUp, NotFound
from pileus.kernel.operations.model import Kind, Run, Step


def _cache(run: Run) -> None:
    """Every image to every host; one that cannot be had there does not keep the others away."""
    failed = []
    for image_id in run.input["images"]:
        try:
            image = driver_image(service_of(run).images.get(run.context, image_id))
        except NotFound as error:
            failed.append(error.message)
            continue
        for host in run.input["hosts"]:
            try:
                call(run, host, "cache_image", image=image)
            except (DomainError, GiveUp) as error:
                failed.append(f"image {image_id} on host {host}: {error}")
    if failed:
        raise GiveUp("; ".join(failed))


CACHE_IMAGES = Kind(name="aggregate.cache_images", steps=[Step("cache images", _cache)], deadline=3600.0)
