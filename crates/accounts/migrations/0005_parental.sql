-- What a person is kept from.

ALTER TABLE person
    -- In years; NULL is no limit.
    ADD COLUMN max_age smallint CONSTRAINT person_max_age_check CHECK (max_age BETWEEN 0 AND 21),
    ADD COLUMN hides_unrated boolean NOT NULL DEFAULT false,
    -- Names of tags and genres, folded as the catalog folds them. Names, not ids: a tag that comes back is blocked again.
    ADD COLUMN blocked_tags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN allowed_tags text[] NOT NULL DEFAULT '{}';

-- The numbers of these names on items, as the catalog's labels have them.
CREATE FUNCTION marks_of(names text[]) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY(SELECT ('x' || left(md5(name), 14))::bit(56)::bigint FROM unnest(names) AS it (name));
