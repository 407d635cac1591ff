"""Where the faces of a photo are: detectors, the search with them, and what a face is."""
