"""Vector files: GeoJSON, GeoPackage, Shapefile and FlatGeobuf through GDAL, and plain tables of text."""
