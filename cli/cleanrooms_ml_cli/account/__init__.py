"""An AWS account as the command reads it: stacks, Clean Rooms ML, and what goes wrong on the way there."""
