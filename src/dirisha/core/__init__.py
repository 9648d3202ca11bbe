"""What a core bank must answer, and the cores that answer it."""
