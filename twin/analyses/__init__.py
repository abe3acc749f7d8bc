"""Questions to the city that are answered from its finest geometry, whatever the screen shows; one a file.

An analysis is a frozen dataclass whose fields are its settings (and its form). It gets a ``Study``
(frozen arrays, no camera) on a worker and answers with ``Findings``; the session stamps and keeps them.
The only place with a ray library.
"""
