import itertools
import json
import struct

import numpy as np
import pytest

from actors.body import package
from actors.body.package import BrokenPackage
from actors.body.performer import Performer
from tests.actors.body import doll


@pytest.fixture
def path(tmp_path):
    return tmp_path / "performer.safetensors"


def edited(path, change) -> None:
    """Rewrite the header of a package through ``change``, data untouched."""
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    change(header)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + size :])


def test_what_is_written_is_read(path) -> None:
    digest = doll.write(path)
    found = package.read(path)
    assert (found.id, found.version, found.digest) == ("test/doll", 1, digest)
    assert found.trait_names == ("age", "gender") and found.bytes == path.stat().st_size
    for name, value in doll.tensors().items():
        np.testing.assert_array_equal(found.tensors[name], value)


def test_the_same_contents_give_the_same_bytes(path, tmp_path) -> None:
    assert doll.write(path) == doll.write(tmp_path / "other.safetensors")


def test_a_package_of_the_first_format_has_skin_without_relief(path) -> None:
    doll.write(path)
    content, skin = path.read_bytes(), doll.tensors()["skin.tilt"]
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    header["__metadata__"]["format"] = package.FLAT
    first, last = header.pop("skin.tilt")["data_offsets"]
    for name, entry in header.items():
        if name != "__metadata__" and entry["data_offsets"][0] >= last:
            entry["data_offsets"] = [at - skin.nbytes for at in entry["data_offsets"]]
    text = json.dumps(header).encode()
    data = content[8 + size :]
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[:first] + data[last:])
    found = package.read(path)
    assert not found.tensors["skin.tilt"].any() and found.tensors["skin.tilt"].shape == skin.shape
    np.testing.assert_array_equal(found.tensors["strand.bytes"], doll.tensors()["strand.bytes"])


def test_the_file_is_a_safetensors_file(path) -> None:
    doll.write(path)
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    spans = sorted(entry["data_offsets"] for name, entry in header.items() if name != "__metadata__")
    assert size % 8 == 0 and spans[0][0] == 0 and spans[-1][1] == len(content) - 8 - size
    assert all(first[1] == second[0] for first, second in itertools.pairwise(spans))


def test_a_changed_byte_changes_the_digest(path) -> None:
    digest = doll.write(path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert package.read(path).digest != digest


@pytest.mark.parametrize("length", [0, 5, 8, 300, -1])
def test_a_file_that_was_cut_is_refused(path, length) -> None:
    doll.write(path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(BrokenPackage):
        package.read(path)


def test_a_file_with_something_appended_is_refused(path) -> None:
    doll.write(path)
    path.write_bytes(path.read_bytes() + b"\0" * 16)
    with pytest.raises(BrokenPackage, match="gaps"):
        package.read(path)


def test_an_oversized_file_is_refused_unread(path) -> None:
    with path.open("wb") as file:
        file.truncate(package.MOST_BYTES + 1)
    with pytest.raises(BrokenPackage, match="larger"):
        package.read(path)


@pytest.mark.parametrize("header", [b"{", b"[]", b"\xff\xfe", b"{}", b"[" * 50_000, b'{"__metadata__": {}}'])
def test_a_header_that_is_nonsense_is_refused(path, header) -> None:
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    with pytest.raises(BrokenPackage):
        package.read(path)


@pytest.mark.parametrize("claimed", [2**63, 2**64 - 1, package.MOST_HEADER + 1])
def test_a_header_that_claims_to_be_huge_is_refused(path, claimed) -> None:
    path.write_bytes(struct.pack("<Q", claimed) + b"{}")
    with pytest.raises(BrokenPackage, match="header does not fit"):
        package.read(path)


HEADERS = {
    "a missing tensor": lambda h: h.pop("gallery"),
    "an extra tensor": lambda h: h.update(extra=h["gallery"]),
    "another type": lambda h: h["gallery"].update(dtype="F16"),
    "a shape that is too large": lambda h: h["skin.offset"].update(shape=[10**9]),
    "a negative shape": lambda h: h["skin.offset"].update(shape=[-1]),
    "a shape that is no list": lambda h: h["skin.offset"].update(shape="x"),
    "a shape that does not fill its place": lambda h: h["traits"].update(shape=[1]),
    "places past the end": lambda h: h["traits"].update(data_offsets=[10**9, 10**9 + 8]),
    "places that overlap": lambda h: h["traits"].update(data_offsets=[0, 8]),
    "another format": lambda h: h["__metadata__"].update(format="other"),
    "a version that is no number": lambda h: h["__metadata__"].update(version="one"),
    "traits that do not match": lambda h: h["__metadata__"].update(traits='["age"]'),
}


@pytest.mark.parametrize("fault", HEADERS)
def test_a_header_is_refused_for(path, fault) -> None:
    doll.write(path)
    edited(path, HEADERS[fault])
    with pytest.raises(BrokenPackage):
        package.read(path)


def _set(name, index, value):
    def change(tensors):
        tensors[name] = tensors[name].copy()
        tensors[name][index] = value

    return change


CONTENTS = {
    "not a number": _set("mesh.vertices", (0, 0), np.nan),
    "an endless gallery": _set("gallery", (0, 0), np.inf),
    "a vertex a kilometre off": _set("mesh.vertices", (0, 1), 1000),
    "a quad past the vertices": _set("mesh.quads", (0, 0), 999),
    "a displaced vertex past the vertices": _set("shapes.vertex", 0, 24),
    "displacements out of order": _set("shapes.start", 1, 3),
    "a displacement step of a metre": _set("shapes.step", 0, 1.0),
    "a vertex without a bone": _set("mesh.weights", 0, 0),
    "one Gaussian too many": _set("skin.count", 0, 200),
    "a triangle past the mesh": _set("strand.triangle", -1, 144),
    "triangles out of order": _set("solid.triangle", 0, 110),
    "an unknown material": _set("skin.material", 0, 9),
    "no offset step": _set("steps", 0, 0),
    "a landmark past the vertices": _set("mesh.landmarks", 0, 60_000),
}


@pytest.mark.parametrize("fault", CONTENTS)
def test_contents_are_refused_for(path, fault) -> None:
    contents = doll.tensors()
    CONTENTS[fault](contents)
    doll.write(path, contents)
    with pytest.raises(BrokenPackage):
        Performer.load(path)


def test_a_refusal_names_the_file_and_pickles(path) -> None:
    import pickle

    path.write_bytes(b"")
    with pytest.raises(BrokenPackage) as raised:
        package.read(path)
    assert str(path) in str(raised.value) and str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_a_flipped_bit_of_the_header_is_refused_or_changes_no_tensor(path) -> None:
    doll.write(path)
    content, whole = bytearray(path.read_bytes()), package.read(path)
    size = struct.unpack("<Q", content[:8])[0]
    refused = 0
    for place in range(0, 8 + size, 13):
        content[place] ^= 1 << place % 7
        path.write_bytes(content)
        try:
            found = package.read(path)
        except BrokenPackage:
            refused += 1
        else:  # the flip hit the id, a trait's name or blank space
            for name in package.SCHEMA:
                np.testing.assert_array_equal(found.tensors[name], whole.tensors[name])
        content[place] ^= 1 << place % 7
    assert refused > 0.8 * (8 + size) / 13
