"""What Crumbtrail claims about its speed, measured as ratios against a peer in the same run."""
