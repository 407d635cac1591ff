"""Photos by the thousand and the million: `fer batch`, `fer summary`.

The way of a batch: `listing` names every photo, `plan` writes the list and cuts it into parts, an engine (`local` or
`ray_engine`) reads the parts with a `Worker`, and each finished part is one Parquet file of `schema`. `summary` reads
them. A part appears under its name only when it is whole. So a batch that is stopped at any moment goes on with the
parts that are missing, and no photo counts twice.
"""
