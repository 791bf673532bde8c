"""The store's schema, step by step; `service.store.schema` runs them at start."""
