"""Which way faces look: edges that two faces share, and faces turned until neighbours agree."""

from dataclasses import dataclass

import numpy as np

from loaders._rings import successors
from loaders.ifc.statements import Bool, Ints
from twin.geometry import I32


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs of faces i64(n, 2) that meet at an edge of just these two, whether both run along it the
    ``same`` way (they look to different sides), and the faces with an edge that is not so shared."""

    pairs: Ints
    same: Bool
    alone: Ints


def edges_of(vertex: Ints, size: I32, face: Ints) -> Edges:
    """Return the edges of rings of corners: ``vertex`` and ``face`` i64(n) of each corner."""
    after = vertex[successors(size)]
    real = vertex != after
    a, b, face = vertex[real], after[real], face[real]
    n = int(vertex.max(initial=0)) + 1
    code = np.minimum(a, b) * n + np.maximum(a, b)
    order = np.argsort(code, kind="stable")
    code = code[order]
    first = np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]])[: len(code)])
    many = np.diff(np.concatenate([first, [len(code)]]))
    alone = np.repeat(many != 2, many)
    two = first[many == 2]
    one, other = order[two], order[two + 1] if len(two) else two
    forth = a < b
    return Edges(
        np.stack([face[one], face[other]], axis=1), forth[one] == forth[other], face[order][alone]
    )


def turned_faces(edges: Edges, count: int) -> Bool:
    """Return bool(count): the faces to turn so that neighbours look to the same side.

    Each face takes the side of the smallest-numbered face that it can be reached from; only groups
    of faces that disagree somewhere are walked through.
    """
    turned = np.zeros(count, np.bool_)
    if not edges.same.any():
        return turned
    group = _groups(edges.pairs, count)
    wrong = np.zeros(count, np.bool_)
    wrong[group[edges.pairs[edges.same, 0]]] = True
    inside = wrong[group[edges.pairs[:, 0]]]
    pairs, same = edges.pairs[inside], edges.same[inside].astype(np.int64)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    flips = np.concatenate([same, same])
    key = 2 * np.arange(count)
    while True:
        best = key.copy()
        np.minimum.at(best, both[:, 1], key[both[:, 0]] ^ flips)
        if (best >> 1 == key >> 1).all():
            break
        better = best >> 1 < key >> 1
        key[better] = best[better]
    return np.asarray(key & 1, np.bool_)


def _groups(pairs: Ints, count: int) -> Ints:
    """Return for each face the smallest number of those it is joined with."""
    label = np.arange(count)
    while True:
        low = np.minimum(label[pairs[:, 0]], label[pairs[:, 1]])
        before = label.copy()
        np.minimum.at(label, pairs[:, 0], low)
        np.minimum.at(label, pairs[:, 1], low)
        label = label[label]
        if np.array_equal(label, before):
            return label
