"""Pictures to print: drawn in blocks, with a legend, a scale, north, dates and credits beneath."""
