"""IDS: property facets. Each sentence is one of buildingSMART's test cases or a row of its documentation."""

from pathlib import Path

import pytest

from tests.loaders.ids_files import Facet, entity, one_of, pattern, prop, status, within
from tests.loaders.ids_table import (
    FAIL,
    PASS,
    UNITS,
    Case,
    in_set,
    opened,
    value,
    wall,
    with_type,
)

WALL = [entity("IFCWALL")]


def foo(kind: str = "", wanted: object = None, cardinality: str = "required") -> list[Facet]:
    return [prop("Foo_Bar", "Foo", kind, wanted, cardinality)]  # type: ignore[arg-type]


def single(sentence: str, outcome: str, spelled: str, wanted: list[Facet]) -> Case:
    return Case(sentence, outcome, in_set(value(spelled)), WALL, wanted)


def holding(line: str) -> str:
    return in_set("#10=" + line)


def bounds(low: str, high: str, point: str = "$") -> str:
    spelled = [f"IFCLENGTHMEASURE({x}.)" if x != "$" else "$" for x in (high, low, point)]
    return holding(f"IFCPROPERTYBOUNDEDVALUE('Foo',$,{spelled[0]},{spelled[1]},$,{spelled[2]});")


RANGE = foo("IFCLENGTHMEASURE", within(minExclusive="2", maxInclusive="5"))


def length(text: str) -> list[Facet]:
    return foo("IFCLENGTHMEASURE", text)


LABELS = holding("IFCPROPERTYLISTVALUE('Foo',$,(IFCLABEL('X'),IFCLABEL('Y')),$);")
TABLE = holding(
    "IFCPROPERTYTABLEVALUE('Foo',$,(IFCLABEL('X')),(IFCLENGTHMEASURE(1000.)),$,$,$,$);"
)
STATES = holding(
    "IFCPROPERTYENUMERATEDVALUE('Foo',$,(IFCLABEL('EXISTING'),IFCLABEL('DEMOLISH')),$);"
)
TWO = in_set("#10=IFCPROPERTYSINGLEVALUE('Foobar',$,IFCLABEL('x'),$);", "#11=IFCPROPERTYSINGLEVALUE('Foobaz',$,IFCLABEL('y'),$);")  # fmt: skip
OTHER_SET = in_set(
    "#12=IFCPROPERTYSINGLEVALUE('Else',$,IFCLABEL('x'),$);", group="'Foo_Baz'", at=40
)
OF_TYPE = "#10=IFCPROPERTYSINGLEVALUE('Foo',$,IFCLABEL('Type'),$);\n#20=IFCPROPERTYSET('0000000000000000000020',$,'Foo_Bar',$,(#10));"
QUANTITY = wall() + UNITS + (
    "#10=IFCQUANTITYLENGTH('Foo',$,$,42.,$);\n#20=IFCELEMENTQUANTITY('0000000000000000000020',$,'Foo_Bar',$,$,(#10));\n"
    "#21=IFCRELDEFINESBYPROPERTIES('0000000000000000000021',$,$,$,(#1),#20);"
)  # fmt: skip
PANEL = (
    "#1=IFCDOOR('0000000000000000000001',$,$,$,$,$,$,$,$,$,$,$,$);\n"
    "#20=IFCDOORPANELPROPERTIES('0000000000000000000020',$,'Foo_Bar',$,$,.SWINGING.,$,.LEFT.,$);\n"
    "#21=IFCRELDEFINESBYPROPERTIES('0000000000000000000021',$,$,$,(#1),#20);"
)
STUFF = "#1=IFCMATERIAL('M',$,$);\n#10=IFCPROPERTYSINGLEVALUE('Foo',$,IFCLABEL('X'),$);\n#20=IFCMATERIALPROPERTIES('Foo_Bar',$,(#10),#1);"
OLD_STUFF = "#1=IFCMATERIAL('M');\n#10=IFCPROPERTYSINGLEVALUE('Foo',$,IFCLABEL('X'),$);\n#20=IFCEXTENDEDMATERIALPROPERTIES(#1,(#10),$,'Foo_Bar');"

CASES = [
    single("a logical unknown fails", FAIL, "IFCLOGICAL(.U.)", foo("IFCLOGICAL")),
    single("any string passes a name", PASS, "IFCLABEL('X')", foo("IFCLABEL")),
    Case("any quantity passes a name", PASS, QUANTITY, WALL, foo("IFCLENGTHMEASURE")),
    Case("quantities have their measure", FAIL, QUANTITY, WALL, foo("IFCAREAMEASURE")),
    Case("quantities are converted", PASS, QUANTITY, WALL, length("0.042")),
    single("a number as a string is a string", PASS, "IFCLABEL('1')", foo("IFCLABEL", "1")),
    single("prohibited and there", FAIL, "IFCLABEL('X')", foo(cardinality="prohibited")),
    single("prohibited and there without a value", FAIL, "$", foo(cardinality="prohibited")),
    Case("prohibited and not there", PASS, wall(), WALL, foo(cardinality="prohibited")),
    single("false is a value", PASS, "IFCBOOLEAN(.F.)", foo("IFCBOOLEAN")),
    single("a zero duration is a value", PASS, "IFCDURATION('P0D')", foo("IFCDURATION")),
    single("an empty string fails", FAIL, "IFCLABEL('')", foo("IFCLABEL")),
    single("nothing fails", FAIL, "$", foo("IFCLABEL")),
    single("optional and right", PASS, "IFCLABEL('X')", foo("IFCLABEL", "X", "optional")),
    single("optional and another value", FAIL, "IFCLABEL('Y')", foo("IFCLABEL", "X", "optional")),
    single("optional and another type", FAIL, "IFCTEXT('X')", foo("IFCLABEL", None, "optional")),
    Case("optional and not there", PASS, wall(), WALL, foo("IFCLABEL", "X", "optional")),
    Case("no properties fail", FAIL, wall(), WALL, foo("IFCLABEL")),
    Case("a set without the property fails", FAIL, TWO, WALL, foo("IFCLABEL")),
    Case("all properties must fit", FAIL, TWO, WALL, [prop("Foo_Bar", pattern("Foo.*"), "IFCLABEL", "x")]),
    Case("all values are in the list", PASS, TWO, WALL, [prop("Foo_Bar", pattern("Foo.*"), "IFCLABEL", one_of("x", "y"))]),
    Case("all sets must have it", FAIL, in_set(value("IFCLABEL('X')")) + OTHER_SET, WALL, [prop(pattern("Foo_.*"), "Foo", "IFCLABEL")]),
    Case("optional: a set without it hides no wrong value", FAIL, in_set(value("IFCLABEL('X')")) + OTHER_SET, WALL,
         [prop(pattern("Foo_.*"), "Foo", "IFCLABEL", "Y", "optional")]),
    Case("prohibited: any set is enough to fail", FAIL, in_set(value("IFCLABEL('X')")) + OTHER_SET, WALL,
         [prop(pattern("Foo_.*"), "Foo", "", None, "prohibited")]),
    Case("lists: one fits", PASS, LABELS, WALL, foo("IFCLABEL", "Y")),
    Case("lists: none fits", FAIL, LABELS, WALL, foo("IFCLABEL", "Z")),
    Case("tables: the first column", PASS, TABLE, WALL, foo("IFCLABEL", "X")),
    Case("tables: the second column, converted", PASS, TABLE, WALL, length("1")),
    Case("tables: none fits", FAIL, TABLE, WALL, foo("IFCLABEL", "Y")),
    Case("enumerations: one fits", PASS, STATES, WALL, foo("IFCLABEL", "DEMOLISH")),
    Case("enumerations: none fits", FAIL, STATES, WALL, foo("IFCLABEL", "NEW")),
    Case("range: an end", PASS, bounds("1000", "5000", "3000"), WALL, length("5")),
    Case("range: the set point", PASS, bounds("1000", "5000", "3000"), WALL, length("3")),
    Case("range: beside the set point", FAIL, bounds("1000", "5000", "3000"), WALL, length("2")),
    Case("range: between without set point", PASS, bounds("2000", "4000"), WALL, length("3")),
    Case("range: the only end", PASS, bounds("2000", "$"), WALL, length("2")),
    Case("range: the only upper end", PASS, bounds("$", "2000"), WALL, length("2")),
    Case("range: outside", FAIL, bounds("2000", "4000"), WALL, length("5")),
    Case("range: above the only end", FAIL, bounds("$", "4000"), WALL, length("5")),
    Case("range: no ends", FAIL, bounds("$", "$"), WALL, length("3")),
    Case("range: any end will do for a name", PASS, bounds("2000", "$"), WALL, foo("IFCLENGTHMEASURE")),
    Case("limits: within", PASS, bounds("3000", "4000"), WALL, RANGE),
    Case("limits: the lower end is missing", FAIL, bounds("$", "4000"), WALL, RANGE),
    Case("limits: the upper end is missing", FAIL, bounds("3000", "$"), WALL, RANGE),
    Case("limits: exclusive low", FAIL, bounds("2000", "3000"), WALL, RANGE),
    Case("limits: inclusive high", PASS, bounds("3000", "5000"), WALL, RANGE),
    Case("limits: one side needs its end only", PASS, bounds("30000", "$"), WALL, foo("IFCLENGTHMEASURE", within(minInclusive="20"))),
    Case("limits: one side, the other end", FAIL, bounds("$", "40000"), WALL, foo("IFCLENGTHMEASURE", within(minInclusive="20"))),
    single("booleans 1", FAIL, "IFCBOOLEAN(.F.)", foo("IFCBOOLEAN", "true")),
    single("booleans 2", PASS, "IFCBOOLEAN(.F.)", foo("IFCBOOLEAN", "false")),
    single("booleans 3", FAIL, "IFCBOOLEAN(.F.)", foo("IFCBOOLEAN", "FALSE")),
    Case("complex properties fail", FAIL, holding("IFCCOMPLEXPROPERTY('Foo',$,'U',(#11));\n#11=IFCPROPERTYSINGLEVALUE('In',$,IFCLABEL('X'),$);"), WALL, foo("IFCLABEL")),
    Case("references fail", FAIL, holding("IFCPROPERTYREFERENCEVALUE('Foo',$,$,#11);\n#11=IFCMATERIAL('M',$,$);"), WALL, foo("IFCLABEL")),
    single("dates are strings", FAIL, "IFCDATE('2022-01-01+00:00')", foo("IFCDATE", "2022-01-01")),
    single("integers 1", PASS, "IFCINTEGER(42)", foo("IFCINTEGER", "42")),
    single("integers 2", FAIL, "IFCINTEGER(42)", foo("IFCINTEGER", "42.")),
    single("integers 3", FAIL, "IFCINTEGER(42)", foo("IFCINTEGER", "42.3")),
    single("reals 1", PASS, "IFCREAL(42.)", foo("IFCREAL", "42")),
    single("reals 2", PASS, "IFCREAL(42.3)", foo("IFCREAL", "42.3")),
    single("measures are types 1", FAIL, "IFCMASSMEASURE(2.)", foo("IFCTIMEMEASURE", "2")),
    single("measures are types 2", PASS, "IFCTIMEMEASURE(2.)", foo("IFCTIMEMEASURE", "2")),
    single("units are converted 1", FAIL, "IFCLENGTHMEASURE(2.)", length("2")),
    single("units are converted 2", PASS, "IFCLENGTHMEASURE(2000.)", length("2")),
    single("areas by the square", PASS, "IFCAREAMEASURE(2000000.)", foo("IFCAREAMEASURE", "2")),
    single("degrees Celsius become kelvin", PASS, "IFCTHERMODYNAMICTEMPERATUREMEASURE(20.)", foo("IFCTHERMODYNAMICTEMPERATUREMEASURE", "293.15")),
    single("kilograms stay", PASS, "IFCMASSMEASURE(6.)", foo("IFCMASSMEASURE", within(minExclusive="5"))),
    Case("a unit of its own comes first", FAIL, in_set(value("IFCMASSMEASURE(6.)", "#106")), WALL, foo("IFCMASSMEASURE", within(minExclusive="5"))),
    Case("grams become kilograms", PASS, in_set(value("IFCMASSMEASURE(6000.)", "#106")), WALL, foo("IFCMASSMEASURE", within(minExclusive="5"))),
    Case("predefined properties 1", PASS, PANEL, [entity("IFCDOOR")], [prop("Foo_Bar", "PanelOperation", "IFCDOORPANELOPERATIONENUM", "SWINGING")]),
    Case("predefined properties 2", FAIL, PANEL, [entity("IFCDOOR")], [prop("Foo_Bar", "PanelOperation", "IFCDOORPANELOPERATIONENUM", "FOLDING")]),
    Case("inherited from the type", PASS, wall() + OF_TYPE + with_type(sets="(#20)"), WALL, foo("IFCLABEL", "Type")),
    Case("the type has them", PASS, wall() + OF_TYPE + with_type(sets="(#20)"), [entity("IFCWALLTYPE")], foo("IFCLABEL", "Type")),
    Case("overridden by the object", PASS, wall() + OF_TYPE + with_type(sets="(#20)") +
         in_set("#12=IFCPROPERTYSINGLEVALUE('Foo',$,IFCLABEL('Own'),$);", at=40), WALL, foo("IFCLABEL", "Own")),
    Case("not overridden on the type", FAIL, wall() + OF_TYPE + with_type(sets="(#20)") +
         in_set("#12=IFCPROPERTYSINGLEVALUE('Foo',$,IFCLABEL('Own'),$);", at=40), [entity("IFCWALLTYPE")], foo("IFCLABEL", "Own")),
    Case("of materials", PASS, STUFF, [entity("IFCMATERIAL")], foo("IFCLABEL", "X")),
    Case("of materials, IFC2X3", PASS, OLD_STUFF, [entity("IFCMATERIAL")], foo("IFCLABEL", "X"), "IFC2X3"),
    Case("of the project", PASS, in_set(value("IFCLABEL('X')"), of=100), [entity("IFCPROJECT")], foo("IFCLABEL", "X")),
    Case("for applicability: both conditions", PASS, in_set(value("IFCLABEL('X')")) + wall(step=2),
         [entity("IFCWALL"), prop("Foo_Bar", "Foo", "IFCLABEL", "X")], foo("IFCLABEL")),
    Case("for applicability without a class", PASS, in_set(value("IFCLABEL('X')")) + wall(step=2),
         [prop("Foo_Bar", "Foo", "IFCLABEL", "X")], [entity("IFCWALL")]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.sentence))
def test_a_property_case_has_its_outcome(case: Case, tmp_path: Path) -> None:
    file = opened(case.lines, case.schema)
    assert status(file, tmp_path, case.applies, case.wanted) == case.outcome


TOLERANCE = [
    ("100000.", ["99999.899999", "100000.100001"], ["99999.8999991", "100000.1000009"]),
    ("1.", ["0.999998", "1.000002"], ["0.9999981", "1.0000019"]),
    ("0.0000001", ["-0.0000009000001", "0.0000011000001"], ["-0.0000009", "0.0000011"]),
    ("0.", ["-0.000001", "0.000001"], ["-0.00000099", "0.00000099"]),
    ("-1.", ["-1.000002", "-0.999998"], ["-1.0000019", "-0.9999981"]),
]


@pytest.mark.parametrize(("asked", "outside", "inside"), TOLERANCE, ids=lambda x: str(x))
def test_equal_means_within_a_millionth_of_the_value_and_a_millionth(
    asked: str, outside: list[str], inside: list[str], tmp_path: Path
) -> None:
    for numbers, expected in ((outside, FAIL), (inside, PASS)):
        for number in numbers:
            file = opened(in_set(value(f"IFCREAL({number})")))
            found = status(file, tmp_path, WALL, foo("IFCREAL", asked))
            assert (number, found) == (number, expected)
