"""`/demo/phone`: a feature phone in the browser, on the simulated gateway's network. In the demo only."""
