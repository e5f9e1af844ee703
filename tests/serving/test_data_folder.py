"""The data folder: writable, for one server at a time, and not in an unsuitable place."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.serving.data_folder import Claim, prove_writable, worry
from webapp.serving.errors import CannotServe


def test_a_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    folder = tmp_path / "some" / "data"
    prove_writable(folder)
    prove_writable(folder)
    assert list(folder.iterdir()) == []


def test_a_folder_under_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CannotServe, match=r"^The data folder .+data cannot be written: .+\.$"):
        prove_writable(tmp_path / "file" / "data")


def test_one_server_at_a_time_has_it(tmp_path: Path) -> None:
    first, second = Claim(tmp_path), Claim(tmp_path)
    first.take("http://127.0.0.1:8080/")
    sentence = r"^Intray already runs on this data folder at http://127\.0\.0\.1:8080/\.$"
    with pytest.raises(CannotServe, match=sentence):
        second.refuse_second()
    with pytest.raises(CannotServe, match=sentence):
        second.take("http://127.0.0.1:8081/")
    first.release()
    second.refuse_second()
    second.take("http://127.0.0.1:8081/")
    second.release()


def test_where_the_first_has_not_said_its_address_yet_the_sentence_does_without(
    tmp_path: Path,
) -> None:
    first = Claim(tmp_path)
    first.take("http://127.0.0.1:8080/")
    (tmp_path / "serve.address").unlink()
    with pytest.raises(CannotServe, match=r"^Intray already runs on this data folder\.$"):
        Claim(tmp_path).take("http://127.0.0.1:8081/")
    first.release()


def test_asking_makes_nothing(tmp_path: Path) -> None:
    Claim(tmp_path).refuse_second()
    Claim(tmp_path / "not there").refuse_second()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_cannot_be_taken_is_said(tmp_path: Path) -> None:
    (tmp_path / "serve.lock").mkdir()
    with pytest.raises(CannotServe, match=r"serve\.lock cannot be locked: .+\.$"):
        Claim(tmp_path).take("http://127.0.0.1:8080/")


@pytest.mark.parametrize("name", ["OneDrive", "OneDriveCommercial"])
def test_a_folder_inside_onedrive_is_warned_of(tmp_path: Path, name: str) -> None:
    warning = worry(tmp_path / "Papers" / "data", {name: str(tmp_path)})
    assert warning is not None
    assert "cloud" in warning


@pytest.mark.parametrize("cloud", ["Dropbox", "OneDrive", "OneDrive - School", "Google Drive"])
def test_a_folder_inside_another_cloud_is_warned_of(tmp_path: Path, cloud: str) -> None:
    assert worry(tmp_path / cloud / "data", {}) is not None


def test_an_ordinary_folder_is_not(tmp_path: Path) -> None:
    assert worry(tmp_path / "data", {"OneDrive": str(tmp_path / "OneDrive")}) is None
    assert worry(tmp_path / "One Driver" / "data", {"OneDrive": ""}) is None


@pytest.mark.skipif("sys.platform == 'win32'", reason="mounts are POSIX's")
def test_a_folder_of_another_computer_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda1 / ext4 rw 0 0\nnas:/all /srv/the\\040office nfs4 rw 0 0\n"
        "/dev/sdb1 /srv/the\\040office/local xfs rw 0 0\n"
    )
    monkeypatch.setattr("webapp.serving.data_folder.MOUNTS", mounts)
    assert "another computer" in str(worry(Path("/srv/the office/data"), {}))
    assert worry(Path("/srv/the office/local/data"), {}) is None
    assert worry(Path("/srv/the"), {}) is None
    monkeypatch.setattr("webapp.serving.data_folder.MOUNTS", tmp_path / "none")
    assert worry(Path("/srv/the office/data"), {}) is None
