-- Scans and what they feed.

CREATE TABLE scan (
    id uuid CONSTRAINT scan_pkey PRIMARY KEY DEFAULT uuidv7(),
    library_id uuid NOT NULL CONSTRAINT scan_library_fkey REFERENCES library (id) ON DELETE CASCADE,
    job_id bigint,
    stage text NOT NULL CONSTRAINT scan_stage_check
        CHECK (stage IN ('walking', 'reading', 'describing', 'done', 'failed', 'cancelled')),
    found bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    added bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT 0,
    missing bigint NOT NULL DEFAULT 0,
    problems bigint NOT NULL DEFAULT 0,
    error text,
    started_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX scan_library_idx ON scan (library_id, id);
COMMENT ON INDEX scan_library_idx IS 'the latest scan of a library';

-- Folders a scan could not read; a file's problem stands on the file.
CREATE TABLE folder_problem (
    folder_id uuid NOT NULL CONSTRAINT folder_problem_folder_fkey REFERENCES library_folder (id) ON DELETE CASCADE,
    path text NOT NULL,
    reason text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT folder_problem_pkey PRIMARY KEY (folder_id, path)
);

-- Items whose search document is out of date: written in the transaction that changed them, read by the feeder in order.
CREATE TABLE search_outbox (
    id bigint CONSTRAINT search_outbox_pkey PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    item_id uuid NOT NULL
);
