"""The rules of the house that no other tool checks. Each was broken once on purpose and seen caught."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent
PACKAGES = ("twin", "loaders", "ui")
SOURCES = sorted(path for package in PACKAGES for path in (REPO / package).rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
FORMAT_LIBRARIES = (
    "ifcopenshell", "DracoPy", "mapbox_earcut", "laspy", "lxml", "pyogrio", "PIL", "opengl_basisu", "zstandard",
    "rasterio", "lazrs",
)  # fmt: skip
SCREEN = ("PySide6", "shiboken6", "vtk", "vtkmodules", "pyvista", "qtawesome", "matplotlib")

ONLY_IN = {
    "vtk": ("ui/viewport/",),
    "vtkmodules": ("ui/viewport/",),
    "pyvista": ("ui/notebook.py",),
    "pyproj": ("twin/georeference",),
    "sqlite3": ("twin/store/", "twin/files/package.py"),
    "threading": ("twin/jobs/",),
    "multiprocessing": ("twin/jobs/",),
    "concurrent": ("twin/jobs/",),
    "subprocess": ("twin/jobs/",),
    "pickle": (),
    "shelve": (),
    "typer": ("ui/cli/",),
    "rich": ("ui/cli/",),
}
"""Library -> the only places that may import it."""

LOCAL_IMPORTS = {
    "loaders/": FORMAT_LIBRARIES,  # a format's library is loaded when a file of that format is opened
    "ui/cli/": (
        "ui",
        "twin",
        "rich",
    ),  # verbs load what they need: `audit` starts without Qt and VTK
    "ui/__main__.py": ("ui",),
}
"""Where an import inside a function is allowed, and of what."""

BROAD_EXCEPTS = {
    "twin/jobs/work.py",  # whatever the work raises is delivered as an outcome
    "ui/cli/__init__.py",  # the outermost frame: no user sees a traceback without --debug
}


def name_of(path: Path) -> str:
    return path.relative_to(REPO).as_posix()


def imports_in(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno


def inside_functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from imports_in(node)


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(REPO)}
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        cwd=REPO,
        check=False,
    )


BLOCK = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Block())
"""


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        name_of(p): n
        for p in SOURCES
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long


def test_no_function_is_longer_than_40_lines() -> None:
    long = [
        f"{name_of(path)}:{node.lineno} {node.name} {lines}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > 40
    ]
    assert not long


def test_nothing_hides_behind_type_checking() -> None:
    used = [name_of(p) for p in SOURCES if "TYPE_CHECKING" in p.read_text(encoding="utf-8")]
    assert not used


def test_imports_stand_at_the_top_of_the_file() -> None:
    found = []
    for path, tree in TREES.items():
        where = name_of(path)
        allowed = next((v for k, v in LOCAL_IMPORTS.items() if where.startswith(k)), ())
        found += [
            f"{where}:{line} {module}"
            for module, line in inside_functions(tree)
            if module.split(".")[0] not in allowed
        ]
    assert not found


def test_each_special_library_has_its_one_place() -> None:
    found = [
        f"{name_of(path)}:{line} {module}"
        for path, tree in TREES.items()
        for module, line in imports_in(tree)
        if (places := ONLY_IN.get(module.split(".")[0])) is not None
        and not any(name_of(path).startswith(place) for place in places)
    ]
    assert not found


def test_a_loader_imports_no_other_loader() -> None:
    found = []
    for path in (REPO / "loaders").rglob("*.py"):
        own = path.relative_to(REPO / "loaders").parts[0].removesuffix(".py")
        for module, line in imports_in(TREES[path]):
            parts = module.split(".")
            if parts[0] == "loaders" and len(parts) > 1:
                if parts[1] != own and not parts[1].startswith("_"):
                    found.append(f"{name_of(path)}:{line} {module}")
            elif parts == ["loaders"]:
                found.append(f"{name_of(path)}:{line} imports from the package itself")
    assert not found


def test_only_the_named_places_catch_everything() -> None:
    found = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            names = (
                {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
                if node.type
                else set()
            )
            broad = node.type is None or names & {"Exception", "BaseException"}
            if broad and name_of(path) not in BROAD_EXCEPTS:
                found.append(f"{name_of(path)}:{node.lineno}")
    assert not found


def test_every_type_ignore_names_its_code() -> None:
    found = [
        f"{name_of(path)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "type: ignore" in line and "type: ignore[" not in line
    ]
    assert not found


def test_every_module_says_its_rule() -> None:
    silent = [name_of(path) for path, tree in TREES.items() if not ast.get_docstring(tree)]
    assert not silent


def test_files_are_named_for_the_field_not_for_the_pattern() -> None:
    refused = {"utils", "util", "helpers", "helper", "common", "manager", "base", "core", "misc"}
    found = [name_of(p) for p in SOURCES if refused & set(p.with_suffix("").parts[-2:])]
    assert not found


def test_no_machine_path_is_written_down() -> None:
    words = ["/" + word + "/" for word in ("work", "root", "home")]
    texts = [*SOURCES, *(REPO / "tests").rglob("*.py"), *(REPO / "docs").rglob("*.md")]
    texts += [*(REPO / "scripts").glob("*"), REPO / "README.md", REPO / "Makefile"]
    found = [
        f"{name_of(path)}: {word}"
        for path in texts
        if path.is_file()
        for word in words
        if word in path.read_text(encoding="utf-8")
    ]
    assert not found


def test_the_composition_root_stays_small() -> None:
    assert len((REPO / "ui" / "app.py").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.slow
def test_the_core_imports_with_qt_vtk_and_every_format_library_blocked() -> None:
    blocked = {*SCREEN, *FORMAT_LIBRARIES, "loaders", "ui"}
    modules = [
        ".".join(path.relative_to(REPO).with_suffix("").parts).removesuffix(".__init__")
        for path in SOURCES
        if path.is_relative_to(REPO / "twin")
    ]
    done = run_python(
        BLOCK.format(blocked=blocked)
        + f"import importlib\nfor name in {modules!r}: importlib.import_module(name)\nprint('fine')"
    )
    assert done.stdout.strip() == "fine", done.stderr


@pytest.mark.slow
def test_audit_and_info_start_without_qt_and_vtk() -> None:
    done = run_python(
        BLOCK.format(blocked=set(SCREEN))
        + "from ui.cli import main\n"
        + "codes = [main([verb, '--help']) for verb in ('audit', 'info')]\n"
        + "print('fine' if codes == [0, 0] else codes)"
    )
    assert done.stdout.strip().endswith("fine"), done.stderr


@pytest.mark.slow
def test_the_window_imports_neither_the_whole_vtk_nor_a_plotting_library() -> None:
    done = run_python(
        "import sys, ui.window\n"
        "print(sorted({'vtk', 'pyvista', 'matplotlib', 'ifcopenshell'} & set(sys.modules)))"
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
