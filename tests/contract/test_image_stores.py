"""Every store of images' bytes keeps the same promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pileus.image.stores.base import ByteStore, InUse, Missing
from pileus.image.stores.file import FileStore
from pileus.image.stores.rbd import SNAPSHOT, RbdStore
from pileus.kernel import ids
from pileus.kernel.errors import Unavailable
from tests import ceph
from tests.unit.image import fake_ceph

DATA = bytes(range(256)) * 5000


@pytest.fixture(scope="module")
def cluster() -> Iterator[ceph.Ceph]:
    reason = ceph.missing()
    if reason is not None:
        pytest.skip(reason)
    cluster = ceph.Ceph()
    try:
        cluster.start()
        with ceph.bindings():
            yield cluster
    finally:
        cluster.close()


@pytest.fixture(params=["file", "rbd", pytest.param("ceph", marks=pytest.mark.real)])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ByteStore]:
    if request.param == "file":
        yield FileStore("local", tmp_path / "images")
    elif request.param == "rbd":
        fake_ceph.install(monkeypatch)
        yield RbdStore("ceph", "images")
    else:
        conf = request.getfixturevalue("cluster").conf
        store = RbdStore("ceph", ceph.POOL, conf=str(conf))
        yield store
        for found in list(store.found()):
            store.delete(found.name)
        store.sweep(-1)


def put(store: ByteStore, data: bytes = DATA, image_id: str | None = None) -> str:
    sink = store.create(image_id or ids.new_uuid(), len(data))
    for at in range(0, len(data), 100_000):
        sink.write(data[at : at + 100_000])
    name = sink.finish()
    sink.abandon()
    return name


def get(store: ByteStore, name: str, offset: int = 0, length: int = len(DATA)) -> bytes:
    return b"".join(store.read(name, offset, length))


def test_what_is_put_in_comes_out_whole_and_in_part(store: ByteStore) -> None:
    name = put(store)
    assert store.size(name) == len(DATA)
    assert get(store, name) == DATA
    assert get(store, name, 1000, 50) == DATA[1000:1050]
    assert get(store, name, len(DATA) - 3, 3) == DATA[-3:]


def test_empty_data_is_data(store: ByteStore) -> None:
    name = put(store, b"")
    assert (store.size(name), get(store, name, 0, 0)) == (0, b"")


def test_data_under_one_id_does_not_replace_other_data(store: ByteStore) -> None:
    image_id = ids.new_uuid()
    first, second = put(store, b"one", image_id), put(store, b"two", image_id)
    assert (get(store, first, 0, 3), get(store, second, 0, 3)) == (b"one", b"two")


def test_nothing_is_seen_of_data_before_it_is_finished(store: ByteStore) -> None:
    sink = store.create(ids.new_uuid(), None)
    sink.write(DATA)
    assert list(store.found()) == []
    name = sink.finish()
    assert [found.name for found in store.found()] == [name]


def test_what_is_abandoned_leaves_nothing(store: ByteStore) -> None:
    sink = store.create(ids.new_uuid(), None)
    sink.write(DATA)
    sink.abandon()
    assert list(store.found()) == []
    assert store.sweep(0) == 0


def test_what_a_dead_process_left_is_swept(store: ByteStore) -> None:
    sink = store.create(ids.new_uuid(), None)
    sink.write(DATA)
    assert store.sweep(3600) == 0
    assert store.sweep(-1) == 1
    assert store.sweep(-1) == 0
    sink.abandon()


def test_deleting_twice_is_deleting_once(store: ByteStore) -> None:
    name = put(store)
    store.delete(name)
    store.delete(name)
    with pytest.raises(Missing):
        store.size(name)
    with pytest.raises(Missing):
        store.read(name, 0, 1)
    assert list(store.found()) == []


def test_an_address_leads_back_to_the_name(store: ByteStore) -> None:
    name = put(store)
    assert store.name_of(store.url(name)) == name
    assert store.name_of("swift://elsewhere/x") is None


@pytest.mark.parametrize("name", ["", "..", "../images.db", ".unfinished", "a/b"])
def test_a_name_leads_to_nothing_outside_the_store(store: ByteStore, name: str) -> None:
    with pytest.raises(Missing):
        store.read(name, 0, 1)
    store.delete(name)


@pytest.mark.real
def test_data_that_a_disk_is_cloned_from_stays(cluster: ceph.Ceph) -> None:
    import rbd

    store = RbdStore("ceph", ceph.POOL, conf=str(cluster.conf))
    name = put(store)
    with store.pool_context() as pool:
        rbd.RBD().clone(pool, name, SNAPSHOT, pool, "disk", features=rbd.RBD_FEATURE_LAYERING)
    with pytest.raises(InUse):
        store.delete(name)
    assert get(store, name) == DATA
    with store.pool_context() as pool:
        rbd.RBD().remove(pool, "disk")
    store.delete(name)
    assert list(store.found()) == []


@pytest.mark.real
def test_a_ceph_that_is_not_reached_is_unavailable(cluster: ceph.Ceph) -> None:
    with pytest.raises(Unavailable):
        RbdStore("ceph", "no-such-pool", conf=str(cluster.conf)).create(ids.new_uuid(), 1)
    with pytest.raises(Unavailable):
        RbdStore("ceph", ceph.POOL, user="nobody", conf=str(cluster.conf)).create(ids.new_uuid(), 1)
