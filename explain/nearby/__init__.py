"""What lies near an input: the usual, training examples, and the nearest other answer in pixels."""
