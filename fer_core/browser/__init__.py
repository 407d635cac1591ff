"""What the engine in browser/ needs from Python: its settings, its networks, its runtime, and the page around it."""
