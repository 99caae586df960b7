"""Sessions and tokens for many tenants, with statistics that are exact to the second."""
