-- How much a person may play; NULL is no limit.

ALTER TABLE person
    -- Films at once.
    ADD COLUMN max_streams smallint CONSTRAINT person_max_streams_check CHECK (max_streams > 0),
    -- Bits per second of a film that leaves the house, and of one that stays in it.
    ADD COLUMN max_bitrate_bps bigint CONSTRAINT person_max_bitrate_bps_check CHECK (max_bitrate_bps > 0),
    ADD COLUMN max_local_bitrate_bps bigint
        CONSTRAINT person_max_local_bitrate_bps_check CHECK (max_local_bitrate_bps > 0);
