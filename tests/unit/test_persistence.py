"""An archive is whole or refused, and its bytes depend on what is in it alone."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from contrapeso.errors import CorruptArchiveError, FileMissingError, FileUnwritableError, NewerArchiveError
from contrapeso.persistence import ArchiveKind, _archive, read_archive, write_archive

KIND = ArchiveKind("test-things", 2)
CONTENT = {"name": "Florianópolis", "sizes": [1, 2.5, None], "nested": {"b": 1, "a": True}}
ARRAYS = {"weights": np.arange(12, dtype=np.float32).reshape(3, 4), "codes": np.array([], dtype=np.int64)}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_archive(tmp_path / "thing.cps", KIND, CONTENT, ARRAYS)
    return tmp_path / "thing.cps"


def members(place: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(place) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(place: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(place, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def changed(place: Path, **head: object) -> None:
    parts = members(place)
    parts["schema.json"] = json.dumps(json.loads(parts["schema.json"]) | head).encode()
    written(place, parts)


def test_what_was_written_is_read(place: Path) -> None:
    archive = read_archive(place, KIND)
    assert archive.protocol == 2
    assert archive.content == CONTENT
    assert set(archive.arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        assert_array_equal(archive.arrays[name], array)
        assert archive.arrays[name].dtype == array.dtype


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_any_content_comes_back(tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]) -> None:
    target = tmp_path_factory.getbasetemp() / "any.cps"
    write_archive(target, KIND, content, {})
    assert read_archive(target, KIND).content == content


def test_the_same_content_gives_the_same_bytes_whatever_its_order(place: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.cps"
    write_archive(again, KIND, dict(reversed(CONTENT.items())), dict(reversed(ARRAYS.items())))
    assert again.read_bytes() == place.read_bytes()


def test_arrays_that_are_not_contiguous_are_written_by_value(tmp_path: Path) -> None:
    wide = np.arange(12.0).reshape(3, 4)
    write_archive(tmp_path / "thing.cps", KIND, {}, {"turned": wide.T, "every other": wide[:, ::2]})
    arrays = read_archive(tmp_path / "thing.cps", KIND).arrays
    assert_array_equal(arrays["turned"], wide.T)
    assert_array_equal(arrays["every other"], wide[:, ::2])


def test_nothing_in_an_archive_is_a_pickle(place: Path) -> None:
    assert sorted(members(place)) == ["arrays.safetensors", "schema.json"]
    json.loads(members(place)["schema.json"])


def test_a_number_that_json_cannot_hold_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_archive(tmp_path / "thing.cps", KIND, {"loss": float("nan")}, {})
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_the_old_archive_and_no_litter(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = place.read_bytes()

    def full(self: zipfile.ZipFile, *_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(FileUnwritableError, match="No space left"):
        write_archive(place, KIND, {"other": 1}, ARRAYS)
    assert place.read_bytes() == before
    assert list(place.parent.iterdir()) == [place]


def test_a_new_archive_replaces_the_old_one(place: Path) -> None:
    write_archive(place, KIND, {"other": 1}, {})
    assert read_archive(place, KIND).content == {"other": 1}
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_an_archive_is_its_owners_alone(place: Path) -> None:
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileUnwritableError, match="Choose another place"):
        write_archive(tmp_path / "nowhere" / "thing.cps", KIND, {}, {})


def test_a_folder_in_the_place_of_the_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "thing.cps").mkdir()
    with pytest.raises(FileUnwritableError):
        write_archive(tmp_path / "thing.cps", KIND, {}, {})
    with pytest.raises(CorruptArchiveError):
        read_archive(tmp_path / "thing.cps", KIND)
    assert list(tmp_path.iterdir()) == [tmp_path / "thing.cps"]


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match=r"thing\.cps"):
        read_archive(tmp_path / "thing.cps", KIND)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.95])
def test_half_a_file_is_refused(place: Path, share: float) -> None:
    whole = place.read_bytes()
    place.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(CorruptArchiveError, match="Save the model again"):
        read_archive(place, KIND)


@given(st.data())
def test_a_flipped_byte_is_refused_or_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    target = tmp_path_factory.getbasetemp() / "flipped.cps"
    write_archive(target, KIND, CONTENT, ARRAYS)
    whole = bytearray(target.read_bytes())
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    target.write_bytes(bytes(whole))
    try:
        archive = read_archive(target, KIND)
    except (CorruptArchiveError, NewerArchiveError):
        return
    assert archive.content == CONTENT
    assert_array_equal(archive.arrays["weights"], ARRAYS["weights"])


@pytest.mark.parametrize("gone", ["schema.json", "arrays.safetensors"])
def test_a_missing_member_is_refused(place: Path, gone: str) -> None:
    written(place, {name: part for name, part in members(place).items() if name != gone})
    with pytest.raises(CorruptArchiveError, match="cannot be read"):
        read_archive(place, KIND)


@pytest.mark.parametrize("text", [b"", b"{", b"[1, 2]", b"\xff\xfe", b'"text"', b"9" * 5000, b"[" * 100_000])
def test_a_head_that_is_no_object_is_refused(place: Path, text: bytes) -> None:
    written(place, members(place) | {"schema.json": text})
    with pytest.raises(CorruptArchiveError):
        read_archive(place, KIND)


@pytest.mark.parametrize("packed", [b"", b"\x00" * 7, b"\xff" * 8 + b"{}", b"\x02" + b"\x00" * 7 + b"[]"])
def test_arrays_that_are_not_those_written_are_refused(place: Path, packed: bytes) -> None:
    written(place, members(place) | {"arrays.safetensors": packed})
    with pytest.raises(CorruptArchiveError, match="not those that were written"):
        read_archive(place, KIND)


def test_arrays_that_are_none_are_refused_though_their_hash_fits(place: Path) -> None:
    from hashlib import sha256

    written(place, members(place) | {"arrays.safetensors": b"\xff" * 40})
    changed(place, arrays_sha256=sha256(b"\xff" * 40).hexdigest())
    with pytest.raises(CorruptArchiveError, match="arrays cannot be read"):
        read_archive(place, KIND)


@pytest.mark.parametrize("protocol", [0, -1, True, 1.5, "2", None])
def test_a_protocol_that_is_none_is_refused(place: Path, protocol: object) -> None:
    changed(place, protocol=protocol)
    with pytest.raises(CorruptArchiveError, match="protocol"):
        read_archive(place, KIND)


def test_older_protocols_are_read_and_newer_ones_refused(place: Path) -> None:
    changed(place, protocol=1)
    assert read_archive(place, KIND).protocol == 1
    changed(place, protocol=3)
    with pytest.raises(NewerArchiveError, match="Install a newer contrapeso"):
        read_archive(place, KIND)


def test_another_kind_of_archive_is_refused(place: Path) -> None:
    with pytest.raises(CorruptArchiveError, match="test-things"):
        read_archive(place, ArchiveKind("other-things", 2))


@pytest.mark.parametrize("content", [None, [], "text", 3])
def test_content_that_is_no_object_is_refused(place: Path, content: object) -> None:
    changed(place, content=content)
    with pytest.raises(CorruptArchiveError, match="no content"):
        read_archive(place, KIND)


def test_a_huge_head_is_refused_before_it_is_read(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_archive, "MAX_JSON_BYTES", 16)
    with pytest.raises(CorruptArchiveError, match="larger than 16 bytes"):
        read_archive(place, KIND)


def test_a_member_that_would_unpack_to_much_more_than_the_file_is_refused(place: Path) -> None:
    parts = members(place)
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", parts["schema.json"])
        archive.writestr("arrays.safetensors", b"\x00" * (8 << 20))
    with pytest.raises(CorruptArchiveError, match="compressed"):
        read_archive(place, KIND)
