"""Tables, weights and rules as files: what is wrong is named with its place; unknown is never a zero."""

from pathlib import Path

import numpy as np
import pytest

from tests.twin.maintenance.bim.making import METHOD, eight
from twin.errors import BrokenFile, NotFound
from twin.maintenance.bim import applied, read_packs
from twin.maintenance.bim.answers import Question, answer, as_document, as_text, table_of
from twin.maintenance.bim.method_files import method_of, pack_names
from twin.maintenance.bim.table_file import read_table
from twin.maintenance.bim.triggers import NO, UNDECIDED, YES
from twin.messages import LANGUAGES


def table(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_bad_cell_is_named_with_its_line_and_counts_as_missing(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "id,gfa_m2,height_m,use,occupancy,extra\na,42 k,62,hospital,3200,x\n\n,1,2,office,3,\na,1,1,office,1,\n"
        "b,6100,,castle,-5,\n",
    )
    found = read_table(path, METHOD)
    assert found.id.tolist() == ["a", "b"]
    assert [(p.code, p.params["line"]) for p in found.problems] == [
        ("bim.bad_cell", 2), ("bim.no_id", 4), ("bim.id_twice", 5),
        ("bim.bad_cell", 6), ("bim.bad_cell", 6), ("bim.unknown_columns", 1),
    ]  # fmt: skip
    assert "42 k" in found.problems[0].said("en")
    assert found.missing(0) == ("gfa_m2", "heritage", "gap", "cost")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_tables_of_other_programs(tmp_path: Path, encoding: str) -> None:
    path = table(tmp_path, "id;name;height_m;use;public\n1;市医院;62,5;医院;是\n", encoding)
    found = read_table(path, METHOD)
    assert found.name.tolist() == ["市医院"]
    assert found["height_m"].tolist() == [62.5]
    assert METHOD.uses[int(found["use"][0])].id == "hospital"
    assert found["public"].tolist() == [1.0]


@pytest.mark.parametrize(
    "text", ["", "name,cost\nx,1\n", "id,cost\n", "id,cost,cost\na,1,2\n", 'id\n"a\n']
)
def test_a_table_without_candidates_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BrokenFile):
        read_table(table(tmp_path, text), METHOD)
    with pytest.raises(NotFound):
        read_table(tmp_path / "none.csv", METHOD)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[weights]\ngfa = 0.5", "add up to 1.25"),
        ("[weigths]\ngfa = 0.5", "unknown"),
        ("[settings]\nchange = 2.0", "change lies within"),
        ("[ramps]\ngfa = [5, 1]", "must be larger"),
        ("[[use]]\nid = 'x'\nvalue = 3", "between 0 and 1"),
        ("[cost]\nper_m2 = 'much'", "no number"),
        ("weights = 3", "must be a table"),
        ("version = 2", "only version 1"),
        ("x =", "Invalid"),
    ],
)
def test_a_wrong_method_names_the_place(text: str, words: str) -> None:
    with pytest.raises(BrokenFile, match=words):
        method_of(text, "w.toml")


def test_a_method_may_say_only_what_differs() -> None:
    found = method_of('title = "T"\n[cost]\nper_m2 = 10', "w.toml")
    assert found.weights == METHOD.weights
    assert found.cost(np.array([10_000.0])).tolist() == [140.0]
    assert (found.title, found.cost.base_k) == ("T", 40.0)


@pytest.mark.parametrize(
    ("word", "use"),
    [("Museum", "culture"), ("31001_3051", "hospital"), ("woonfunctie,kantoorfunctie", "office"),
     ("(2:industriefunctie,woonfunctie)", "industrial"), ("residential building", "residential")],
)  # fmt: skip
def test_words_and_codes_name_uses(word: str, use: str) -> None:
    assert METHOD.uses[METHOD.use_of(word)].id == use
    assert METHOD.use_of("voetpad") == -1


def test_every_rule_has_its_source_and_its_warning() -> None:
    assert set(pack_names()) == {"HK", "Shanghai", "Shenzhen", "Singapore", "England", "CN"}
    for rule in read_packs():
        assert rule.source
        assert set(rule.words) == set(LANGUAGES)
    found = answer(eight(), METHOD, Question(1800, rules=read_packs(), stable=False))
    said = as_document(found)["rules"]
    assert all("Check the circular" in rule["warning"] for rule in said)
    for language in LANGUAGES:
        assert as_text(found, language).count("\n") > 20


def test_rules_on_projects_force_nothing_until_candidates_are_projects() -> None:
    rules = [rule for rule in read_packs() if rule.pack == "Singapore"]
    standing = applied(eight(), rules, METHOD)
    assert not standing.must.any()
    assert set(standing.verdict[:, 0].tolist()) == {UNDECIDED}
    built = applied(eight(), rules, METHOD, projects=True)
    assert built.must.all()


def test_must_and_should_stand_apart_and_a_missing_input_is_undecided() -> None:
    by_name = {rule.id: place for place, rule in enumerate(read_packs())}
    found = applied(eight(), read_packs(), METHOD, projects=True)
    assert found.verdict[0, by_name["Shanghai-501-public"]] == YES
    assert found.verdict[0, by_name["HK-capital-works"]] == UNDECIDED
    assert found.verdict[2, by_name["CN-super-high-rise"]] == YES
    assert found.verdict[1, by_name["CN-super-high-rise"]] == NO
    assert found.verdict[5, by_name["England-golden-thread"]] == UNDECIDED
    shanghai = [rule for rule in read_packs() if rule.pack == "Shanghai"]
    assert not applied(eight(), shanghai, METHOD, projects=True).must.any()


def test_costs_come_from_the_rule_where_nobody_said() -> None:
    bare = eight()
    columns = {name: values for name, values in bare.columns.items() if name != "cost"}
    found = answer(type(bare)(bare.id, bare.name, columns), METHOD, Question(1800, stable=False))
    assert found.guessed.all()
    assert found.found["cost"][0] == 40 + 20 * 42
    assert "cost" not in found.found.missing(0)


def test_assumptions_fill_what_no_source_says() -> None:
    assumed = method_of("[assume]\noccupancy = 100", "w.toml")
    found = answer(eight(), assumed, Question(1800, stable=False))
    assert found.scores.low[7] == found.scores.high[7] == pytest.approx(31.2114, abs=5e-5)


def test_an_answer_as_a_table_says_what_is_missing() -> None:
    found = table_of(answer(eight(), METHOD, Question(1800, stable=False)))
    town_hall = next(row for row in found.rows if row[0] == "B8 town hall")
    assert town_hall[2] == "collect data first"
    assert "number of people" in town_hall
