"""The web pages of an institution: they work without JavaScript, and a small script improves them."""
