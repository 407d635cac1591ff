"""The Live page: the engine of browser/ in a frame of its own."""
