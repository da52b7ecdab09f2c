"""What a deployment will do in Clean Rooms ML, from the template, the deployed stack and the service."""
