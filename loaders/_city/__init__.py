"""What the loaders of city models share: triangles of many objects, tiles, looks, typed columns, the answer."""
