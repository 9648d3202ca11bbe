"""What a branch does for a client."""
