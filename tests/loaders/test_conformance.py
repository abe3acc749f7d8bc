"""What every loader promises, whoever wrote it: entry points and samples are found by themselves."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import DATA
from twin.errors import OpenError, TwinError
from twin.geometry import Instances
from twin.opening import probe, recognise
from twin.ports import SILENT, Content, Growth, Loader, Opened, Options, registered

LOADERS = dict(registered("citytwin.loaders"))
SURE = 30
"""What no loader is so sure of is other data for tests."""
SAMPLES = sorted(
    path
    for path in (
        *DATA.iterdir(),
        *DATA.glob("*_tileset/tileset.json"),
        *DATA.glob("*_block/Data/*/*.osgb"),
    )
    if path.is_file()
    and any(path.name.endswith(f".{s}") for x in LOADERS.values() for s in x.suffixes)
    and any(loader.recognise(probe(str(path))) >= SURE for loader in LOADERS.values())
)
SLACK = 0.01
"""Metres by which a vertex may leave its tile's box: a box is stored as float32 half axes."""


def loader_of(sample: Path) -> Loader:
    return recognise(str(sample), LOADERS)


def opened(sample: Path) -> Opened:
    return loader_of(sample).source(str(sample), Options()).open(SILENT)


def contents(sample: Path, found: Opened) -> dict[int, Content]:
    source = loader_of(sample).source(str(sample), Options())
    tiles = {}
    for tile in np.flatnonzero(found.tree.content).tolist():
        content: Content | Growth | None = found.ready.get(tile)
        if content is None:
            token = found.tokens[tile] if found.tokens else None
            content = source.fetch(tile, token, SILENT)
        if isinstance(content, Content):
            tiles[tile] = content
    return tiles


each = pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_a_loader_has_a_sample_and_its_own_name(name: str) -> None:
    assert any(loader_of(sample) is LOADERS[name] for sample in SAMPLES)
    assert LOADERS[name].format
    assert LOADERS[name].version
    assert all(not suffix.startswith(".") for suffix in LOADERS[name].suffixes)


@each
def test_only_one_loader_is_sure_of_a_sample(sample: Path) -> None:
    seen = probe(str(sample))
    scores = sorted(loader.recognise(seen) for loader in LOADERS.values())
    assert scores[0] >= 0
    assert scores[-1] <= 100
    assert scores[-1] > scores[-2]


@each
def test_source_and_answers_cross_a_process(sample: Path) -> None:
    source = loader_of(sample).source(str(sample), Options())
    again = pickle.loads(pickle.dumps(source))
    assert again == source
    found = opened(sample)
    copy = pickle.loads(pickle.dumps(found))
    assert np.array_equal(copy.features.bounds, found.features.bounds)
    pickle.dumps(contents(sample, found))


@each
def test_ids_are_unique_and_parents_exist(sample: Path) -> None:
    found = opened(sample)
    tables = [found.features]
    tables += [c.features for c in contents(sample, found).values() if c.features is not None]
    assert any(len(table) for table in tables)
    for table in tables:
        assert len({str(key) for key in table.id}) == len(table)
        assert (table.parent >= -1).all()
        assert (table.parent < len(table)).all()
        assert (table.parent != np.arange(len(table))).all()


@each
def test_features_of_a_tile_are_rows_and_no_vertex_is_shared_by_two(sample: Path) -> None:
    found = opened(sample)
    for content in contents(sample, found).values():
        table = found.features if content.features is None else content.features
        for drawable in content.drawables:
            assert (drawable.feature >= -1).all()
            assert (drawable.feature < len(table)).all()


@each
def test_positions_are_finite_and_lie_in_their_tile(sample: Path) -> None:
    found = opened(sample)
    for tile, content in contents(sample, found).items():
        center, axes = found.tree.center[tile], found.tree.axes[tile].astype(np.float64)
        reach = np.linalg.norm(axes, axis=1)
        unit = axes / np.maximum(reach, 1e-12)[:, None]
        for drawable in content.drawables:
            if isinstance(drawable, Instances):
                continue
            points = drawable.positions.astype(np.float64) + drawable.origin
            assert np.isfinite(points).all()
            inside = np.abs((points - center) @ unit.T) <= reach + SLACK + 1e-3 * reach
            assert inside.all(), f"tile {tile}"


@each
def test_observations_speak_of_rows_that_exist(sample: Path) -> None:
    found = opened(sample)
    pairs = [(found.observations, len(found.features))]
    pairs += [
        (content.observations, len(content.features))
        for content in contents(sample, found).values()
        if content.observations is not None and content.features is not None
    ]
    assert any(len(observations) for observations, _ in pairs)
    for observations, rows in pairs:
        assert (observations.row >= -1).all()
        assert (observations.row < rows).all()
        assert (observations.t_lo < observations.t_hi)[~np.isnat(observations.t_lo)].all()


@each
def test_opening_twice_gives_the_same(sample: Path) -> None:
    one, two = opened(sample), opened(sample)
    assert list(one.features.id) == list(two.features.id)
    assert np.array_equal(one.features.bounds, two.features.bounds)
    assert np.array_equal(one.tree.center, two.tree.center)


@each
def test_half_a_file_is_an_error_that_says_so(sample: Path, tmp_path: Path) -> None:
    half = tmp_path / sample.name
    data = sample.read_bytes()
    half.write_bytes(data[: len(data) // 2])
    with pytest.raises(OpenError) as raised:
        loader_of(sample).source(str(half), Options()).open(SILENT)
    assert str(raised.value).startswith(str(half))


@each
def test_a_missing_file_is_an_error_of_the_twin(sample: Path, tmp_path: Path) -> None:
    with pytest.raises(TwinError):
        loader_of(sample).source(str(tmp_path / sample.name), Options()).open(SILENT)
