"""IDS files that cannot be used are refused with the line; patterns are XML Schema's and never slow."""

import random
import time
from contextlib import suppress
from pathlib import Path

import pytest

from loaders.ifc.ids.document import read_rules
from loaders.ifc.ids.patterns import Pattern, PatternError
from tests.conftest import REPO
from tests.loaders.ids_files import (
    HEAD,
    attribute,
    document,
    entity,
    pattern,
    specification,
    write,
)
from twin.errors import BrokenFile, NotFound, OpenError

GOOD = document(specification([entity("IFCWALL")], [attribute("Name", pattern("W.*"))]))


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (("</ids>", ""), 15, "sound XML"),
        (("http://standards.buildingsmart.org/IDS", "urn:else"), 2, "root"),
        (("<title>Made for a test</title>", ""), 3, "title"),
        (('ifcVersion="IFC2X3 IFC4 IFC4X3_ADD2"', 'ifcVersion="IFC5"'), 5, "IFC5"),
        (('ifcVersion="IFC2X3 IFC4 IFC4X3_ADD2"', 'ifcVersion="IFC4" minOccurs="1"'), 5, "minOccurs"),
        (('minOccurs="1" maxOccurs="unbounded"', 'minOccurs="1" maxOccurs="1"'), 6, "maxOccurs=1"),
        (("<name><simpleValue>IFCWALL</simpleValue></name>", ""), 7, "needs name"),
        (("<simpleValue>IFCWALL</simpleValue>", ""), 7, "simpleValue"),
        (('cardinality="required"', 'cardinality="maybe"'), 10, "maybe"),
        (("xs:pattern", "xs:fractionDigits"), 10, "fractionDigits"),
        (('value="W.*"', 'value="W(.*"'), 10, "ends too early"),
        (('base="xs:string"', 'base="string"'), 10, "XML Schema"),
        (("<attribute", "<colour"), 10, "sound XML"),
    ],
    ids=lambda x: str(x)[:30],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(
    change: tuple[str, str], line: int, said: str, tmp_path: Path
) -> None:
    assert change[0] in GOOD
    with pytest.raises(BrokenFile) as caught:
        read_rules(write(tmp_path, GOOD.replace(*change, 1)))
    reason = str(caught.value.params["reason"])
    assert reason.startswith(f"line {line}: ")
    assert said in reason
    assert caught.value.full_code == "broken.ids"


def test_a_document_with_entities_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE ids [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>\n'
    text = GOOD.replace("<ids ", f"{bomb}<ids ").replace("Made for a test", "&b;")
    with pytest.raises(BrokenFile, match="DOCTYPE"):
        read_rules(write(tmp_path, text))


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_rules(str(tmp_path / "none.ids"))


def test_an_unknown_facet_is_named(tmp_path: Path) -> None:
    text = GOOD.replace("<material", "<x").replace("</requirements>", "<colour/></requirements>")
    with pytest.raises(BrokenFile, match="colour is no facet"):
        read_rules(write(tmp_path, text))


def test_anchored_patterns_are_noted(tmp_path: Path) -> None:
    rules = read_rules(write(tmp_path, GOOD.replace("W.*", "^W.*$")))
    assert rules.anchored == ((10, "^W.*$"),)


def test_comments_and_other_prefixes_are_read(tmp_path: Path) -> None:
    text = GOOD.replace("xs:", "xsd:").replace("xmlns:xs", "xmlns:xsd")
    text = text.replace("<specifications>", "<!-- all of them --><specifications>")
    assert len(read_rules(write(tmp_path, text)).specifications) == 1
    assert HEAD.count("xs") == 1


FITTING = [
    ("DT..", "DT01", "DT1"),
    ("DT.*", "DT", "ADT"),
    ("DT[0-9]{2}", "DT01", "DT012"),
    ("a{2,}", "aaaa", "a"),
    ("a{0,2}b?", "aab", "aaab"),
    ("(ab|c)+", "abcab", "abb"),
    ("[^a-c]", "d", "b"),
    ("[a-z-[aeiou]]+", "xyz", "xaz"),
    ("[+-]?[0-9]+", "-12", "--1"),
    (r"\d{3}", "123", "12a"),
    (r"\p{Lu}\p{Ll}*", "Ärger", "ärger"),
    (r"\p{IsCyrillic}+", "Стена", "Wall"),
    (r"\P{L}", "1", "a"),
    (r"\i\c*", "a-b.c", "1a"),
    (r"\S+\s\S+", "a b", "ab"),
    (r"(-|[0-9]{2,3})\/(-|[0-9]{2,3})", "90/-", "9/-"),
    ("^A$", "^A$", "A"),
    ("", "", "a"),
    ("|a", "a", "b"),
    (r"[\-a]", "-", "b"),
    ("[a-]", "-", "b"),
    ("墙.*", "墙01", "板01"),
]


@pytest.mark.parametrize(("source", "yes", "no"), FITTING, ids=lambda x: str(x))
def test_a_pattern_takes_what_xml_schema_says(source: str, yes: str, no: str) -> None:
    found = Pattern(source)
    assert found.matches(yes)
    assert not found.matches(no)


BROKEN = ["(a", "a)", "[a", "*a", "a**", "a{2", "a{3,2}", r"\1", r"\p{Nonsense}", "[z-a]", "{2}", "a+?"]  # fmt: skip


@pytest.mark.parametrize("source", BROKEN)
def test_a_broken_pattern_is_refused(source: str) -> None:
    with pytest.raises(PatternError):
        Pattern(source)


@pytest.mark.parametrize("source", ["(((a{99}){99}){99}){99}", "(" * 200 + "a" + ")" * 200])
def test_a_pattern_that_grows_without_bound_is_refused(source: str) -> None:
    with pytest.raises(PatternError):
        Pattern(source)


@pytest.mark.parametrize("source", ["(a+)+b", "(a|a)*b", "(a*)*b", "(.*a){10}b"])
def test_no_pattern_takes_time_that_doubles_with_every_letter(source: str) -> None:
    found = Pattern(source)
    start = time.process_time()
    assert not found.matches("a" * 4000)
    assert time.process_time() - start < 2.0


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_document_is_read_or_refused_and_never_more(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    text = bytearray((REPO / "sample_models" / "duplex.ids").read_bytes())
    for _ in range(chance.choice((1, 3, 30))):
        at = chance.randrange(len(text))
        piece = bytes(text[at : at + chance.randrange(1, 40)])
        kind = chance.randrange(4)
        if kind == 0:
            text[at] = chance.randrange(256)
        elif kind == 1:
            del text[at : at + len(piece)]
        elif kind == 2:
            text[at:at] = piece * chance.randrange(1, 4)
        else:
            text[at:at] = chance.choice(
                (b"<", b'"', b"&x;", b"{9999999}", b"\\", b"(", b"-1", b"\x00")
            )
    path = tmp_path / "r.ids"
    path.write_bytes(bytes(text))
    with suppress(OpenError):
        assert read_rules(str(path)).specifications
