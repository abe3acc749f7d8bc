"""The case "Due Date" of the BCF 3.0 test cases: its topic comes in, goes out again, and nothing is lost."""

import io
import zipfile
from pathlib import Path

from twin.exchange.bcf.reading import read
from twin.exchange.bcf.writing import packed

GUID = "fffc1b9d-1f64-46ee-ad84-4fd4a0640e5f"
MARKUP = f"""<?xml version="1.0" encoding="UTF-8"?>
<Markup><Topic Guid="{GUID}" ServerAssignedId="8" TopicType="Error" TopicStatus="Open">
<Title>To be done by a certain date</Title><CreationDate>2021-02-17T09:25:22.056Z</CreationDate>
<CreationAuthor>Architect@example.com</CreationAuthor><DueDate>2021-03-15T11:00:00.000Z</DueDate>
<AssignedTo>Architect@example.com</AssignedTo></Topic></Markup>"""


def test_a_due_date_and_who_is_assigned_go_round_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "due.bcf"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bcf.version", '<Version VersionId="3.0"/>')
        archive.writestr(f"{GUID}/markup.bcf", MARKUP)
    (topic,) = read(str(path)).topics
    assert topic.guid == GUID
    assert (topic.due, topic.assigned) == ("2021-03-15T11:00:00.000Z", "Architect@example.com")
    content = packed(read(str(path)), "2025-10-27")
    path.write_bytes(content)
    assert read(str(path)).topics == (topic,)
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert {"bcf.version", "extensions.xml", f"{GUID}/markup.bcf"} <= set(names)
