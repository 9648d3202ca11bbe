"""How people come in, stay safe and go out."""
