"""Training, calibration and export of the networks; the only room that builds Keras models."""
