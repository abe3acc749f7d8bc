<?xml version="1.0" encoding="UTF-8"?>
<!-- A made town: no place in the world. -->
<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0" xmlns:bldg="http://www.opengis.net/citygml/building/2.0" xmlns:veg="http://www.opengis.net/citygml/vegetation/2.0" xmlns:tran="http://www.opengis.net/citygml/transportation/2.0" xmlns:gen="http://www.opengis.net/citygml/generics/2.0" xmlns:gml="http://www.opengis.net/gml" xmlns:xAL="urn:oasis:names:tc:ciq:xsdschema:xAL:2.0" xmlns:xlink="http://www.w3.org/1999/xlink">
  <gml:name>Tiny town</gml:name>
  <gml:boundedBy><gml:Envelope srsName="urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH" srsDimension="3"><gml:lowerCorner>565000 5933000 10</gml:lowerCorner><gml:upperCorner>565060 5933030 22</gml:upperCorner></gml:Envelope></gml:boundedBy>
  <core:cityObjectMember>
    <bldg:Building gml:id="B1">
      <gml:name>Town hall</gml:name>
      <core:creationDate>2022-01-30</core:creationDate>
      <core:externalReference><core:informationSystem>http://repository.gdi-de.org/schemas/adv/citygml/fdv/art.htm#_9100</core:informationSystem><core:externalObject><core:name>DEHHALKA00000001</core:name></core:externalObject></core:externalReference>
      <gen:stringAttribute name="Gemeindeschluessel"><gen:value>02500523</gen:value></gen:stringAttribute>
      <gen:stringAttribute name="Grundrissaktualitaet"><gen:value>2021-12-07</gen:value></gen:stringAttribute>
      <gen:intAttribute name="rooms"><gen:value>12</gen:value></gen:intAttribute>
      <gen:measureAttribute name="floor area"><gen:value uom="m2">128.5</gen:value></gen:measureAttribute>
      <bldg:function>31001_2071</bldg:function>
      <bldg:yearOfConstruction>1985</bldg:yearOfConstruction>
      <bldg:address><core:Address><core:xalAddress><xAL:AddressDetails><xAL:Country><xAL:CountryName>Germany</xAL:CountryName><xAL:Locality Type="Town"><xAL:LocalityName>Hamburg</xAL:LocalityName><xAL:Thoroughfare Type="Street"><xAL:ThoroughfareNumber>7</xAL:ThoroughfareNumber><xAL:ThoroughfareName>Marktweg</xAL:ThoroughfareName></xAL:Thoroughfare><xAL:PostalCode><xAL:PostalCodeNumber>20095</xAL:PostalCodeNumber></xAL:PostalCode></xAL:Locality></xAL:Country></xAL:AddressDetails></core:xalAddress></core:Address></bldg:address>
      <bldg:consistsOfBuildingPart><bldg:BuildingPart gml:id="B1_1">
        <bldg:roofType>1000</bldg:roofType>
        <bldg:measuredHeight uom="urn:adv:uom:m">6.0</bldg:measuredHeight>
        <bldg:storeysAboveGround>2</bldg:storeysAboveGround>
        <bldg:lod2Solid><gml:Solid><gml:exterior><gml:CompositeSurface><gml:surfaceMember xlink:href="#a_0"/><gml:surfaceMember xlink:href="#a_1"/><gml:surfaceMember xlink:href="#a_2"/><gml:surfaceMember xlink:href="#a_3"/><gml:surfaceMember xlink:href="#a_4"/><gml:surfaceMember xlink:href="#a_5"/></gml:CompositeSurface></gml:exterior></gml:Solid></bldg:lod2Solid>
        <bldg:boundedBy><bldg:GroundSurface gml:id="a_0_s"><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="a_0"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565000 5933008 10 565010 5933008 10 565010 5933000 10 565000 5933000 10 565000 5933008 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:GroundSurface></bldg:boundedBy>
        <bldg:boundedBy><bldg:RoofSurface gml:id="a_1_s"><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="a_1"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565000 5933000 16 565010 5933000 16 565010 5933008 16 565000 5933008 16 565000 5933000 16</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:RoofSurface></bldg:boundedBy>
        <bldg:boundedBy><bldg:WallSurface gml:id="a_2_s"><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="a_2"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565000 5933000 10 565010 5933000 10 565010 5933000 16 565000 5933000 16 565000 5933000 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:WallSurface></bldg:boundedBy>
        <bldg:boundedBy><bldg:WallSurface gml:id="a_3_s"><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="a_3"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565010 5933000 10 565010 5933008 10 565010 5933008 16 565010 5933000 16 565010 5933000 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:WallSurface></bldg:boundedBy>
        <bldg:boundedBy><bldg:WallSurface gml:id="a_4_s"><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="a_4"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565010 5933008 10 565000 5933008 10 565000 5933008 16 565010 5933008 16 565010 5933008 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:WallSurface></bldg:boundedBy>
        <bldg:boundedBy><bldg:WallSurface gml:id="a_5_s"><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="a_5"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565000 5933008 10 565000 5933000 10 565000 5933000 16 565000 5933008 16 565000 5933008 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:WallSurface></bldg:boundedBy>
      </bldg:BuildingPart></bldg:consistsOfBuildingPart>
      <bldg:consistsOfBuildingPart><bldg:BuildingPart gml:id="B1_2">
        <bldg:measuredHeight uom="urn:adv:uom:m">4.0</bldg:measuredHeight>
        <bldg:lod2Solid><gml:Solid><gml:exterior><gml:CompositeSurface><gml:surfaceMember xlink:href="#b_0"/><gml:surfaceMember xlink:href="#b_1"/><gml:surfaceMember xlink:href="#b_2"/><gml:surfaceMember xlink:href="#b_3"/><gml:surfaceMember xlink:href="#b_4"/><gml:surfaceMember xlink:href="#b_5"/></gml:CompositeSurface></gml:exterior></gml:Solid></bldg:lod2Solid>
        <bldg:boundedBy><bldg:GroundSurface gml:id="b_0_s"><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="b_0"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565010 5933008 10 565016 5933008 10 565016 5933000 10 565010 5933000 10 565010 5933008 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:GroundSurface></bldg:boundedBy>
        <bldg:boundedBy><bldg:RoofSurface gml:id="b_1_s"><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="b_1"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565010 5933000 14 565016 5933000 14 565016 5933008 14 565010 5933008 14 565010 5933000 14</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:RoofSurface></bldg:boundedBy>
        <bldg:boundedBy><bldg:WallSurface gml:id="b_2_s"><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="b_2"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565010 5933000 10 565016 5933000 10 565016 5933000 14 565010 5933000 14 565010 5933000 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:WallSurface></bldg:boundedBy>
        <bldg:boundedBy><bldg:WallSurface gml:id="b_3_s"><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="b_3"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565016 5933000 10 565016 5933008 10 565016 5933008 14 565016 5933000 14 565016 5933000 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:WallSurface></bldg:boundedBy>
        <bldg:boundedBy><bldg:WallSurface gml:id="b_4_s"><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="b_4"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565016 5933008 10 565010 5933008 10 565010 5933008 14 565016 5933008 14 565016 5933008 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:WallSurface></bldg:boundedBy>
        <bldg:boundedBy><bldg:WallSurface gml:id="b_5_s"><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="b_5"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565010 5933008 10 565010 5933000 10 565010 5933000 14 565010 5933008 14 565010 5933008 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:WallSurface></bldg:boundedBy>
      </bldg:BuildingPart></bldg:consistsOfBuildingPart>
    </bldg:Building>
  </core:cityObjectMember>
  <core:cityObjectMember>
    <bldg:Building gml:id="B2">
      <core:creationDate>2019-05-06</core:creationDate>
      <core:externalReference><core:informationSystem>http://repository.gdi-de.org/schemas/adv/citygml/fdv/art.htm#_9100</core:informationSystem><core:externalObject><core:name>DEHHALKA00000002</core:name></core:externalObject></core:externalReference>
      <bldg:measuredHeight uom="m">12.0</bldg:measuredHeight>
        <bldg:lod0FootPrint><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="f0"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565030 5933000 10 565039 5933000 10 565039 5933009 10 565030 5933009 10 565030 5933000 10</gml:posList></gml:LinearRing></gml:exterior><gml:interior><gml:LinearRing><gml:posList srsDimension="3">565033 5933003 10 565033 5933006 10 565036 5933006 10 565036 5933003 10 565033 5933003 10</gml:posList></gml:LinearRing></gml:interior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></bldg:lod0FootPrint>
        <bldg:lod1Solid><gml:Solid><gml:exterior><gml:CompositeSurface><gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565030 5933009 10 565039 5933009 10 565039 5933000 10 565030 5933000 10 565030 5933009 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember><gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565030 5933000 22 565039 5933000 22 565039 5933009 22 565030 5933009 22 565030 5933000 22</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember><gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565030 5933000 10 565039 5933000 10 565039 5933000 22 565030 5933000 22 565030 5933000 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember><gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565039 5933000 10 565039 5933009 10 565039 5933009 22 565039 5933000 22 565039 5933000 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember><gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565039 5933009 10 565030 5933009 10 565030 5933009 22 565039 5933009 22 565039 5933009 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember><gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565030 5933009 10 565030 5933000 10 565030 5933000 22 565030 5933009 22 565030 5933009 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:CompositeSurface></gml:exterior></gml:Solid></bldg:lod1Solid>
    </bldg:Building>
  </core:cityObjectMember>
  <core:cityObjectMember>
    <veg:SolitaryVegetationObject gml:id="T1">
      <veg:species>1040</veg:species><veg:height uom="m">3.0</veg:height>
      <veg:lod2ImplicitRepresentation>
          <core:ImplicitGeometry><core:transformationMatrix>2 0 0 0 0 2 0 0 0 0 3 0 0 0 0 1</core:transformationMatrix><core:relativeGMLGeometry xlink:href="#crown"/><core:referencePoint><gml:Point><gml:pos>565005 5933020 10</gml:pos></gml:Point></core:referencePoint></core:ImplicitGeometry>
      </veg:lod2ImplicitRepresentation>
    </veg:SolitaryVegetationObject>
  </core:cityObjectMember>
  <core:cityObjectMember>
    <veg:SolitaryVegetationObject gml:id="T2">
      <veg:species>1040</veg:species><veg:height uom="m">3.0</veg:height>
      <veg:lod2ImplicitRepresentation>
          <core:ImplicitGeometry><core:transformationMatrix>2 0 0 0 0 2 0 0 0 0 3 0 0 0 0 1</core:transformationMatrix><core:relativeGMLGeometry><gml:MultiSurface gml:id="crown"><gml:surfaceMember><gml:Polygon gml:id="crown_0"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">0 0 0 1 0 0 0.5 0.5 1 0 0 0</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember><gml:surfaceMember><gml:Polygon gml:id="crown_1"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">1 0 0 1 1 0 0.5 0.5 1 1 0 0</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember><gml:surfaceMember><gml:Polygon gml:id="crown_2"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">1 1 0 0 1 0 0.5 0.5 1 1 1 0</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember><gml:surfaceMember><gml:Polygon gml:id="crown_3"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">0 1 0 0 0 0 0.5 0.5 1 0 1 0</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></core:relativeGMLGeometry><core:referencePoint><gml:Point><gml:pos>565025 5933020 10</gml:pos></gml:Point></core:referencePoint></core:ImplicitGeometry>
      </veg:lod2ImplicitRepresentation>
    </veg:SolitaryVegetationObject>
  </core:cityObjectMember>
  <core:cityObjectMember>
    <tran:Road gml:id="R1">
      <tran:trafficArea><tran:TrafficArea gml:id="R1_1"><tran:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="r1"><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">565000 5932994 10 565045 5932994 10 565045 5932998 10 565000 5932998 10 565000 5932994 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></tran:lod2MultiSurface></tran:TrafficArea></tran:trafficArea>
    </tran:Road>
  </core:cityObjectMember>
</core:CityModel>
