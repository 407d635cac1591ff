"""The engine in a browser: its speed, its precision, its flicker, and whether it answers as Python does."""
