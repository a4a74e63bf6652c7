"""What people asked and what they were answered, masked: from here nurses read."""
