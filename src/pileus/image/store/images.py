"""Images: one by one. Lists are in listing.py."""

from collections.abc import Iterable

import sqlalchemy as sa

from pileus.image.model import ACTIVE, DELETED, IMPORTING, SAVING, UPLOADING, Image, change
from pileus.image.store.rows import IMAGE_COLUMNS, image_of, values_of
from pileus.image.tables import image_properties, image_tags, images, members, uploads
from pileus.kernel import clock
from pileus.kernel.database import SerializationFailure, Tx, rows_changed
from pileus.kernel.errors import Conflict, NotFound

_BY_ID = sa.select(*IMAGE_COLUMNS).where(images.c.id == sa.bindparam("at"), images.c.status != DELETED)
_SAVE = (
    images.update()
    .where(images.c.id == sa.bindparam("at"), images.c.version == sa.bindparam("was"))
    .values({name: sa.bindparam(name) for name in images.c.keys() if name != "id"})  # noqa: SIM118
)


def find(tx: Tx, image_id: str) -> Image | None:
    row = tx.execute(_BY_ID, {"at": image_id}).first()
    return None if row is None else image_of(row)


def get(tx: Tx, image_id: str) -> Image:
    """Raises NotFound."""
    image = find(tx, image_id)
    if image is None:
        raise NotFound(f"No image found with ID {image_id}")
    return image


def insert(tx: Tx, image: Image) -> None:
    """Raises Conflict when the id is taken, be it by an image that is deleted."""
    try:
        with tx.begin_nested():
            tx.execute(images.insert().values(values_of(image)))
    except sa.exc.IntegrityError:
        raise Conflict(f"Image ID {image.id} already exists!") from None
    _index_tags(tx, image, ())
    _index_properties(tx, image, {})


def save(tx: Tx, old: Image, new: Image) -> Image:
    """Writes what changed; the image as it is now.

    Raises SerializationFailure when it was changed by somebody else meanwhile: whoever asked begins again.
    """
    new = change(new, version=old.version + 1, updated_at=clock.now())
    values = values_of(new)
    del values["id"]
    if rows_changed(tx.execute(_SAVE, {"at": old.id, "was": old.version, **values})) != 1:
        raise SerializationFailure(f"image {old.id} was changed meanwhile")
    _index_tags(tx, new, old.tags)
    _index_properties(tx, new, old.properties)
    return new


def delete(tx: Tx, image: Image) -> None:
    """The row stays for a while, so that nobody can take over the id of an image that others trust."""
    gone = change(image, status=DELETED, deleted_at=clock.now(), tags=(), properties={}, locations=(), staged=None)
    save(tx, image, gone)
    tx.execute(members.delete().where(members.c.image_id == image.id))
    tx.execute(uploads.delete().where(uploads.c.image_id == image.id))


def forget_deleted(tx: Tx, before: int) -> None:
    """Frees the ids of images deleted before a moment."""
    tx.execute(images.delete().where(images.c.status == DELETED, images.c.deleted_at < before))


def known_data(tx: Tx) -> set[tuple[str, str]]:
    """(store, name) of all data that images refer to."""
    rows = tx.execute(sa.select(*IMAGE_COLUMNS).where(images.c.status != DELETED, images.c.locations != "[]"))
    return {(place.store, place.name) for row in rows for place in image_of(row).locations}


def known_staged(tx: Tx) -> set[str]:
    """Names of all data in the staging store that images refer to."""
    return {row.staged for row in tx.execute(sa.select(images.c.staged).where(images.c.staged.is_not(None)))}


def by_ids(tx: Tx, image_ids: Iterable[str]) -> dict[str, Image]:
    rows = tx.execute(sa.select(*IMAGE_COLUMNS).where(images.c.id.in_(list(image_ids)), images.c.status != DELETED))
    return {image.id: image for image in map(image_of, rows)}


def usage(tx: Tx, owner: str | None) -> dict[str, int]:
    """What a project uses, by the names of its limits; sizes in MiB.

    Each copy of an image's data counts; data that is being uploaded or staged counts as such.
    """
    size = total = uploading = staged = 0
    rows = tx.execute(
        sa.select(images.c.status, images.c.size, images.c.locations, images.c.properties, images.c.staged).where(
            images.c.owner == owner, images.c.status != DELETED
        )
    )
    for row in rows:
        total += 1
        copies = 0 if row.locations == "[]" else row.locations.count('"store":')
        size += (row.size or 0) * copies
        copying = '"os_glance_importing_to_stores":"' in row.properties and (
            '"os_glance_importing_to_stores":""' not in row.properties
        )
        if row.status in (SAVING, UPLOADING, IMPORTING) or (row.status == ACTIVE and copying):
            uploading += 1
        if row.status in (UPLOADING, IMPORTING) or (row.status == ACTIVE and copying):
            staged += row.size or 0
    return {
        "image_size_total": size >> 20,
        "image_stage_total": staged >> 20,
        "image_count_total": total,
        "image_count_uploading": uploading,
    }


def _index_tags(tx: Tx, image: Image, before: tuple[str, ...]) -> None:
    if set(image.tags) == set(before):
        return
    gone = [tag for tag in before if tag not in image.tags]
    new = [{"image_id": image.id, "value": tag} for tag in image.tags if tag not in before]
    if gone:
        tx.execute(image_tags.delete().where(image_tags.c.image_id == image.id, image_tags.c.value.in_(gone)))
    if new:
        tx.execute(image_tags.insert(), new)


def _index_properties(tx: Tx, image: Image, before: dict[str, str | None]) -> None:
    if image.properties == before:
        return
    changed = [name for name, value in before.items() if image.properties.get(name, ...) != value]
    new = [
        {"image_id": image.id, "name": name, "value": value or ""}
        for name, value in image.properties.items()
        if before.get(name, ...) != value
    ]
    if changed:
        table = image_properties
        tx.execute(table.delete().where(table.c.image_id == image.id, table.c.name.in_(changed)))
    if new:
        tx.execute(image_properties.insert(), new)
