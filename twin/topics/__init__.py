"""Topics of the project: what was said about objects, and the views in which it is seen.

``changes`` makes edits, ``links`` finds the objects that topics name in the layers that are open,
``views`` turns a viewpoint into a view and a view into a viewpoint.
"""
