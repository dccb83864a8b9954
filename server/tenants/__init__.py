"""Several tenants in one process: who a request is for, what each may ask, how each is run."""
