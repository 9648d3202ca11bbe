"""The outside world on a desk: each simulator speaks the real wire of what it stands for, with faults by seed."""
