-- When a person has a subtitle shown that does not fit the film: by file and subtitle, an offset and a rate.
ALTER TABLE choice ADD COLUMN retimings jsonb;
COMMENT ON COLUMN choice.retimings IS 'by file id/subtitle: {"offset_ms", "rate"}';
