"""What makes a build fast, and changes nothing of what comes out."""
