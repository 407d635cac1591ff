"""Attacks on our own readers that anyone can repeat: seeded, printed, no part of the tests."""
