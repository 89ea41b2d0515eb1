"""What each resource is: its attributes as data, and what happens when it is made, changed and removed."""
