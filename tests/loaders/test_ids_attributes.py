"""IDS: attribute facets, and the ways of naming a value. Each sentence is one of buildingSMART's test cases."""

from pathlib import Path

import pytest

from tests.loaders.ids_files import Limits, attribute, entity, one_of, pattern, status, within
from tests.loaders.ids_table import FAIL, PASS, Case, opened, wall

WALL = [entity("IFCWALL")]
LENS = [entity("IFCSURFACESTYLEREFRACTION")]
PERIOD = [entity("IFCTASKTIME")]
LONG = "1234567890" * 26


def lens(number: str) -> str:
    return f"#1=IFCSURFACESTYLEREFRACTION({number},$);"


def period(critical: str = "$", duration: str = "$") -> str:
    return f"#1=IFCTASKTIME($,$,$,$,{duration},$,$,$,$,$,$,$,$,{critical},$,$,$,$,$,$);"


def task(milestone: str) -> str:
    return f"#1=IFCTASK('0000000000000000000001',$,$,$,$,$,$,$,$,{milestone},$,#2,$);\n#2=IFCTASKTIME($,$,$,$,$,$,$,$,$,$,$,$,$,$,$,$,$,$,$,$);"


def name(spelled: str, wanted: object, outcome: str, sentence: str) -> Case:
    assert isinstance(wanted, str | Limits)
    return Case(sentence, outcome, wall(spelled), WALL, [attribute("Name", wanted)])


CASES = [
    Case("a prohibited facet returns the opposite", FAIL, wall("'X'"), WALL, [attribute("Name", None, "prohibited")]),
    Case("prohibited, and empty: it is there", FAIL, wall("''"), WALL, [attribute("Name", None, "prohibited")]),
    Case("prohibited, and not filled", PASS, wall(), WALL, [attribute("Name", None, "prohibited")]),
    Case("a prohibited value allows another", PASS, wall("'X'"), WALL, [attribute("Name", "Y", "prohibited")]),
    Case("a prohibited value allows none", PASS, wall(), WALL, [attribute("Name", "Y", "prohibited")]),
    Case("a prohibited value", FAIL, wall("'Y'"), WALL, [attribute("Name", "Y", "prohibited")]),
    Case("a required facet checks all", PASS, wall("'X'"), WALL, [attribute("Name")]),
    Case("an optional attribute passes if specified", PASS, wall("'X'"), WALL, [attribute("Name", "X", "optional")]),
    Case("an optional attribute passes if null", PASS, wall(), WALL, [attribute("Name", "X", "optional")]),
    Case("an optional attribute fails if empty", FAIL, wall("''"), WALL, [attribute("Name", "X", "optional")]),
    Case("an optional attribute fails if other", FAIL, wall("'Y'"), WALL, [attribute("Name", "X", "optional")]),
    Case("references to an object pass", PASS, task(".F."), [entity("IFCTASK")], [attribute("TaskTime")]),
    Case("strings are compared by case", FAIL, wall("'x'"), WALL, [attribute("Name", "X")]),
    Case("a boolean false passes", PASS, period(".F."), PERIOD, [attribute("IsCritical")]),
    Case("a boolean true passes", PASS, period(".T."), PERIOD, [attribute("IsCritical")]),
    Case(
        "a logical unknown fails", FAIL,
        "#1=IFCPRESENTATIONLAYERWITHSTYLE('L',$,(#2),$,.U.,.F.,.F.,());\n#2=IFCCARTESIANPOINT((0.,0.,0.));",
        [entity("IFCPRESENTATIONLAYERWITHSTYLE")], [attribute("LayerOn")],
    ),
    Case(
        "an empty set fails", FAIL,
        "#1=IFCPRESENTATIONLAYERWITHSTYLE('L',$,(#2),$,.T.,.F.,.F.,());\n#2=IFCCARTESIANPOINT((0.,0.,0.));",
        [entity("IFCPRESENTATIONLAYERWITHSTYLE")], [attribute("LayerStyles")],
    ),
    Case("an empty string fails", FAIL, wall("''"), WALL, [attribute("Name")]),
    Case("nothing fails", FAIL, wall(), WALL, [attribute("Name")]),
    Case("a zero duration passes", PASS, period(duration="'P0D'"), PERIOD, [attribute("ScheduleDuration")]),
    Case("a zero passes", PASS, "#1=IFCQUANTITYCOUNT('X',$,$,0.,$);", [entity("IFCQUANTITYCOUNT")], [attribute("CountValue")]),
    Case("booleans are lower case 1", FAIL, task(".F."), [entity("IFCTASK")], [attribute("IsMilestone", "true")]),
    Case("booleans are lower case 2", FAIL, task(".F."), [entity("IFCTASK")], [attribute("IsMilestone", "FALSE")]),
    Case("booleans are lower case 3", PASS, task(".F."), [entity("IFCTASK")], [attribute("IsMilestone", "false")]),
    Case("booleans may be 0", PASS, task(".F."), [entity("IFCTASK")], [attribute("IsMilestone", "0")]),
    Case("durations are strings", FAIL, period(duration="'P2D'"), PERIOD, [attribute("ScheduleDuration", "PT48H")]),
    Case("derived attributes fail", FAIL, "#1=IFCCARTESIANPOINT((0.,0.,0.));", [entity("IFCCARTESIANPOINT")], [attribute("Dim")]),
    Case("inverse attributes fail", FAIL, "#1=IFCPERSON($,'X',$,$,$,$,$,$);", [entity("IFCPERSON")], [attribute("EngagedIn")]),
    Case("unknown attributes fail", FAIL, wall("'X'"), WALL, [attribute("ActingRole")]),
    Case("attributes of the type are not inherited", FAIL,
         wall() + "\n#30=IFCWALLTYPE('0000000000000000000030',$,'T','D',$,$,$,$,$,.NOTDEFINED.);\n#31=IFCRELDEFINESBYTYPE('0000000000000000000031',$,$,$,(#1),#30);",
         WALL, [attribute("Description", "D")]),
    Case("GlobalIds are strings", PASS, wall(), WALL, [attribute("GlobalId", f"{1:022}")]),
    Case("long strings are not cut", FAIL, f"#1=IFCPERSON('{LONG[:255]}',$,$,$,$,$,$,$);", [entity("IFCPERSON")], [attribute("Identification", LONG)]),
    Case("integers are numbers", PASS, "#1=IFCSTAIRFLIGHT('0000000000000000000001',$,$,$,$,$,$,$,42,$,$,$,$);", [entity("IFCSTAIRFLIGHT")], [attribute("NumberOfRisers", "42")]),
    Case("integers are not written with a dot", FAIL, "#1=IFCSTAIRFLIGHT('0000000000000000000001',$,$,$,$,$,$,$,42,$,$,$,$);", [entity("IFCSTAIRFLIGHT")], [attribute("NumberOfRisers", "42.0")]),
    Case("names by pattern match any", PASS, "#1=IFCMATERIALLAYERSET((#2),'X',$);\n#2=IFCMATERIALLAYER($,1.,$,$,$,$,$);", [entity("IFCMATERIALLAYERSET")], [attribute(pattern(".*Name.*"))]),
    Case("names by list match any", PASS, wall("'X'"), WALL, [attribute(one_of("Name", "Description"))]),
    name("'\\X2\\266B\\X0\\Don''t'", "♫Don't", PASS, "letters beyond ASCII are letters"),
    Case("numbers are cast 1", PASS, lens("42."), LENS, [attribute("RefractionIndex", "42")]),
    Case("numbers are cast 2", PASS, lens("42."), LENS, [attribute("RefractionIndex", "42.")]),
    Case("numbers are cast 3", PASS, lens("42."), LENS, [attribute("RefractionIndex", "42.0")]),
    Case("numbers are cast 4", FAIL, lens("42.3"), LENS, [attribute("RefractionIndex", "42")]),
    Case("a comma is no dot", FAIL, lens("42.3"), LENS, [attribute("RefractionIndex", "42,3")]),
    Case("thousands are not separated", FAIL, lens("1234.5"), LENS, [attribute("RefractionIndex", "1,234.5")]),
    Case("powers of ten", PASS, lens("1234.5"), LENS, [attribute("RefractionIndex", "1.2345e3")]),
    Case("powers of ten, capital", PASS, lens("1234.5"), LENS, [attribute("RefractionIndex", "1.2345E3")]),
    Case("strict equality by limits", PASS, lens("42."), LENS, [attribute("RefractionIndex", within(minInclusive="42", maxInclusive="42"))]),
    Case("no tolerance with limits", FAIL, lens("42.00000001"), LENS, [attribute("RefractionIndex", within(minInclusive="42", maxInclusive="42"))]),
    Case("lists cast numbers too", PASS, lens("42."), LENS, [attribute("RefractionIndex", one_of("42", "43", base="xs:double"))]),
    Case("lists fail a value", FAIL, "#1=IFCCARTESIANPOINT((0.,0.,0.));", [entity("IFCCARTESIANPOINT")], [attribute("Coordinates", "X")]),
    Case("objects fail a value", FAIL, task(".F."), [entity("IFCTASK")], [attribute("TaskTime", "X")]),
    Case("numbers fail a pattern", FAIL, lens("42."), LENS, [attribute("RefractionIndex", pattern(".*"))]),
    Case("exclusive limits: below", FAIL, lens("0."), LENS, [attribute("RefractionIndex", within(minExclusive="0", maxExclusive="10"))]),
    Case("exclusive limits: inside", PASS, lens("5."), LENS, [attribute("RefractionIndex", within(minExclusive="0", maxExclusive="10"))]),
    Case("exclusive limits: above", FAIL, lens("10."), LENS, [attribute("RefractionIndex", within(minExclusive="0", maxExclusive="10"))]),
    Case("inclusive limits: low", PASS, lens("0."), LENS, [attribute("RefractionIndex", within(minInclusive="0", maxInclusive="10"))]),
    Case("inclusive limits: high", PASS, lens("10."), LENS, [attribute("RefractionIndex", within(minInclusive="0", maxInclusive="10"))]),
    Case("inclusive limits: above", FAIL, lens("100."), LENS, [attribute("RefractionIndex", within(minInclusive="0", maxInclusive="10"))]),
    name("'Foo'", one_of("Foo", "Bar"), PASS, "one of a list"),
    name("'foo'", one_of("Foo", "Bar"), FAIL, "a list is compared by case"),
    name("'Foobar'", one_of("Foo", "Bar"), FAIL, "none of a list"),
    name("'XX'", Limits((("length", "2"),)), PASS, "a length"),
    name("'X'", Limits((("length", "2"),)), FAIL, "another length"),
    name("'X'", Limits((("minLength", "2"), ("maxLength", "3"))), FAIL, "too short"),
    name("'XX'", Limits((("minLength", "2"), ("maxLength", "3"))), PASS, "just long enough"),
    name("'XXXX'", Limits((("minLength", "2"), ("maxLength", "3"))), FAIL, "too long"),
    name("'AB01'", pattern("[A-Z]{2}[0-9]{2}"), PASS, "a pattern"),
    name("'AB'", pattern("[A-Z]{2}[0-9]{2}"), FAIL, "a pattern takes the whole value"),
    name("'ab01'", pattern("[A-Z]{2}[0-9]{2}", "[a-z]{2}[0-9]{2}"), PASS, "one of two patterns is enough"),
    name("'ab01'", pattern("[A-Z]{3}[0-9]{2}", "[a-z]{3}[0-9]{2}"), FAIL, "none of two patterns"),
    name("'EI60'", pattern("^EI60$"), FAIL, "anchors are characters"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.sentence))
def test_an_attribute_case_has_its_outcome(case: Case, tmp_path: Path) -> None:
    file = opened(case.lines, case.schema)
    assert status(file, tmp_path, case.applies, case.wanted) == case.outcome
