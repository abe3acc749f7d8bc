"""The audit as metadata by ISO 19115-3: how each source is maintained, by whom, and when next.

Elements stand in the order of the schemas (namespaces 1.0); each frequency is written as code, as duration
and as the next date, because only the latter two can be checked by machines. Rule of mmi.sch:
count(maintenanceAndUpdateFrequency) + count(userDefinedMaintenanceFrequency) > 0.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from twin.exchange.xml import library, sound
from twin.maintenance.audit import Audit
from twin.maintenance.audited import Audited
from twin.maintenance.exports.iso_values import Upkeep, lonlat_box, public_name, upkeep_of
from twin.maintenance.exports.options import Options
from twin.maintenance.trend import day_of
from twin.messages import Catalogue, catalogue
from twin.records import Party

_ROOT = "http://standards.iso.org/iso/19115/-3/{}/1.0"
SPACES = {name: _ROOT.format(name) for name in ("mdb", "mri", "mmi", "mcc", "mrs", "cit", "gex", "lan", "gco")}  # fmt: skip
_LISTS = "http://standards.iso.org/iso/19115/-3/{}/1.0/codelists.html#{}"
_LANGUAGES = {"en": "eng", "zh": "zho"}


def write(audit: Audit, options: Options) -> bytes:
    """Return one MD_Metadata, an identification a source. UTF-8, indented."""
    words = catalogue(options.language)
    root = _element("mdb:MD_Metadata", SPACES)
    locale = _path(root, "mdb:defaultLocale", "lan:PT_Locale")
    _code(_path(locale, "lan:language"), "lan", "LanguageCode", _LANGUAGES[options.language])
    _code(_path(locale, "lan:characterEncoding"), "lan", "MD_CharacterSetCode", "utf8")
    for party in _contacts(audit):
        _responsibility(_path(root, "mdb:contact"), party, "custodian")
    _date(_path(root, "mdb:dateInfo"), day_of(audit.at), "creation")
    if audit.beside.crs:
        code = _path(root, "mdb:referenceSystemInfo", "mrs:MD_ReferenceSystem",
                     "mrs:referenceSystemIdentifier", "mcc:MD_Identifier", "mcc:code")  # fmt: skip
        _text(code, audit.beside.crs)
    for layer in audit.layers:
        _identification(_path(root, "mdb:identificationInfo"), layer, audit, words)
    if not audit.layers:
        _empty(_path(root, "mdb:identificationInfo"), audit, words)
    library().indent(root, " ")
    return bytes(library().tostring(root, xml_declaration=True, encoding="UTF-8")) + b"\n"


def information(upkeep: Upkeep, options: Options) -> str:
    """Return one MD_MaintenanceInformation by itself, for documents about rows."""
    spaces = {name: SPACES[name] for name in ("mmi", "gco", "cit", "mcc")}
    root = _element("mmi:MD_MaintenanceInformation", spaces)
    _fill(root, upkeep, catalogue(options.language))
    library().indent(root, " ")
    return str(library().tostring(root, encoding="unicode"))


def rule_holds(information: Any) -> bool:
    """Return whether an MD_MaintenanceInformation obeys the schematron rule of mmi.sch."""
    names = ("maintenanceAndUpdateFrequency", "userDefinedMaintenanceFrequency")
    return sum(len(information.findall(f"mmi:{name}", SPACES)) for name in names) > 0


def _identification(parent: Any, layer: Audited, audit: Audit, words: Catalogue) -> None:
    found = _path(parent, "mri:MD_DataIdentification")
    verdict = layer.assessment
    known = verdict.t_eff[layer.counted() & ~np.isnat(verdict.t_eff)]
    _citation(found, layer.source, known.max() if len(known) else None)
    states = layer.counted() & (verdict.unit == np.arange(len(verdict)))
    n = int(states.sum())
    abstract = words.text("metadata.abstract", source=layer.source, units=n, day=day_of(audit.at))
    _text(_path(found, "mri:abstract"), abstract)
    upkeeps = upkeep_of(layer)
    for party in dict.fromkeys(party for item in upkeeps for party in item.custodians):
        _responsibility(_path(found, "mri:pointOfContact"), party, "custodian")
    _path(found, "mri:topicCategory", "mri:MD_TopicCategoryCode").text = "structure"
    _extent(found, lonlat_box([layer], audit.beside.crs), words)
    for item in upkeeps:
        _fill(
            _path(found, "mri:resourceMaintenance", "mmi:MD_MaintenanceInformation"), item, words
        )
    locale = _path(found, "mri:defaultLocale", "lan:PT_Locale")
    _code(_path(locale, "lan:language"), "lan", "LanguageCode", _LANGUAGES[words.language])
    _code(_path(locale, "lan:characterEncoding"), "lan", "MD_CharacterSetCode", "utf8")


def _empty(parent: Any, audit: Audit, words: Catalogue) -> None:
    found = _path(parent, "mri:MD_DataIdentification")
    _citation(found, audit.beside.title or words.text("metadata.untitled"), audit.at)
    text = words.text("metadata.abstract", source="", units=0, day=day_of(audit.at))
    _text(_path(found, "mri:abstract"), text)
    _extent(found, None, words)


def _citation(found: Any, title: str, revised: np.datetime64 | None) -> None:
    citation = _path(found, "mri:citation", "cit:CI_Citation")
    _text(_path(citation, "cit:title"), title)
    if revised is not None:
        _date(_path(citation, "cit:date"), day_of(revised), "revision")


def _extent(found: Any, box: tuple[float, float, float, float] | None, words: Catalogue) -> None:
    extent = _path(found, "mri:extent", "gex:EX_Extent")
    if box is None:
        _text(_path(extent, "gex:description"), words.text("metadata.no_place"))
        return
    holder = _path(extent, "gex:geographicElement", "gex:EX_GeographicBoundingBox")
    west, south, east, north = box
    for name, value in (("westBoundLongitude", west), ("eastBoundLongitude", east),
                        ("southBoundLatitude", south), ("northBoundLatitude", north)):  # fmt: skip
        _path(holder, f"gex:{name}", "gco:Decimal").text = f"{value:.7f}"


def _fill(parent: Any, upkeep: Upkeep, words: Catalogue) -> None:
    """Write the children of an MD_MaintenanceInformation in the order of maintenance.xsd."""
    frequency = _path(parent, "mmi:maintenanceAndUpdateFrequency")
    _code(frequency, "mmi", "MD_MaintenanceFrequencyCode", upkeep.frequency.code)
    if upkeep.next_update is not None:
        _date(_path(parent, "mmi:maintenanceDate"), day_of(upkeep.next_update), "nextUpdate")
    if upkeep.duration is not None:
        holder = _path(parent, "mmi:userDefinedMaintenanceFrequency", "gco:TM_PeriodDuration")
        holder.text = str(upkeep.duration)
    scope = _path(parent, "mmi:maintenanceScope", "mcc:MD_Scope", "mcc:level")
    _code(scope, "mcc", "MD_ScopeCode", "feature")
    note = words.text("metadata.note", policy=upkeep.policy.id, title=upkeep.policy.title,
                      units=len(upkeep.rows))  # fmt: skip
    _text(_path(parent, "mmi:maintenanceNote"), note)
    for party in upkeep.custodians:
        _responsibility(_path(parent, "mmi:contact"), party, "custodian")


def _contacts(audit: Audit) -> Sequence[Party]:
    found = [p for x in audit.layers for upkeep in upkeep_of(x) for p in upkeep.custodians]
    return tuple(dict.fromkeys(found)) or (Party("unknown", "unknown"),)


def _responsibility(parent: Any, party: Party, role: str) -> None:
    found = _path(parent, "cit:CI_Responsibility")
    _code(_path(found, "cit:role"), "cit", "CI_RoleCode", role)
    kind = "cit:CI_Organisation" if party.organisation else "cit:CI_Individual"
    holder = _path(found, "cit:party", kind)
    if party.organisation:
        _text(_path(holder, "cit:name"), public_name(party))
        if party.email:
            address = _path(holder, "cit:contactInfo", "cit:CI_Contact", "cit:address", "cit:CI_Address")  # fmt: skip
            _text(_path(address, "cit:electronicMailAddress"), party.email)
    else:
        _text(_path(holder, "cit:positionName"), public_name(party))


def _date(parent: Any, day: str, kind: str) -> None:
    found = _path(parent, "cit:CI_Date")
    _path(found, "cit:date", "gco:Date").text = day
    _code(_path(found, "cit:dateType"), "cit", "CI_DateTypeCode", kind)


def _code(parent: Any, space: str, name: str, value: str) -> None:
    found = _path(parent, f"{space}:{name}")
    found.set("codeList", _LISTS.format(space, name))
    found.set("codeListValue", value)
    found.text = value


def _text(parent: Any, text: str) -> None:
    _path(parent, "gco:CharacterString").text = sound(text)


def _element(name: str, spaces: dict[str, str]) -> Any:
    space, _, local = name.partition(":")
    return library().Element(f"{{{spaces[space]}}}{local}", nsmap=spaces)


def _path(parent: Any, *names: str) -> Any:
    """Return the last of new elements, one within the other."""
    for name in names:
        space, _, local = name.partition(":")
        parent = library().SubElement(parent, f"{{{SPACES[space]}}}{local}")
    return parent
