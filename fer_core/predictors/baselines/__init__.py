"""Networks that others trained, to compare with."""
