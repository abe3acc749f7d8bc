"""IDS: entity, partOf, classification and material facets, and whole specifications.

Each sentence is one of buildingSMART's test cases or a row of its documentation.
"""

from pathlib import Path

import pytest

from tests.loaders.ids_files import (
    Limits,
    attribute,
    classification,
    entity,
    material,
    one_of,
    outcome,
    part_of,
    pattern,
    prop,
    specification,
    status,
)
from tests.loaders.ids_table import FAIL, NONE, PASS, Case, opened, wall, with_type

WALL, BEAM, ASSEMBLY = [entity("IFCWALL")], [entity("IFCBEAM")], [entity("IFCELEMENTASSEMBLY")]


def typed_wall(predefined: str, own: str = "$") -> str:
    return f"#1=IFCWALL('0000000000000000000001',$,$,$,{own},$,$,$,{predefined});"


def wall_type(own: str, predefined: str = ".USERDEFINED.") -> str:
    return f"#1=IFCWALLTYPE('0000000000000000000001',$,$,$,$,$,$,$,{own},{predefined});"


def terminal(kind: str) -> str:
    return (
        "#1=IFCFLOWTERMINAL('0000000000000000000001',$,$,$,$,$,$,$);\n"
        f"#30={kind}('0000000000000000000030',$,$,$,$,$,$,$,'OWN',.USERDEFINED.);\n"
        "#31=IFCRELDEFINESBYTYPE('0000000000000000000031',$,$,$,(#1),#30);"
    )


AIR = terminal("IFCAIRTERMINALTYPE")
STANDARD = (
    "#1=IFCWALLSTANDARDCASE('0000000000000000000001',$,$,$,$,$,$,$);\n"
    "#30=IFCWALLTYPE('0000000000000000000030',$,$,$,$,$,$,$,$,.STANDARD.);\n"
    "#31=IFCRELDEFINESBYTYPE('0000000000000000000031',$,$,$,(#1),#30);"
)

ENTITIES = [
    Case("a matching entity passes", PASS, wall(), WALL, WALL),
    Case("a matching predefined type passes", PASS, typed_wall(".SOLIDWALL."), WALL, [entity("IFCWALL", "SOLIDWALL")]),
    Case("a null predefined type fails", FAIL, wall(), WALL, [entity("IFCWALL", "SOLIDWALL")]),
    Case("another predefined type fails", FAIL, typed_wall(".PARTITIONING."), WALL, [entity("IFCWALL", "SOLIDWALL")]),
    Case("predefined types are upper case", FAIL, typed_wall(".SOLIDWALL."), WALL, [entity("IFCWALL", "solidwall")]),
    Case("a user-defined object type", PASS, typed_wall(".USERDEFINED.", "'WALDO'"), WALL, [entity("IFCWALL", "WALDO")]),
    Case("user-defined by case", FAIL, typed_wall(".USERDEFINED.", "'waldo'"), WALL, [entity("IFCWALL", "WALDO")]),
    Case("USERDEFINED itself", PASS, typed_wall(".USERDEFINED.", "'WALDO'"), WALL, [entity("IFCWALL", "USERDEFINED")]),
    Case("a user-defined element type", PASS, wall_type("'WALDO'"), [entity("IFCWALLTYPE")], [entity("IFCWALLTYPE", "WALDO")]),
    Case("a user-defined process type", PASS, "#1=IFCTASKTYPE('0000000000000000000001',$,$,$,$,$,$,$,'TASKY',.USERDEFINED.,$);",
         [entity("IFCTASKTYPE")], [entity("IFCTASKTYPE", "TASKY")]),
    Case("inherited from the type", PASS, wall() + with_type(predefined=".SHEAR."), WALL, [entity("IFCWALL", "SHEAR")]),
    Case("the type comes first", FAIL, typed_wall(".SOLIDWALL.") + with_type(predefined=".SHEAR."), WALL, [entity("IFCWALL", "SOLIDWALL")]),
    Case("a type that is not set leaves it to the object", PASS, typed_wall(".USERDEFINED.", "'X'") + with_type(), WALL, [entity("IFCWALL", "X")]),
    Case("by list", PASS, wall(), WALL, [entity(one_of("IFCWALL", "IFCSLAB"))]),
    Case("not in the list", FAIL, wall(), WALL, [entity(one_of("IFCBEAM", "IFCSLAB"))]),
    Case("by pattern", PASS, wall_type("$"), [entity(pattern("IFC.*TYPE"))], [entity(pattern("IFC.*TYPE"))]),
    Case("names are upper case", FAIL, wall(), WALL, [entity("IfcWall")]),
    Case("unknown classes fail", FAIL, wall(), WALL, [entity("IFCRABBIT")]),
    Case("subclasses do not match", FAIL, STANDARD, [entity("IFCWALLSTANDARDCASE")], WALL, "IFC2X3"),
    Case("subclasses do not apply", FAIL, STANDARD, WALL, WALL, "IFC2X3"),
    Case("by pattern for the type", PASS, typed_wall(".USERDEFINED.", "'FOOBAR'"), WALL, [entity("IFCWALL", pattern("FOO.*"))]),
    Case("not by pattern for the type", FAIL, typed_wall(".USERDEFINED.", "'BAZ'"), WALL, [entity("IFCWALL", pattern("FOO.*"))]),
    Case("IFC2X3: a class by its type", PASS, AIR, [entity("IFCAIRTERMINAL")], [entity("IFCAIRTERMINAL", "OWN")], "IFC2X3"),
    Case("IFC2X3: its own class too", PASS, AIR, [entity("IFCFLOWTERMINAL")], [entity("IFCFLOWTERMINAL")], "IFC2X3"),
    Case("IFC2X3: another class by its type", FAIL, AIR, [entity("IFCFLOWTERMINAL")], [entity("IFCLAMP")], "IFC2X3"),
    Case("IFC2X3: nobody by another type", FAIL, AIR, [entity("IFCLAMP")], [entity("IFCLAMP")], "IFC2X3"),
]  # fmt: skip


def rooted(kind: str, step: int, rest: int, **own: str) -> str:
    """Return a line with a GlobalId and ``rest`` more attributes; ``own`` sets some by a<index>."""
    more = [own.get(f"a{i}", "$") for i in range(1, rest + 1)]
    return f"#{step}={kind}('{step:022}',{','.join(more)});\n"


def relation(kind: str, step: int, whole: int, *parts: int) -> str:
    below = ",".join(f"#{part}" for part in parts)
    order = {
        "IFCRELAGGREGATES": f"#{whole},({below})",
        "IFCRELNESTS": f"#{whole},({below})",
        "IFCRELCONTAINEDINSPATIALSTRUCTURE": f"({below}),#{whole}",
        "IFCRELASSIGNSTOGROUP": f"({below}),$,#{whole}",
        "IFCRELVOIDSELEMENT": f"#{whole},{below}",
        "IFCRELFILLSELEMENT": f"#{whole},{below}",
    }[kind]
    return f"#{step}={kind}('{step:022}',$,$,$,{order});\n"


def whole(kind: str, rest: int, **own: str) -> str:
    return rooted(kind, 2, rest, **own)


AGG, NEST, IN, GROUP = (
    "IFCRELAGGREGATES",
    "IFCRELNESTS",
    "IFCRELCONTAINEDINSPATIALSTRUCTURE",
    "IFCRELASSIGNSTOGROUP",
)
THROUGH = "IFCRELVOIDSELEMENT IFCRELFILLSELEMENT"
BEAM_1, ASSEMBLY_1 = rooted("IFCBEAM", 1, 8), rooted("IFCELEMENTASSEMBLY", 1, 9)
SPACE_2 = whole("IFCSPACE", 10)
GROUPED = ASSEMBLY_1 + whole("IFCINVENTORY", 10, a4="'BUNNY'") + relation(GROUP, 9, 2, 1)
CONTAINED = ASSEMBLY_1 + whole("IFCSPACE", 10, a4="'BURROW'", a9=".USERDEFINED.") + relation(IN, 9, 2, 1)  # fmt: skip
DEEP = (
    BEAM_1 + whole("IFCSLAB", 8) + rooted("IFCELEMENTASSEMBLY", 3, 9)
    + relation(AGG, 8, 2, 1) + relation(AGG, 9, 3, 2)
)  # fmt: skip
PLACED = BEAM_1 + SPACE_2 + rooted("IFCBUILDING", 3, 11) + relation(AGG, 9, 3, 2)
WINDOW = (
    rooted("IFCWINDOW", 1, 12) + rooted("IFCOPENINGELEMENT", 2, 8) + rooted("IFCWALL", 3, 8)
    + relation("IFCRELFILLSELEMENT", 8, 2, 1) + relation("IFCRELVOIDSELEMENT", 9, 3, 2)
)  # fmt: skip
CIRCLE = BEAM_1 + whole("IFCSLAB", 8) + relation(AGG, 8, 2, 1) + relation(AGG, 9, 1, 2)

PARTS = [
    Case("not aggregated", FAIL, BEAM_1, BEAM, [part_of(pattern(".*"), AGG)]),
    Case("aggregated", PASS, DEEP, BEAM, [part_of("IFCSLAB", AGG)]),
    Case("aggregated, indirectly", PASS, DEEP, BEAM, [part_of("IFCELEMENTASSEMBLY", AGG)]),
    Case("aggregated into something else", FAIL, DEEP, BEAM, [part_of("IFCWALL", AGG)]),
    Case("the whole is no part", FAIL, DEEP, ASSEMBLY, [part_of(pattern(".*"), AGG)]),
    Case("prohibited and a part", FAIL, DEEP, BEAM, [part_of(pattern(".*"), AGG, None, "prohibited")]),
    Case("prohibited and no part", PASS, BEAM_1, BEAM, [part_of(pattern(".*"), AGG, None, "prohibited")]),
    Case("a circle ends", FAIL, CIRCLE, BEAM, [part_of("IFCWALL", AGG)]),
    Case("grouped", PASS, GROUPED, ASSEMBLY, [part_of("IFCINVENTORY", GROUP)]),
    Case("grouped in another class", FAIL, GROUPED, ASSEMBLY, [part_of("IFCGROUP", GROUP)]),
    Case("the group's own word", PASS, GROUPED, ASSEMBLY, [part_of("IFCINVENTORY", GROUP, "BUNNY")]),
    Case("another word of the group", FAIL, GROUPED, ASSEMBLY, [part_of("IFCINVENTORY", GROUP, "BUNNARY")]),
    Case("groups of groups", PASS, GROUPED + rooted("IFCZONE", 3, 5) + relation(GROUP, 10, 3, 2), ASSEMBLY, [part_of("IFCZONE", GROUP)]),
    Case("contained", PASS, CONTAINED, ASSEMBLY, [part_of("IFCSPACE", IN, "BURROW")]),
    Case("contained in USERDEFINED", PASS, CONTAINED, ASSEMBLY, [part_of("IFCSPACE", IN, "USERDEFINED")]),
    Case("contained in another type", FAIL, CONTAINED, ASSEMBLY, [part_of("IFCSPACE", IN, "WARREN")]),
    Case("contained elsewhere", FAIL, CONTAINED, ASSEMBLY, [part_of("IFCSITE", IN)]),
    Case("the container is not contained", FAIL, CONTAINED, [entity("IFCSPACE")], [part_of(pattern(".*"), IN)]),
    Case("contained, indirectly", PASS, PLACED + relation(IN, 10, 2, 1), BEAM, [part_of("IFCBUILDING", IN)]),
    Case("aggregated into the place is not contained", FAIL, PLACED + relation(AGG, 10, 2, 1), BEAM, [part_of("IFCSPACE", IN)]),
    Case("contained is not aggregated", FAIL, PLACED + relation(IN, 10, 2, 1), BEAM, [part_of("IFCBUILDING", AGG)]),
    Case("by any relation", PASS, PLACED + relation(IN, 10, 2, 1), BEAM, [part_of("IFCBUILDING")]),
    Case("nested", PASS, BEAM_1 + whole("IFCFURNITURE", 8) + relation(NEST, 9, 2, 1), BEAM, [part_of("IFCFURNITURE", NEST)]),
    Case("through an opening", PASS, WINDOW, [entity("IFCWINDOW")], [part_of("IFCWALL", THROUGH)]),
    Case("the opening itself", PASS, WINDOW, [entity("IFCOPENINGELEMENT")], [part_of("IFCWALL", THROUGH)]),
    Case("through an opening into nothing", FAIL, WINDOW, [entity("IFCWINDOW")], [part_of("IFCSLAB", THROUGH)]),
]  # fmt: skip

SYSTEMS = (
    "#50=IFCCLASSIFICATION($,$,$,'Foobar',$,$,$);\n#60=IFCCLASSIFICATION($,$,$,'Foobaz',$,$,$);\n"
)
CODES = (
    SYSTEMS + "#51=IFCCLASSIFICATIONREFERENCE($,'1',$,#50,$,$);\n#52=IFCCLASSIFICATIONREFERENCE($,'11',$,#50,$,$);\n"
    "#53=IFCCLASSIFICATIONREFERENCE($,'2',$,#50,$,$);\n#54=IFCCLASSIFICATIONREFERENCE($,'22',$,#53,$,$);\n"
    "#61=IFCCLASSIFICATIONREFERENCE($,'X',$,#60,$,$);\n"
)  # fmt: skip


def classified(*codes: int, of: int = 1, at: int = 70) -> str:
    return "".join(
        f"#{at + i}=IFCRELASSOCIATESCLASSIFICATION('{at + i:022}',$,$,$,(#{of}),#{code});\n"
        for i, code in enumerate(codes)
    )


OWN_AND_TYPE = wall() + with_type() + CODES + classified(52) + classified(54, 61, of=30, at=80)
ANY = pattern(r"\w+")
CLASSES = [
    Case("not classified", FAIL, wall() + CODES, WALL, [classification(ANY)]),
    Case("classified", PASS, wall() + CODES + classified(51), WALL, [classification(ANY)]),
    Case("prohibited and classified", FAIL, wall() + CODES + classified(51), WALL, [classification(ANY, None, "prohibited")]),
    Case("prohibited code", FAIL, wall() + CODES + classified(51), WALL, [classification("Foobar", "1", "prohibited")]),
    Case("prohibited code in another system", PASS, wall() + CODES + classified(61), WALL, [classification("Foobar", "X", "prohibited")]),
    Case("another system", FAIL, wall() + CODES + classified(61), WALL, [classification("Foobar")]),
    Case("optional and right", PASS, wall() + CODES + classified(51), WALL, [classification(ANY, "1", "optional")]),
    Case("optional and not classified", PASS, wall() + CODES, WALL, [classification(ANY, "1", "optional")]),
    Case("optional and another code", FAIL, wall() + CODES + classified(52), WALL, [classification(ANY, "1", "optional")]),
    Case("system and code of one reference", FAIL, wall() + CODES + classified(51, 61), WALL, [classification("Foobaz", "1")]),
    Case("code exactly", FAIL, wall() + CODES + classified(52), WALL, [classification("Foobar", "1")]),
    Case("codes above count", PASS, wall() + CODES + classified(54), WALL, [classification("Foobar", "2")]),
    Case("code by pattern", PASS, wall() + CODES + classified(52), WALL, [classification("Foobar", pattern("1.*"))]),
    Case("system by pattern", PASS, wall() + CODES + classified(52), WALL, [classification(pattern("Foo.*"))]),
    Case("the object's own code", PASS, OWN_AND_TYPE, WALL, [classification("Foobar", "11")]),
    Case("the type's is overridden per system", FAIL, OWN_AND_TYPE, WALL, [classification("Foobar", "22")]),
    Case("the type's in another system stays", PASS, OWN_AND_TYPE, WALL, [classification("Foobaz", "X")]),
    Case("the system itself", PASS, wall() + CODES + classified(50), WALL, [classification("Foobar")]),
    Case("resources", PASS, CODES + "#1=IFCMATERIAL('M',$,$);\n#70=IFCEXTERNALREFERENCERELATIONSHIP($,$,#51,(#1));",
         [entity("IFCMATERIAL")], [classification("Foobar", "1")]),
    Case("for applicability", FAIL, wall("'A'") + CODES + classified(51) + wall("'B'", 2), [entity("IFCWALL"), classification(ANY)], [attribute("Name", "B")]),
]  # fmt: skip

STUFF = (
    "#41=IFCMATERIAL('Bar',$,'Foo');\n#42=IFCMATERIAL('Foo',$,$);\n#43=IFCMATERIAL('Bar',$,$);\n"
)


def made_of(what: str, of: int = 1) -> str:
    return (
        f"#40={what};\n#48=IFCRELASSOCIATESMATERIAL('0000000000000000000048',$,$,$,(#{of}),#40);\n"
    )


def stuff(sentence: str, outcome_: str, what: str, more: str = "") -> Case:
    return Case(sentence, outcome_, wall() + STUFF + more + made_of(what), WALL, [material("Foo")])


MATERIALS = [
    Case("none", FAIL, wall(), WALL, [material()]),
    Case("any", PASS, wall() + made_of("IFCMATERIAL('Unnamed',$,$)"), WALL, [material()]),
    Case("prohibited and there", FAIL, wall() + made_of("IFCMATERIAL('X',$,$)"), WALL, [material(None, "prohibited")]),
    Case("optional and none", PASS, wall(), WALL, [material("Foo", "optional")]),
    Case("optional and another", FAIL, wall() + made_of("IFCMATERIAL('X',$,$)"), WALL, [material("Foo", "optional")]),
    stuff("a name", PASS, "IFCMATERIAL('Foo',$,$)"),
    stuff("a category", PASS, "IFCMATERIAL('Bar',$,'Foo')"),
    stuff("neither", FAIL, "IFCMATERIAL('Bar',$,$)"),
    stuff("a name in a list", PASS, "IFCMATERIALLIST((#43,#42))"),
    stuff("a category in a list", PASS, "IFCMATERIALLIST((#41))"),
    stuff("a layer set's name", PASS, "IFCMATERIALLAYERSET((#44),'Foo',$)", "#44=IFCMATERIALLAYER(#43,1.,$,$,$,$,$);\n"),
    stuff("a layer's name", PASS, "IFCMATERIALLAYERSET((#44),$,$)", "#44=IFCMATERIALLAYER(#43,1.,$,'Foo',$,$,$);\n"),
    stuff("a layer's category", PASS, "IFCMATERIALLAYERSET((#44),$,$)", "#44=IFCMATERIALLAYER(#43,1.,$,$,$,'Foo',$);\n"),
    stuff("a layer's material", PASS, "IFCMATERIALLAYERSETUSAGE(#45,.AXIS2.,.POSITIVE.,0.,$)",
          "#44=IFCMATERIALLAYER(#42,1.,$,$,$,$,$);\n#45=IFCMATERIALLAYERSET((#44),$,$);\n"),
    stuff("a layer without material", FAIL, "IFCMATERIALLAYERSET((#44),$,$)", "#44=IFCMATERIALLAYER($,1.,$,$,$,$,$);\n"),
    stuff("a profile's category", PASS, "IFCMATERIALPROFILESET($,$,(#44),$)",
          "#44=IFCMATERIALPROFILE($,$,#43,#46,$,'Foo');\n#46=IFCCIRCLEPROFILEDEF(.AREA.,$,$,1.);\n"),
    stuff("a constituent's name", PASS, "IFCMATERIALCONSTITUENTSET($,$,(#44))", "#44=IFCMATERIALCONSTITUENT('Foo',$,#43,$,$);\n"),
    stuff("an empty constituent set", FAIL, "IFCMATERIALCONSTITUENTSET($,$,$)"),
    Case("inherited from the type", PASS, wall() + with_type() + made_of("IFCMATERIAL('Foo',$,$)", of=30), WALL, [material("Foo")]),
    Case("the object's own comes first", FAIL, wall() + with_type() + made_of("IFCMATERIAL('Foo',$,$)", of=30)
         + "#47=IFCMATERIAL('Own',$,$);\n#49=IFCRELASSOCIATESMATERIAL('0000000000000000000049',$,$,$,(#1),#47);", WALL, [material("Foo")]),
]  # fmt: skip


@pytest.mark.parametrize(
    "case", [*ENTITIES, *PARTS, *CLASSES, *MATERIALS], ids=lambda case: str(case.sentence)
)
def test_a_case_of_relations_has_its_outcome(case: Case, tmp_path: Path) -> None:
    file = opened(case.lines, case.schema)
    assert status(file, tmp_path, case.applies, case.wanted) == case.outcome


NAMED = [attribute("Name", "Waldo")]


@pytest.mark.parametrize(
    ("usage", "lines", "expected"),
    [
        ("optional", wall("'Waldo'"), PASS),
        ("optional", wall("'X'"), FAIL),
        ("optional", "#1=IFCBEAM('0000000000000000000001',$,$,$,$,$,$,$,$);", NONE),
        ("required", wall("'Waldo'"), PASS),
        ("required", "#1=IFCBEAM('0000000000000000000001',$,$,$,$,$,$,$,$);", FAIL),
        ("prohibited", wall("'Waldo'"), FAIL),
        ("prohibited", "#1=IFCBEAM('0000000000000000000001',$,$,$,$,$,$,$,$);", PASS),
    ],
)
def test_the_usage_of_a_specification_decides(
    usage: str, lines: str, expected: str, tmp_path: Path
) -> None:
    rule = outcome(opened(lines), tmp_path, specification(WALL, NAMED, usage)).results[0]
    assert rule.status == expected


def test_a_rule_for_another_schema_does_not_apply(tmp_path: Path) -> None:
    rule = outcome(opened(wall()), tmp_path, specification(WALL, NAMED, schemas="IFC2X3"))
    assert rule.results[0].status == NONE
    assert rule.results[0].why is not None
    assert "IFC2X3" in rule.results[0].why.said()


def test_a_report_counts_objects_and_says_why_each_failed(tmp_path: Path) -> None:
    lines = wall("'Waldo'") + wall("'X'", 2) + wall("'X'", 3) + wall("$", 4)
    report = outcome(opened(lines), tmp_path, specification(WALL, NAMED))
    (rule,) = report.results
    (demand,) = rule.demands
    assert (len(rule.applicable), len(demand.passed), len(demand.failed)) == (4, 1, 3)
    assert [demand.reasons[i].said() for i in demand.reason] == [
        "Name is X",
        "Name is X",
        "Name is not filled",
    ]
    assert report.counts == {"passed": 0, "failed": 1, "none": 0}
    assert demand.words.said() == "The attribute “Name” must be “Waldo”."
    assert demand.words.said("zh") == "特性“Name”必须为“Waldo”。"
    assert [report.objects[i].id for i in rule.failed] == [f"{i:022}" for i in (2, 3, 4)]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_facet_has_words_for_every_cardinality(language: str, tmp_path: Path) -> None:
    limits = Limits((("minInclusive", "1"), ("maxExclusive", "2")), "xs:double")
    lengths = Limits((("length", "1"), ("minLength", "1"), ("maxLength", "2")))
    values = (None, "x", pattern("x.*", "y"), one_of("x", "y"), limits, lengths, Limits(()))
    wanted = [
        facet
        for value in values
        for how in ("required", "optional", "prohibited")
        for facet in (
            attribute("Name", value, how),
            classification("S", value, how),
            prop("P", "N", "IFCLABEL", value, how),
            prop("P", "N", "", value, how),
            material(value, how),
        )
    ]
    wanted += [entity("IFCWALL"), entity("IFCWALL", "X")]
    wanted += [
        part_of("IFCWALL", name, kind, how)
        for name in ("", AGG, NEST, IN, GROUP, THROUGH)
        for kind in (None, "X")
        for how in ("required", "prohibited")
    ]
    report = outcome(opened(wall()), tmp_path, specification(wanted, wanted))
    for phrase in (*report.results[0].applies, *(x.words for x in report.results[0].demands)):
        said = phrase.said(language)
        assert "check." not in said
        assert "<" not in said.replace("< 2", "")
