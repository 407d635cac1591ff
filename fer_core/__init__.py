"""Facial expression recognition without a user interface: photos in, perceived expressions out.

Importing this package loads neither TensorFlow, Keras nor DeepFace; a runtime is imported when a predictor is loaded.
"""

from fer_core import telemetry

telemetry.off()
