"""Whatever is asked of any service, no answer breaks a promise (promises.py).

A short walk with a fixed seed belongs to every run of the tests. PILEUS_FUZZ=20000 makes it longer, PILEUS_FUZZ_SEED
goes another way.
"""

import os
from collections.abc import Iterator
from random import Random

import pytest

from tests.fuzz.walk import Walk
from tests.fuzz.world import World

pytestmark = pytest.mark.fuzz
REQUESTS = int(os.environ.get("PILEUS_FUZZ", "600"))
SEED = os.environ.get("PILEUS_FUZZ_SEED", "pileus")


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


@pytest.mark.parametrize("mount", ["identity", "image", "placement", "network", "compute"])
def test_no_answer_breaks_a_promise(world: World, mount: str) -> None:
    Walk(world, Random(f"{SEED} {mount}"), [mount]).run(REQUESTS)
    assert world.sent >= REQUESTS
    assert not world.found, "\n\n".join(str(broken) for broken in world.found[:5])
