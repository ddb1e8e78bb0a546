"""What changes in somebody's code from one column of the recordings to another: `gentcp check`."""
