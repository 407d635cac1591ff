"""The user's cache folder: what was read once of a dataset, and which datasets were opened. No image file is kept."""
