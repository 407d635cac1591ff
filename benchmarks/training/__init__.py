"""Training: speed of images and networks, precision, resuming, and how far a reader walks."""
