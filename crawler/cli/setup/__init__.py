"""Write what a user sets up: brands of their own, and a first workspace."""
