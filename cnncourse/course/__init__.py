"""The tools that build, check and run the course; no notebook imports them."""
