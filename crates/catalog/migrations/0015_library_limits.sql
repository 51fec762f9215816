-- How much of a library's films may be played: bits per second away and in the house.
ALTER TABLE library
    ADD COLUMN max_bitrate_bps bigint CONSTRAINT library_max_bitrate_bps_check CHECK (max_bitrate_bps > 0),
    ADD COLUMN max_local_bitrate_bps bigint CONSTRAINT library_max_local_bitrate_bps_check CHECK (max_local_bitrate_bps > 0);
