"""Catalogue, lineage and records: cards, the graph, one record in full, and making it again."""
