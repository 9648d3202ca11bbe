"""The doors. Each only translates: its own words in, an act or a question, its own words out."""
