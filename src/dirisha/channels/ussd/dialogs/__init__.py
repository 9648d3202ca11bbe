"""The conversations, one file each: listing this folder is reading the menu."""
