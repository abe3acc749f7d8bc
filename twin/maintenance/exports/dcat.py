"""The audit as a catalogue by DCAT (JSON-LD, GeoDCAT-AP): frequency by the EU's list, dates, custodians."""

from typing import Any

import numpy as np
import orjson

from twin.maintenance.audit import Audit
from twin.maintenance.audited import Audited
from twin.maintenance.exports.iso_values import Upkeep, lonlat_box, public_name, upkeep_of
from twin.maintenance.exports.options import Options
from twin.maintenance.trend import day_of
from twin.messages import Catalogue, catalogue
from twin.observations import KINDS
from twin.records import Party

FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geodcatap": "http://data.europa.eu/930/",
    "locn": "http://www.w3.org/ns/locn#",
    "gsp": "http://www.opengis.net/ont/geosparql#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def write(audit: Audit, options: Options) -> bytes:
    """Return a dcat:Catalog with a dcat:Dataset a source, as JSON-LD with a final newline."""
    words = catalogue(options.language)
    title = audit.beside.title or words.text("metadata.untitled")
    document = {
        "@context": _CONTEXT,
        "@type": "dcat:Catalog",
        "dct:title": _said(title, words),
        "dct:issued": _day(audit.at),
        "dcat:dataset": [_dataset(layer, audit, words) for layer in audit.layers],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _dataset(layer: Audited, audit: Audit, words: Catalogue) -> dict[str, Any]:
    upkeeps = upkeep_of(layer)
    verdict = layer.assessment
    known = verdict.t_eff[layer.counted() & ~np.isnat(verdict.t_eff)]
    units = int((layer.counted() & (verdict.unit == np.arange(len(verdict)))).sum())
    abstract = words.text(
        "metadata.abstract", source=layer.source, units=units, day=day_of(audit.at)
    )
    found: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "dct:identifier": layer.dataset or layer.key or layer.source,
        "dct:title": _said(layer.source, words),
        "dct:description": _said(abstract, words),
    }  # fmt: skip
    if upkeeps:  # one value: that of the policy that governs most units
        found["dct:accrualPeriodicity"] = {"@id": frequency_uri(upkeeps[0])}
    if len(known):
        found["dct:modified"] = _day(known.max())
    issued = _issued(layer)
    if issued is not None:
        found["dct:issued"] = _day(issued)
    people = list(dict.fromkeys(party for item in upkeeps for party in item.custodians))
    if people:
        found["geodcatap:custodian"] = [_agent(party) for party in people]
    box = lonlat_box([layer], audit.beside.crs)
    if box is not None:
        west, south, east, north = box
        ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
        bounds = {"@type": "gsp:wktLiteral", "@value": f"POLYGON (({ring}))"}
        found["dct:spatial"] = {"@type": "dct:Location", "dcat:bbox": bounds}
    return found


def frequency_uri(upkeep: Upkeep) -> str:
    """Return the address of a frequency in the EU's list."""
    return FREQUENCY + upkeep.eu


def _issued(layer: Audited) -> np.datetime64 | None:
    """Return the latest date of publication or delivery that the source tells."""
    said = layer.observations
    told = np.isin(said.kind, [KINDS.index("published"), KINDS.index("delivered")])
    dates = said.t_lo[told & ~np.isnat(said.t_lo)]
    return dates.max() if len(dates) else None


def _agent(party: Party) -> dict[str, Any]:
    kind = "foaf:Organization" if party.organisation else "foaf:Agent"
    found: dict[str, Any] = {"@type": kind, "foaf:name": public_name(party)}
    if party.organisation and party.email:
        found["foaf:mbox"] = {"@id": f"mailto:{party.email}"}
    return found


def _said(text: str, words: Catalogue) -> dict[str, str]:
    return {"@language": words.language, "@value": text}


def _day(at: np.datetime64) -> dict[str, str]:
    return {"@type": "xsd:date", "@value": day_of(at)}
