"""Rules from TOML: what is read, and what is said about mistakes."""

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import DATA
from twin.errors import BrokenFile, NotFound
from twin.maintenance.rule_files import read_rules
from twin.maintenance.rules import Choices

HERE = DATA / "maintenance"


def test_the_example_files_are_read_completely() -> None:
    found = read_rules(HERE / "policy.toml", HERE / "custodians.toml", HERE / "evidence.toml")
    assert [policy.id for policy in found.policies] == [
        "P-00",
        "P-01",
        "P-02",
        "P-03",
        "P-04",
        "P-05",
    ]
    assert found.policies[4].required_aspects == ("height",)
    assert found.policies[2].warn_days == 180
    assert found.choices == Choices(time_zone="Europe/Amsterdam")
    assert found.aliases == {"G0503": "delft", "W0372": "delfland", "P0028": "zuid-holland"}
    assert found.responsibilities[1].polygon.startswith("POLYGON")
    assert found.absences[0].start == np.datetime64("2025-07-01")
    assert found.evidence[0].event_hi == np.datetime64("2024-06-01")
    assert found.evidence[0].p_change == 0.95
    assert read_rules().policies == ()


def test_the_files_of_the_sample_city_are_valid(sample_models: Path) -> None:
    found = read_rules(
        *(sample_models / f"{name}.toml" for name in ("policy", "custodians", "evidence"))
    )
    assert found.policies
    assert found.parties
    assert found.evidence


POLICY_MISTAKES = {
    '[[policy]]\nid = "A"': "frequency is missing",
    '[[policy]]\nfrequency = "daily"': "id is missing",
    '[[policy]]\nid = "A"\nfrequency = "often"': "[[policy]] 1 (A): frequency: 'often'",
    '[[policy]]\nid = "A"\nfrequency = "periodic"': "needs a duration",
    '[[policy]]\nid = "A"\nfrequency = "daily"\nkinds = "x"': "unknown key 'kinds'",
    '[[policy]]\nid = "A"\nfrequency = "daily"\nwarn_days = "x"': "wrong type",
    '[[policy]]\nid = "A"\nfrequency = "daily"\nwarn_days = true': "wrong type",
    '[[policy]]\nid = "A"\nfrequency = "daily"\nwarn_days = -1': "must not be negative",
    '[[policy]]\nid = "A"\nfrequency = "daily"\nc_min = 2': "between 0 and 1",
    '[[policy]]\nid = "A"\nfrequency = "daily"\nrequired_aspects = ["roof"]': "must be one of",
    '[[policy]]\nid = "A"\nfrequency = "daily"\n[[policy]]\nid = "A"\nfrequency = "daily"': "the id occurs twice",
    '[policy]\nid = "A"': "must be written as [[policy]]",
    "[[polices]]": "unknown table",
    "version = 2": "only version 1",
    '[settings]\ntime_zone = "Moon"': "no time zone",
    "[settings]\nzone = 1": "unknown key",
    "= broken": "line 1",
}
CUSTODIAN_MISTAKES = {
    '[[responsibility]]\nparty = "x"\nscope = "default"': "is no [[party]]",
    '[[party]]\nid = "a"\n[[responsibility]]\nparty = "a"\nscope = "area"': "an area needs",
    '[[party]]\nid = "a"\n[[responsibility]]\nparty = "a"\nscope = "galaxy"': "must be one of",
    '[[party]]\nid = "a"\n[[responsibility]]\nparty = "a"\nscope = "object"': "target is missing",
    '[[party]]\nid = "a"\n[[responsibility]]\nparty = "a"\nscope = "area"\npolygon = "POLYGON ((0 0, 1 1, 2 2, 0 0))"': "Self-intersection",
    '[[party]]\nid = "a"\n[[responsibility]]\nparty = "a"\nscope = "area"\npolygon = "nonsense"': "polygon:",
    '[[party]]\nid = "a"\n[[responsibility]]\nparty = "a"\nscope = "area"\nring = [[0,0],[1,1]]': "ring",
    '[[party]]\nid = "a"\n[[responsibility]]\nparty = "a"\nscope = "area"\nbox = [0,0,0,0]': "Too few points",
    '[[party]]\nid = "a"\n[[responsibility]]\nparty = "a"\nscope = "default"\nvalid_from = "soon"': "is not a date",
    '[[party]]\nid = "a"\n[[absence]]\nparty = "a"\nsubstitute = "a"\nfrom = "2025"\nto = "2024"': "to must come after from",
}  # fmt: skip
EVIDENCE_MISTAKES = {
    '[[evidence]]\nid = "e"\nkind = "permit"\nevent = "2024"': "object_id, polygon, ring or box is missing",
    '[[evidence]]\nid = "e"\nkind = "permit"\nobject_id = "x"': "event is missing",
    '[[evidence]]\nid = "e"\nkind = "permit"\nobject_id = "x"\nevent = "2024"\np_change = 7': "p_change",
    '[[evidence]]\nid = "e"\nkind = "permit"\nobject_id = "x"\nevent = "2024"\nstatus = "lost"': "must be one of",
}


@pytest.mark.parametrize(
    ("which", "content", "reason"),
    [("policy", *item) for item in POLICY_MISTAKES.items()]
    + [("custodians", *item) for item in CUSTODIAN_MISTAKES.items()]
    + [("evidence", *item) for item in EVIDENCE_MISTAKES.items()],
)
def test_a_mistake_is_told_with_file_place_and_reason(
    tmp_path: Path, which: str, content: str, reason: str
) -> None:
    file = tmp_path / f"{which}.toml"
    file.write_text(content, "utf-8")
    with pytest.raises(BrokenFile) as caught:
        read_rules(**{which: file})
    assert reason in str(caught.value)
    assert file.name in str(caught.value)
    assert caught.value.full_code == f"broken.{which}"


def test_a_missing_file_is_told_as_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_rules(policy=tmp_path / "none.toml")


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BrokenFile):
        read_rules(policy=tmp_path / "p.toml")
