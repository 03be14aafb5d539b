"""Shared Keras helpers for the notebooks of a course on convolutional neural networks.

Each module answers one question of a student; a module imports only modules above it in this list:
`arithmetic` (what does it cost?), `reference` (what does the layer do?), `datasets` (what do I train on?),
`backend` (what differs by backend?), `training` (how do I train it?), `figures` (what did it learn?),
`widgets` (what if I turn this knob?), `exercises` (am I right?), `course` (list, run, build, doctor).
"""

__version__ = "0.1.0"
