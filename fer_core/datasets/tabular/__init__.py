"""Datasets that are tables: pixels in a CSV, Parquet files, and label files beside images."""
