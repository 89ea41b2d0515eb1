"""clouds.yaml: our entries are set, everything else of the file stays as it is."""

import stat
from pathlib import Path

import pytest
import yaml

from pileus.cli.credentials import clouds, openrc, write_clouds_yaml
from pileus.cli.failure import Failure
from pileus.cli.secrets import Secrets, load_or_make

ENTRIES = clouds(Secrets(admin="a", demo="d'e", service="s"), "http://cloud.test:1/identity/v3", "RegionOne")
OTHERS = """# my clouds
clouds:
  production:   # do not touch
    auth: {auth_url: https://production.test, username: me}
  pileus:
    auth: {auth_url: http://old.test}
"""


def test_other_entries_and_comments_stay(tmp_path: Path) -> None:
    path = tmp_path / "openstack" / "clouds.yaml"
    path.parent.mkdir()
    path.write_text(OTHERS)
    write_clouds_yaml(path, ENTRIES)
    text = path.read_text()
    found = yaml.safe_load(text)["clouds"]
    assert found["production"]["auth"]["username"] == "me"
    assert found["pileus"]["auth"]["password"] == "d'e"
    assert found["pileus-admin"]["auth"]["project_name"] == "admin"
    assert "# do not touch" in text and "# my clouds" in text


def test_the_file_is_made_private_and_not_written_again_without_need(tmp_path: Path) -> None:
    path = tmp_path / "new" / "clouds.yaml"
    write_clouds_yaml(path, ENTRIES)
    before = path.stat()
    assert stat.S_IMODE(before.st_mode) == 0o600
    write_clouds_yaml(path, ENTRIES)
    assert path.stat().st_ino == before.st_ino


@pytest.mark.parametrize("content", ["clouds: [1, 2", "just text", "clouds: text"])
def test_a_broken_file_is_left_alone_and_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "clouds.yaml"
    path.write_text(content)
    with pytest.raises(Failure, match=r"clouds\.yaml"):
        write_clouds_yaml(path, ENTRIES)
    assert path.read_text() == content


def test_an_openrc_survives_the_shell(tmp_path: Path) -> None:
    assert "export OS_PASSWORD='d'\"'\"'e'" in openrc(ENTRIES["pileus"])


def test_secrets_are_made_once(tmp_path: Path) -> None:
    made = load_or_make(tmp_path)
    assert load_or_make(tmp_path) == made
    assert len({made.admin, made.demo, made.service}) == 3
