"""The public Space: start, crowd and memory of the built folder."""
