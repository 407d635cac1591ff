"""Datasets on the user's own disk: one adapter a dataset. Loading never downloads."""
