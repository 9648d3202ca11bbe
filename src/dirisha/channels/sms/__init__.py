"""SMS banking: keyword commands from a phone. Nothing secret is ever asked for but the code that went to the phone."""
