"""The manual names everything a user can meet; the examples in the documents run."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from twin.messages import LANGUAGES, catalogue
from twin.ports import SILENT, Content, Options, Probe

REPO = Path(__file__).resolve().parent.parent
MANUAL = REPO / "docs" / "manual"


def load(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    return load("make_manual", REPO / "scripts" / "make_manual.py")


PAGES = [
    "window.md",
    "command-line.md",
    "commands.md",
    "settings.md",
    "formats.md",
    "rules.md",
    "codes.md",
]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_manual_is_what_the_declarations_say(page: str, maker: ModuleType) -> None:
    written = (MANUAL / page).read_text(encoding="utf-8")
    assert written == maker.NOTE + "\n" + maker.PAGES[page]().rstrip() + "\n", "run `make docs`"


def test_every_error_has_its_text_in_both_languages(maker: ModuleType) -> None:
    maker.errors_page()  # imports whatever declares errors
    missing = [
        (kind.code, language)
        for kind in maker.every_error()
        for language in LANGUAGES
        if not catalogue(language).has(f"error.{kind.code}")
    ]
    assert not missing


def test_every_link_inside_the_documents_leads_somewhere() -> None:
    pages = [REPO / "README.md", REPO / "CONTRIBUTING.md", REPO / "THIRD_PARTY.md"]
    pages += [*(REPO / "docs").rglob("*.md"), *(REPO / "sample_models").glob("*.md")]
    broken = [
        f"{page.relative_to(REPO)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken


def test_the_example_loader_reads_a_file(tmp_path: Path) -> None:
    text = (REPO / "docs" / "adding-a-loader.md").read_text(encoding="utf-8")
    code = text.split("```python\n", 1)[1].split("```", 1)[0]
    (tmp_path / "example_loader.py").write_text(code, encoding="utf-8")
    cloud = tmp_path / "cloud.xyz"
    cloud.write_text("1 2 3\n4 5 6\n", encoding="utf-8")
    loader = load("example_loader", tmp_path / "example_loader.py").LOADER
    assert loader.recognise(Probe(str(cloud))) > 0
    opened = loader.source(str(cloud), Options()).open(SILENT)
    content = opened.ready[0]
    assert isinstance(content, Content)
    assert np.allclose(opened.features.bounds[0], [1, 2, 3, 4, 5, 6])


def test_the_readme_names_only_make_targets_that_exist() -> None:
    makefile = (REPO / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, re.M))
    named: set[str] = set()
    for page in ("README.md", "CONTRIBUTING.md"):
        named |= set(re.findall(r"make (\w+)", (REPO / page).read_text(encoding="utf-8")))
    assert named <= targets
