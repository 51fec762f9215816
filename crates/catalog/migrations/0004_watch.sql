-- Libraries that look after themselves: watched folders, a schedule, scans that were asked for, and who may ask from outside.

ALTER TABLE library
    -- Whether changes in its folders are looked for all the time.
    ADD COLUMN is_watched boolean NOT NULL DEFAULT true,
    -- Scanned every so many minutes, or daily at this minute of the day (in the server's time zone), or, with neither, never
    -- by itself.
    ADD COLUMN scan_every_minutes integer,
    ADD COLUMN scan_at_minute integer DEFAULT 240,
    -- When the schedule last asked for a scan.
    ADD COLUMN scheduled_at timestamptz,
    ADD CONSTRAINT library_schedule_check CHECK (
        num_nonnulls(scan_every_minutes, scan_at_minute) <= 1
        AND scan_every_minutes BETWEEN 5 AND 525600
        AND scan_at_minute BETWEEN 0 AND 1439);

ALTER TABLE library_folder
    -- How changes in it are seen now, and why no better.
    ADD COLUMN watched_by text NOT NULL DEFAULT 'nothing',
    ADD COLUMN watch_note text,
    ADD CONSTRAINT library_folder_watched_by_check CHECK (watched_by IN ('nothing', 'events', 'polling'));

ALTER TABLE scan
    -- What is left of its stage, at the pace of its last seconds.
    ADD COLUMN eta_ms bigint;

-- Scans that somebody asked for and that are not done. The job of one takes all of its library; a row goes when what it asks
-- for was scanned after it was written.
CREATE TABLE scan_request (
    id uuid CONSTRAINT scan_request_pkey PRIMARY KEY DEFAULT uuidv7(),
    library_id uuid NOT NULL CONSTRAINT scan_request_library_fkey REFERENCES library (id) ON DELETE CASCADE,
    -- Absolute, written as library_folder.path is; empty for the whole library.
    folder text NOT NULL DEFAULT '',
    -- Whether files that could not be read are tried again though they did not change.
    reads_problems boolean NOT NULL DEFAULT false,
    asked_at timestamptz NOT NULL DEFAULT now(),
    -- The job that is at it. What is asked for from then on is a new request.
    taken_by bigint
);
CREATE UNIQUE INDEX scan_request_waiting_unique ON scan_request (library_id, folder) WHERE taken_by IS NULL;
COMMENT ON INDEX scan_request_waiting_unique IS 'ask_scan; take_requests';

-- Of all files: a condition on the fingerprint would have every index written twice when a new file was read.
CREATE INDEX file_size_idx ON file (size_bytes);
COMMENT ON INDEX file_size_idx IS 'find a file that was moved here from another folder or library';

-- How programs that fetch files tell of them. One row, made when somebody first looks at it.
CREATE TABLE webhook (
    is_only boolean CONSTRAINT webhook_pkey PRIMARY KEY DEFAULT true CONSTRAINT webhook_only_check CHECK (is_only),
    -- Shown to administrators, who copy it into those programs.
    token text NOT NULL,
    -- What those programs call our folders: [{"from": "/movies", "to": "/media/films"}].
    path_mappings jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    -- The last call: when, from what, about what, and which of its paths lie in no library.
    last_call jsonb
);
