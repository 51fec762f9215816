-- How long a change waits for the search index. What waits already counts from now.
ALTER TABLE search_outbox ADD COLUMN written_at timestamptz NOT NULL DEFAULT now();
