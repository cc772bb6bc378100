"""Values in, pictures out: Vega-Lite specifications, RGBA arrays, and where things stand in a drawing."""
