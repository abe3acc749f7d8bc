"""What is wrong with a glTF is said with its place, and nothing that a document holds stops the reader."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders._gltf import read_model
from loaders._gltf.model import credits_of
from loaders._gltf.rules import broken_rules
from tests.loaders.gltf_files import box_town
from tests.loaders.test_gltf import nothing
from tests.malformed_gltf import verdicts


def test_attributions_are_split_at_semicolons_and_said_once() -> None:
    made = box_town(1)
    made.json["asset"]["copyright"] = "City of X ; Y GmbH;;City of X"
    assert credits_of(read_model(made.glb(), "x", nothing).document) == ("City of X", "Y GmbH")


@pytest.mark.parametrize(
    ("where", "value", "place"),
    [
        (("nodes", 0, "children"), [7], "/nodes/0/children"),
        (("nodes", 0, "children"), [], "/nodes/0/children"),
        (("extensionsRequired",), ["KHR_mesh_quantization"], "/extensionsRequired"),
        (("cameras",), [], "/cameras"),
        (("bufferViews", 0, "byteStride"), 13, "/bufferViews/0/byteStride"),
        (("accessors", 2, "normalized"), True, ""),
        (("meshes", 0, "primitives", 0, "material"), 3, "/meshes/0/primitives/0/material"),
        (("skins",), [{}], "/skins/0"),
    ],
)
def test_a_broken_rule_is_said_with_its_place(
    where: tuple[Any, ...], value: Any, place: str
) -> None:
    made = box_town(2)
    assert not list(broken_rules(made.document()))
    holder: Any = made.json
    for step in where[:-1]:
        holder = holder[step]
    holder[where[-1]] = value
    found = [item.place for item in broken_rules(made.document())]
    assert found[:1] == ([place] if place else [])


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63)
        | st.floats()
        | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["nodes", "children", "mesh", "accessors", "sparse", "componentType"]
                ),
                inner,
                max_size=3,
            )
        ),
    )
)
def test_no_json_makes_the_rules_stumble(value: Any) -> None:
    for name in ("nodes", "accessors", "bufferViews", "extensionsUsed", "meshes"):
        list(broken_rules({name: value, "extensionsRequired": value}))


def test_a_required_extension_that_is_not_read_is_named() -> None:
    made = box_town(1)
    made.json["extensionsUsed"] = made.json["extensionsRequired"] = ["KHR_gaussian_splatting"]
    (problem,) = read_model(made.glb(), "x", nothing).document.problems
    assert problem.code == "gltf.extension"
    assert problem.params == {"name": "KHR_gaussian_splatting"}


@pytest.mark.shared
def test_files_that_a_validator_refuses_are_named_and_sound_ones_load(shared_data: Path) -> None:
    folder = shared_data / "malformed" / "KhronosGroup_glTF-Validator"
    found = list(verdicts(folder))
    assert len(found) > 250
    wrong = [case for case in found if case.codes]
    assert sum(case.agrees for case in wrong) >= 95
    assert sum(case.agrees for case in found if not case.codes) >= 69
