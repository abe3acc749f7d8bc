"""What a worker does of an analysis: put the study together, apply the scenario, answer, stamp."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from twin.analyses.comparison import change_of
from twin.analyses.findings import Analysis, Findings
from twin.analyses.results import Circumstances, Result, print_of, result_of
from twin.analyses.scenarios import Scenario, applied, left_out
from twin.analyses.soup import Piece, bodies_of
from twin.analyses.study import Study, StudyLayer
from twin.errors import NothingToStudy, NotReadable
from twin.geometry import F64
from twin.georeference import ProjectFrame
from twin.jobs import Feedback
from twin.opening import sha256_of
from twin.scene import LayerId

STEP = 100.0
"""Metres to the north of a place at which the direction of true north is looked for."""


@dataclass(frozen=True)
class Question:
    """What is asked: an analysis of a scenario (None = as it stands), a key and a title for its result.

    ``against`` (scenario or None) is answered too where ``compared``; ``layers`` () = all visible ones.
    """

    key: str
    title: str
    analysis: Analysis
    scenario: Scenario | None = None
    against: Scenario | None = None
    compared: bool = False
    layers: tuple[LayerId, ...] = ()
    program: str = ""

    @property
    def sides(self) -> tuple[Scenario | None, ...]:
        """Return the scenarios that are answered, what is compared with first."""
        return (self.against, self.scenario) if self.compared else (self.scenario,)


@dataclass(frozen=True)
class Frozen:
    """What a worker puts a study together from."""

    question: Question
    layers: tuple[StudyLayer, ...]
    pieces: tuple[tuple[Piece, ...], ...]
    lifts: tuple[float, ...]
    around: Circumstances
    frame: ProjectFrame | None
    study: Study
    spared: bool = False
    """Whether point clouds within the reach were left out."""


def edits_print_of(sides: Sequence[Scenario | None]) -> str:
    """Return the fingerprint of scenarios (None = as it stands); '' = as it stands alone."""
    edits = [side.edits if side is not None else () for side in sides]
    return print_of([repr(some) for some in edits]) if any(edits) else ""


def steps_of(sides: Sequence[Scenario | None]) -> tuple[tuple[str, ...], ...]:
    """Return the edits of scenarios as a stamp has them."""
    return tuple(
        (side.id, one.id, one.kind, one.title, str(len(one.objects)), print_of(repr(one))[:16])
        for side in sides
        if side is not None
        for one in side.edits
    )


def whole_answer(frozen: Frozen, feedback: Feedback) -> Result:
    """Return the result of what was gathered. Raises what the analysis raises, Cancelled."""
    return answered(frozen, assembled(frozen, feedback), feedback)


def assembled(frozen: Frozen, feedback: Feedback) -> Study:
    """Return the study as it stands. Raises NothingToStudy, Cancelled."""
    layers = tuple(_hashed(layer, feedback) for layer in frozen.layers)
    drawn = [layer.there for layer in layers]
    bodies = bodies_of(frozen.pieces, frozen.lifts, drawn, feedback)
    study = replace(frozen.study, layers=layers, bodies=bodies)
    if not len(bodies) and not any(len(some.row) for some in study.spots):
        raise NothingToStudy(reason="no surface lies in the area")
    if frozen.frame is None or not len(bodies):
        return study
    low, high = bodies.box()
    lon, lat, turn = _place(frozen.frame, (low + high) / 2)
    return replace(study, lonlat=(lon, lat), north=turn)


def _hashed(layer: StudyLayer, feedback: Feedback) -> StudyLayer:
    if layer.sha256 or not layer.path:
        return layer
    try:
        return replace(layer, sha256=sha256_of(layer.path, feedback))
    except NotReadable:
        return layer


def _place(frame: ProjectFrame, middle: F64) -> tuple[float, float, float]:
    """Return longitude and latitude of a place, and true north there: degrees clockwise from +y."""
    ends = frame.lonlat(np.stack([middle, middle + np.array([0.0, STEP, 0.0])]))
    (lon, lat), (lon2, lat2) = ends[0, :2].tolist(), ends[1, :2].tolist()
    east = (lon2 - lon) * np.cos(np.radians(lat))
    return lon, lat, -float(np.degrees(np.arctan2(east, lat2 - lat)))


def answered(frozen: Frozen, study: Study, feedback: Feedback) -> Result:
    """Return the result of a study, edits of scenarios applied. Raises what the analysis raises."""
    question = frozen.question
    answers: list[tuple[Study, Findings]] = []
    for side in question.sides:
        feedback.check()
        seen = applied(_without_apart(study, side, question), side)
        answers.append((seen, question.analysis.run(seen, feedback)))
    last, found = answers[-1]
    if question.compared:
        found = change_of(answers[0][1], found)
    if frozen.spared:
        found = replace(found, notes=(*found.notes, "points_left_out"))
    result = result_of(
        question.key, question.title, question.analysis, (last, found), frozen.around
    )
    result = replace(result, layers=question.layers)
    if not question.compared:
        return result
    return replace(result, against=question.against.id if question.against is not None else "")


def _without_apart(study: Study, side: Scenario | None, question: Question) -> Study:
    """Return the study without the layers that stand only in the other scenario."""
    both = [one for one in question.sides if one is not None]
    away = [study.number(key) for key in left_out(both, side)]
    if not away:
        return study
    kept = ~np.isin(study.bodies.layer, away)
    layers = tuple(
        replace(layer, there=np.zeros(len(layer.there), np.bool_)) if number in away else layer
        for number, layer in enumerate(study.layers)
    )
    return replace(study, layers=layers, bodies=study.bodies.only(kept))
