"""Training, calibration and export of the networks; the only room that builds Keras models."""

import os

# TensorFlow leaves oneDNN out of itself on processors without AVX-512, where it trains our networks about twice as fast
# (`python -m benchmarks.training.arithmetic`). TF_ENABLE_ONEDNN_OPTS=0 in the environment still has its way.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
