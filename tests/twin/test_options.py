"""What a person decides about a source among what its format offers."""

from pathlib import Path

import pytest

from tests.loaders.ifc_files import Building
from twin.choices import Option
from twin.errors import UsageError
from twin.messages import LANGUAGES, catalogue
from twin.opening import manifest
from twin.options import ignored, pairs, parsed, with_option
from twin.ports import registered
from twin.records import About, SourceRef
from twin.session import Session
from twin.settings import Settings

OFFERED = About("any", options=(Option("spaces", ("off", "on")), Option("code", ("auto", "a"))))


def test_choices_are_read_from_lines_and_manifests_and_kept_in_order(tmp_path: Path) -> None:
    assert parsed(["b=2", " a = x=y "]) == (("a", "x=y"), ("b", "2"))
    assert pairs({"spaces": True, "grids": False}) == (("grids", "off"), ("spaces", "on"))
    for line in ("a", "=b", "a="):
        with pytest.raises(UsageError):
            parsed([line])
    path = tmp_path / "city.toml"
    path.write_text('[[source]]\npath = "a.ifc"\noptions = {spaces = true, encoding = "Big5"}\n')
    (ref,) = manifest(path)
    assert ref.options == (("encoding", "Big5"), ("spaces", "on"))


def test_a_choice_is_kept_only_where_it_differs_and_only_where_it_is_offered() -> None:
    ref = with_option(SourceRef("a"), OFFERED, "spaces", "on")
    assert ref.options == (("spaces", "on"),)
    assert with_option(ref, OFFERED, "spaces", "off").options == ()
    with pytest.raises(UsageError, match="options: spaces, code"):
        with_option(ref, OFFERED, "walls", "on")
    with pytest.raises(UsageError, match="auto, a"):
        with_option(ref, OFFERED, "code", "b")


def test_a_choice_that_means_nothing_to_a_source_is_told() -> None:
    assert not ignored((("spaces", "on"),), OFFERED)
    told = ignored((("code", "b"), ("walls", "on")), OFFERED)
    assert [(p.code, p.params["name"]) for p in told] == [
        ("option.ignored", "code"),
        ("option.ignored", "walls"),
    ]


def test_every_option_of_every_format_has_its_words_in_both_languages() -> None:
    offered = [
        (name, option.name)
        for name, loader in registered("citytwin.loaders").items()
        for option in getattr(loader, "options", ())
    ]
    assert offered
    for language in LANGUAGES:
        words = catalogue(language)
        for name, option in offered:
            for key in ("title", option, f"{option}_tip"):
                assert words.has(f"option.{name}.{key}"), (language, name, key)


def rooms(folder: Path) -> str:
    """Return a model with a wall and a space."""
    made = Building()
    made.element("IfcWall", "Wall", made.body(made.box(1.0, 0.2, 3.0)), (0.0, 0.0, 0.0))
    space = made.root("IfcSpace", "Room", ObjectPlacement=made.placement(0.0, 1.0, 0.0))
    space.Representation = made.body(made.box(4.0, 4.0, 3.0))
    made.relate("IfcRelAggregates", made.storeys[0], [space])
    return made.write(folder, "rooms.ifc")


def drawn(session: Session) -> int:
    session.finish()
    session.index()
    return session.screen.streams["rooms"].finest()[0]


@pytest.mark.slow
def test_a_choice_opens_the_source_again_is_undone_and_stays_in_the_project(
    tmp_path: Path,
) -> None:
    session = Session(Settings(cache_folder=str(tmp_path / "cache")))
    try:
        session.open(rooms(tmp_path))
        assert drawn(session) == 12
        session.run("layers.option", layer="rooms", option="spaces", value="on")
        assert drawn(session) == 24
        session.undo()
        assert drawn(session) == 12
        session.redo()
        session.save_as(tmp_path / "a.twin.gpkg")
    finally:
        session.close()
    session = Session(Settings(cache_folder=str(tmp_path / "cache")))
    try:
        session.open(str(tmp_path / "a.twin.gpkg"))
        assert drawn(session) == 24
        assert session.twin.layer("rooms").source.options == (("spaces", "on"),)
    finally:
        session.close()
