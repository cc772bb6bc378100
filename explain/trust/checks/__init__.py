"""Checks of a map: what it does when it should change, and when it should not. One check a file.

Each takes values and gives values; `explain.trust.report` runs them on one picture and weighs them.
"""
