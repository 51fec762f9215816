-- What waits for its turn is found by its time.
CREATE INDEX delivery_due_idx ON delivery (next_at) WHERE status = 'waiting';
COMMENT ON INDEX delivery_due_idx IS 'list_due_unscoped';
