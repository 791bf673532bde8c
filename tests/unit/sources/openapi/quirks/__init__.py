"""What public OpenAPI documents do, a function for each; none is copied from one."""
