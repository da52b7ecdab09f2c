"""A request to the services and its reply: routes, checks, operations, wire format."""
