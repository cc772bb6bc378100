"""Datasets: what a model learns from, with a card, a fingerprint and a fixed split."""
