"""BIM Collaboration Format, as files (BCF-XML): 2.1 and 3.0 are read, 3.0 is written.

Facts from buildingSMART's schemas and documentation (BCF-XML, release 2.1 and 3.0). ``model`` holds the
records, as 3.0 has them; ``binding`` reads and writes any of them by the tables in ``shapes``;
``older`` turns what only 2.1 says into what 3.0 says; ``reading`` and ``writing`` deal with archives.
"""
