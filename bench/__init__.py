"""`make bench`: speed as ratios against the raw database, all measured in one run."""
