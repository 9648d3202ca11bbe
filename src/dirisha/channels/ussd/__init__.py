"""The USSD menu: conversations as generators, the engine that replays them, screens that fit a phone."""
