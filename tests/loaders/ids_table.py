"""The way that the tables of IDS cases are run: a sentence, an outcome, a few lines of STEP, facets."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ifcopenshell

from tests.loaders.ids_files import Facet

PASS, FAIL, NONE = "passed", "failed", "none"


@dataclass(frozen=True)
class Case:
    """One case; ``lines`` are DATA lines, ``applies`` and ``wanted`` lists of facets."""

    sentence: str
    outcome: str
    lines: str
    applies: list[Facet]
    wanted: list[Facet]
    schema: str = "IFC4"


def opened(lines: str, schema: str = "IFC4") -> Any:
    """Return a file in memory."""
    text = (
        "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\n"
        "FILE_NAME('','2026-01-01T00:00:00',(''),(''),'','','');\n"
        f"FILE_SCHEMA(('{schema}'));\nENDSEC;\nDATA;\n{lines}\nENDSEC;\nEND-ISO-10303-21;\n"
    )
    return ifcopenshell.file.from_string(text)


def wall(name: str = "$", step: int = 1) -> str:
    """Return the line of a wall; ``name`` as STEP spells it."""
    return f"#{step}=IFCWALL('{step:022}',$,{name},$,$,$,$,$,$);"


def value(spelled: str, unit: str = "$") -> str:
    """Return the line of property Foo as #10."""
    return f"#10=IFCPROPERTYSINGLEVALUE('Foo',$,{spelled},{unit});"


UNITS = """#101=IFCSIUNIT(*,.LENGTHUNIT.,.MILLI.,.METRE.);
#102=IFCSIUNIT(*,.AREAUNIT.,.MILLI.,.SQUARE_METRE.);
#103=IFCSIUNIT(*,.TIMEUNIT.,$,.SECOND.);
#104=IFCSIUNIT(*,.MASSUNIT.,.KILO.,.GRAM.);
#105=IFCSIUNIT(*,.THERMODYNAMICTEMPERATUREUNIT.,$,.DEGREE_CELSIUS.);
#106=IFCSIUNIT(*,.MASSUNIT.,$,.GRAM.);
#110=IFCUNITASSIGNMENT((#101,#102,#103,#104,#105));
#100=IFCPROJECT('0000000000000000000100',$,$,$,$,$,$,$,#110);
"""
"""A project in millimetres, square millimetres, seconds, kilograms and degrees Celsius; #106 is a gram."""


def in_set(*properties: str, group: str = "'Foo_Bar'", of: int = 1, at: int = 20) -> str:
    """Return properties (lines from #10 on), a set and its relation to an object, with units and a wall."""
    numbers = ",".join(line.partition("=")[0] for line in properties)
    return "\n".join(
        (
            UNITS if at == 20 else "",
            wall() if at == 20 else "",
            *properties,
            f"#{at}=IFCPROPERTYSET('{at:022}',$,{group},$,({numbers}));",
            f"#{at + 1}=IFCRELDEFINESBYPROPERTIES('{at + 1:022}',$,$,$,(#{of}),#{at});",
        )
    )


def with_type(kind: str = "IFCWALLTYPE", predefined: str = ".NOTDEFINED.", sets: str = "$") -> str:
    """Return a type #30 and its relation to #1."""
    return (
        f"#30={kind}('0000000000000000000030',$,$,$,$,{sets},$,$,$,{predefined});\n"
        "#31=IFCRELDEFINESBYTYPE('0000000000000000000031',$,$,$,(#1),#30);"
    )


def ifc_file(path: Path) -> Any:
    """Return an open file; cases of others lack the project that the loader insists on."""
    return ifcopenshell.open(str(path))
