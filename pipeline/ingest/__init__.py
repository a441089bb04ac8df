"""Reading inboxes: files to documents or rejections. Pure functions on bytes; `pipeline.store` keeps them."""
