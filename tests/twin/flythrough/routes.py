"""Routes for tests: made by hand and by hypothesis."""

from typing import Any

from hypothesis import strategies as st

from twin.flythrough.records import Keyframe, Route

coordinate = st.floats(-500, 500).map(lambda x: round(x, 3))
point = st.tuples(coordinate, coordinate, coordinate)


def key(t: float, eye: tuple[float, float, float], **more: Any) -> Keyframe:
    target = more.pop("target", (eye[0] + 10.0, eye[1] + 50.0, eye[2] - 20.0))
    return Keyframe(t, eye, target, **more)


def route(*keys: Keyframe, **more: Any) -> Route:
    return Route("r", "Route", tuple(keys), **more)


@st.composite
def routes(draw: st.DrawFn, least: int = 2, eases: tuple[str, ...] = ("smooth",)) -> Route:
    """Routes of 2 to 7 keyframes, at least 5 m and 0.2 s apart."""
    eyes = [
        (x, y, z + n * 5.0)
        for n, (x, y, z) in enumerate(draw(st.lists(point, min_size=least, max_size=7)))
    ]
    keys, t = [], draw(st.floats(0, 5))
    for eye in eyes:
        away = draw(st.tuples(*[st.floats(-100, 100)] * 2, st.floats(-60, 20)))
        target = (eye[0] + away[0] + 1.0, eye[1] + away[1], eye[2] + away[2])
        fov, roll = draw(st.floats(20, 90)), draw(st.floats(-30, 30))
        hold = draw(st.sampled_from([0.0, 0.0, 0.5]))
        keys.append(Keyframe(t, eye, target, fov, roll, draw(st.sampled_from(eases)), hold))
        t += hold + draw(st.floats(0.2, 9))
    return Route("r", "Route", tuple(keys), loop=draw(st.booleans()), constant_speed=False)
