"""The models of this machine: fetched, built, loaded, measured, by operations that can be followed and cancelled."""
