"""What a relay does in a second on this machine, beside what the machine itself can do. For `foreseal bench relay`."""
