"""The generated code of the contract."""
