"""What if I turn this knob? Sliders around tested figures, and a still picture where nobody is watching."""

from .step_kernel import step_kernel

__all__ = ["step_kernel"]
