"""Shared fixtures: where the data lies, and a home of its own for every run."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile(
    "steady", derandomize=True, deadline=None, print_blob=True, max_examples=40
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))  # "default" explores anew

MUCH = 50_000
"""New objects after which garbage is collected."""
REPO = Path(__file__).resolve().parent.parent
DATA = REPO / "tests" / "data"


@pytest.fixture(scope="session", autouse=True)
def _collected_here() -> Iterator[None]:
    """Collect garbage between tests, on their own thread: widgets that a worker collects end the run."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def _swept() -> Iterator[None]:
    yield
    if gc.get_count()[0] > MUCH:
        gc.collect()


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep settings, cache and autosaved projects of the tests away from the user's own."""
    home = tmp_path_factory.mktemp("home")
    own = {
        "CITYTWIN_CONFIG_DIR": home / "config",
        "CITYTWIN_CACHE_FOLDER": home / "cache",
        "CITYTWIN_AUTOSAVE_FOLDER": home / "autosave",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("CITYTWIN_")]:
            if name != "CITYTWIN_SHARED":
                patch.delenv(name)
        for name, folder in own.items():
            folder.mkdir(parents=True, exist_ok=True)
            patch.setenv(name, str(folder))
        patch.setenv("LIBGL_ALWAYS_SOFTWARE", "1")
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real sample data beside the checkout, or skip."""
    shared = Path(os.environ.get("CITYTWIN_SHARED", REPO.parent / "shared"))
    if not (shared / "data").is_dir():
        pytest.skip("the shared sample data is not beside this checkout")
    return shared / "data"


@pytest.fixture(scope="session")
def sample_models() -> Path:
    """Return the folder of the sample city that ships with the product."""
    return REPO / "sample_models"


@pytest.fixture(scope="session")
def tiny() -> Path:
    """Return the folder of tiny samples, one or more a format, cut from the sample city."""
    return DATA
