"""CityJSON 1.0, 1.1, 2.0 and CityJSONSeq: whole file in, table and ready tiles out."""

from dataclasses import dataclass

from twin.ports import Options, Probe, Source, new_source

MARKS = (b'"CityJSON"', b'"CityJSONFeature"', b'"CityObjects"')


@dataclass(frozen=True, slots=True)
class CityJson:
    """The loader of CityJSON 1.0, 1.1, 2.0 and CityJSONSeq, plain or zipped."""

    format: str = "cityjson"
    suffixes: tuple[str, ...] = (
        "city.json", "city.jsonl", "city.json.zip", "city.jsonl.zip", "json", "jsonl",
    )  # fmt: skip
    version: str = "1"

    def recognise(self, probe: Probe) -> int:
        """By the words of the format in the first bytes, else by name."""
        if probe.is_folder:
            return 0
        if probe.head.startswith(b"PK"):
            inside = any(
                name.lower().endswith((".city.json", ".city.jsonl")) for name in probe.names
            )
            named = ".city.json" in f".{probe.suffix}" or "cityjson" in probe.name
            return 90 if inside or named else 0
        if any(mark in probe.head for mark in MARKS[:2]):
            return 98
        if MARKS[2] in probe.head:
            return 90
        if probe.suffix.endswith(("city.json", "city.jsonl")) or probe.name.endswith(".jsonl"):
            return 60
        return 20 if probe.name.endswith(".json") else 0

    def source(self, location: str, options: Options) -> Source:
        """Return a source. Touches nothing."""
        return new_source("loaders.cityjson.source:CityJsonSource", location, options)


LOADER = CityJson()
