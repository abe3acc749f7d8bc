"""Small BCF files, made here: equivalents of the topics of buildingSMART's test cases, and wrong ones."""

import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

TOPIC = "8ac9822a-761a-4deb-9f39-f61286acbf6a"
OTHER = "5019d939-62a4-45d9-b205-fab602c98fe8"
VIEW = "20ad2ff7-ceac-4d4b-b288-ad92a0f65182"
VIEW_2 = "14a149d9-f18f-4911-ab22-591ec2c78992"
WALL, PLATE, SPACE = "2_hQ1Rixj6lgHTra$L72O4", "14rw$C3xD3ZeUJL3YaqCEK", "0KkZ20so9BsO1d1hFcfLOl"

CAMERA_3 = (
    "<PerspectiveCamera><CameraViewPoint><X>12.5</X><Y>-8</Y><Z>3.25</Z></CameraViewPoint>"
    "<CameraDirection><X>0</X><Y>1</Y><Z>-0.25</Z></CameraDirection>"
    "<CameraUpVector><X>0</X><Y>0.25</Y><Z>1</Z></CameraUpVector>"
    "<FieldOfView>60</FieldOfView><AspectRatio>1.5</AspectRatio></PerspectiveCamera>"
)
ORTHOGONAL_3 = (
    "<OrthogonalCamera><CameraViewPoint><X>1</X><Y>2</Y><Z>50</Z></CameraViewPoint>"
    "<CameraDirection><X>0</X><Y>0</Y><Z>-1</Z></CameraDirection>"
    "<CameraUpVector><X>0</X><Y>1</Y><Z>0</Z></CameraUpVector>"
    "<ViewToWorldScale>21.75</ViewToWorldScale><AspectRatio>1.25</AspectRatio></OrthogonalCamera>"
)
CAMERA_2 = CAMERA_3.replace("<AspectRatio>1.5</AspectRatio>", "")
ORTHOGONAL_2 = ORTHOGONAL_3.replace("<AspectRatio>1.25</AspectRatio>", "")


def component(guid: str) -> str:
    return f'<Component IfcGuid="{guid}"/>'


def picture(width: int = 6, height: int = 4) -> bytes:
    """A grey PNG."""
    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    parts = [
        (b"IHDR", struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def packed(path: Path, members: Mapping[str, str | bytes]) -> Path:
    """An archive of these members, in this order."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def version(number: str) -> str:
    return f'<?xml version="1.0"?><Version VersionId="{number}"/>'


def topic_2(inner: str = "", beside: str = "", header: str = "", guid: str = TOPIC) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<Markup xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'{header}<Topic Guid="{guid}" TopicType="Structural" TopicStatus="Open">'
        f"<Title>A column stands in the way</Title><CreationDate>2017-05-22T09:51:00Z</CreationDate>"
        f"<CreationAuthor>a@example.com</CreationAuthor>{inner}</Topic>{beside}</Markup>"
    )


def topic_3(
    before: str = "", after: str = "", header: str = "", guid: str = TOPIC, attributes: str = ""
) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Markup>'
        f'{header}<Topic Guid="{guid}" TopicType="Clash" TopicStatus="Open"{attributes}>{before}'
        "<Title>A column stands in the way</Title>"
        "<CreationDate>2021-02-17T09:16:04.160Z</CreationDate>"
        f"<CreationAuthor>a@example.com</CreationAuthor>{after}</Topic></Markup>"
    )


def view_list_2(*guids: str) -> str:
    return "".join(
        f'<Viewpoints Guid="{x}"><Viewpoint>{x}.bcfv</Viewpoint><Snapshot>{x}.png</Snapshot>'
        f"<Index>{n}</Index></Viewpoints>"
        for n, x in enumerate(guids)
    )


def view_list_3(*guids: str) -> str:
    inner = "".join(
        f'<ViewPoint Guid="{x}"><Viewpoint>{x}.bcfv</Viewpoint><Snapshot>{x}.png</Snapshot>'
        f"<Index>{n}</Index></ViewPoint>"
        for n, x in enumerate(guids)
    )
    return f"<Viewpoints>{inner}</Viewpoints>"


def scene(inner: str, guid: str = VIEW) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<VisualizationInfo Guid="{guid}">{inner}</VisualizationInfo>'


def file_2(path: Path, markup: str, views: Mapping[str, str] | None = None, **more: bytes) -> Path:
    """A 2.1 file with one topic; ``more`` are members of its folder."""
    members: dict[str, str | bytes] = {
        "bcf.version": version("2.1"),
        f"{TOPIC}/markup.bcf": markup,
    }
    for guid, inner in (views or {}).items():
        members[f"{TOPIC}/{guid}.bcfv"] = scene(inner, guid)
        members[f"{TOPIC}/{guid}.png"] = picture()
    members.update({f"{TOPIC}/{name}": data for name, data in more.items()})
    return packed(path, members)


def file_3(path: Path, markup: str, views: Mapping[str, str] | None = None, **more: bytes) -> Path:
    """A 3.0 file with one topic."""
    members: dict[str, str | bytes] = {
        "bcf.version": version("3.0"),
        "extensions.xml": "<Extensions/>",
        f"{TOPIC}/markup.bcf": markup,
    }
    for guid, inner in (views or {}).items():
        members[f"{TOPIC}/{guid}.bcfv"] = scene(inner, guid)
        members[f"{TOPIC}/{guid}.png"] = picture()
    members.update({f"{TOPIC}/{name}": data for name, data in more.items()})
    return packed(path, members)
