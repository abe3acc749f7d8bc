"""Stable uids and links: one object keeps its name across deliveries and formats."""

from uuid import NAMESPACE_DNS, uuid5

from hypothesis import given
from hypothesis import strategies as st

from twin.identity import (
    Representation,
    counted_elsewhere,
    known_scheme,
    replaces,
    same_as,
    uid,
    uids,
)

BAG = "0503100000012345"


def test_a_uid_is_the_version_5_uuid_of_scheme_and_key() -> None:
    dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    assert uid(dns, "python.org", "id") == str(uuid5(NAMESPACE_DNS, "id:python.org"))
    assert uid(dns, "b-1") == "e1c24e96-61ae-5f25-9969-d0cdd7a72df3"
    assert uid("not a uuid", "b-1") != uid(dns, "b-1")


def test_spellings_of_one_identifier_are_one_object() -> None:
    assert known_scheme(BAG) == ("bag.pand", BAG)
    assert uid("d", BAG) == uid("d", f"NL.IMBAG.Pand.{BAG}")
    guid = "d0a1b2c3-1234-5678-9abc-def012345678"
    assert uid("d", guid) == uid("d", "{D0A1B2C3-1234-5678-9ABC-DEF012345678}")
    assert uid("d", guid) == uid("d", f"UUID_{guid}")
    assert known_scheme(" wall 7 ") == ("id", "wall 7")


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_uids_are_equal_only_for_equal_keys_of_one_dataset(a: str, b: str, key: str) -> None:
    assert (uid(a, key) == uid(b, key)) == (a == b)
    assert uid(a, key) == uids(a, [key])[0]
    assert (uid("d", a, "s") == uid("d", b, "s")) == (a == b)


def test_an_object_shown_by_two_layers_of_one_dataset_is_counted_once() -> None:
    model = Representation("model", "bag", [BAG, "tree-1", "tree-1"])
    tiles = Representation("tiles", "bag", [f"NL.IMBAG.Pand.{BAG}", "other"])
    stranger = Representation("stranger", "other", [BAG])
    loose = Representation("loose", "", [BAG])
    found = counted_elsewhere([model, tiles, stranger, loose])
    assert found["model"].tolist() == [False, False, False]
    assert found["tiles"].tolist() == [True, False]
    assert found["stranger"].tolist() == [False]
    assert found["loose"].tolist() == [False]


def test_equal_keys_of_two_datasets_become_same_as_links() -> None:
    one = Representation("a", "ds-1", [BAG, "x"])
    two = Representation("b", "ds-2", ["y", f"NL.IMBAG.Pand.{BAG}"])
    links = same_as(one, two)
    assert [(link.kind, link.first, link.second) for link in links] == [
        ("same_as", uid("ds-1", BAG), uid("ds-2", BAG))
    ]
    assert same_as(one, Representation("c", "ds-1", [BAG])) == ()


def test_replaced_objects_are_linked_new_to_old() -> None:
    old, new = Representation("a", "d", ["o"]), Representation("b", "d", ["n1", "n2"])
    links = replaces(old, new, [("n1", "o"), ("n2", "o")], "footprint overlap")
    assert [link.second for link in links] == [uid("d", "o")] * 2
    assert links[0].first == uid("d", "n1")
    assert links[0].method == "footprint overlap"
