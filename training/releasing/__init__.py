"""What a release writes beside the network, and the checks of it."""
