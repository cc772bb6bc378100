"""A tree as something to read and to change: as boxes, as a drawing, with thresholds set by hand."""
