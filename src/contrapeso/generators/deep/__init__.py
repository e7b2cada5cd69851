"""Generators that are networks, and what they share. Loaded only where PyTorch is installed (the extra ``deep``)."""
