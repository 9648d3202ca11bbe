"""Who pays, how much of each limit is used, and what an institution allows."""
