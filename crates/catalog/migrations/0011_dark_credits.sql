-- Credits of films are told by their pictures, too.

ALTER TABLE segment
    DROP CONSTRAINT segment_source_check,
    ADD CONSTRAINT segment_source_check CHECK (source IN ('chapters', 'sound', 'pictures', 'person'));
