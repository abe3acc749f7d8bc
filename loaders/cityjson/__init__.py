"""CityJSON 1.0, 1.1, 2.0 and CityJSONSeq: whole file in, table and ready tiles out."""

from loaders.cityjson.source import CityJson, CityJsonSource

LOADER = CityJson()

__all__ = ["LOADER", "CityJson", "CityJsonSource"]
