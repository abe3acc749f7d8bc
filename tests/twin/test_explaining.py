"""What is said of a layer: complete, the same in both languages, and nothing twice."""

from pathlib import Path

import numpy as np
import pytest

from tests.twin.test_session import session
from twin.explaining import SECTIONS, credits_of, explain, explained, grouped
from twin.messages import LANGUAGES, catalogue
from twin.records import Problem
from twin.streaming import Frame, LayerFrame, Resident, state_of


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_of_a_layer_has_its_words(tmp_path: Path, tiny: Path, language: str) -> None:
    city = session(tmp_path)
    city.open(str(tiny / "delft_tiny_tileset"))
    city.finish()
    city.index()
    key = next(iter(city.twin.layers))
    layer, stream = city.twin.layer(key), city.screen.streams[key]
    facts = explain(layer, stream, city.project, language)
    words = catalogue(language)
    assert {fact.section for fact in facts} <= set(SECTIONS)
    assert not [fact for fact in facts if fact.label(words).startswith("explain.")]
    assert not [fact for fact in facts if fact.text(words).startswith("explained.")]
    fields = [fact for fact in facts if fact.key == "field"]
    assert fields
    assert all(fact.label(words) != fact.named for fact in fields)
    said = {fact.key: fact.value for fact in facts}
    assert said["objects"] == len(layer.features)
    assert said["tiles"] == said["tiles_seen"] == int(layer.tree.content.sum())
    assert int(said["known"] or 0) + int(said["unknown"] or 0) == len(layer.features)
    text = explained(layer.title, facts, language)
    assert text.count("\n- ") == len(facts)
    city.close()


def test_problems_are_grouped_by_code_and_none_is_lost() -> None:
    found = grouped([Problem("a", "A", "1"), Problem("b", "B"), Problem("a", "A", "2")], "en")
    assert [(x.code, x.count, x.places) for x in found] == [("a", 2, ("1", "2")), ("b", 1, ())]


def test_credits_are_of_visible_layers_and_drawn_tiles_and_each_stands_once(
    tmp_path: Path, tiny: Path
) -> None:
    city = session(tmp_path)
    city.open(str(tiny / "delft_tiny.city.json"))
    city.finish()
    key = next(iter(city.twin.layers))
    rows = np.zeros(1, np.int32)
    tile = Resident((), rows, np.zeros(6), 0, ("© One; © Two", "© Two"))
    frame = Frame({key: LayerFrame({0: tile}, state_of(1), 1)})
    assert credits_of(city.twin.layers, frame) == ("© One", "© Two")
    city.run("layers.hide", layer=key)
    assert credits_of(city.twin.layers, frame) == ()
    city.close()
