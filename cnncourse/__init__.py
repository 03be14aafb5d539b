"""Shared Keras helpers for the notebooks of a course on convolutional neural networks.

Each module answers one question of a student; a module imports only modules above it in this list:
`arithmetic` (what does it cost?), `reference` (what does the layer do?), `backend` (what differs by backend?),
`datasets` (what do I train on?), `layers` (what is it built of?), `models` (which network?), `costs` (what does this
model cost?), `inspection` (what happens inside?), `training` (how do I train it?), `recording` (what came out at full
size?), `figures` (what did it learn?), `widgets` (what if I turn this knob?), `exercises` (am I right?), `course`
(list, run, build, doctor).
"""

__version__ = "0.1.0"
