"""Adversarial examples: the smallest change of pixels that changes the answer."""
