"""A question goes in, an answer comes out: the one way for pages, command line, links and whatever comes next."""
