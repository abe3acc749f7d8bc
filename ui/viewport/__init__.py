"""The 3D view: the only place that imports VTK. A frame and a camera in, pixels out."""
