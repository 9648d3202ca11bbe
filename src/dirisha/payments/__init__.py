"""Money that is on its way to a far core: instructions, their states, and the relay that sends and asks."""
