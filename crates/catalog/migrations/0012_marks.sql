-- What a person may be kept from: by age and by tags. Everything that decides it stands on the item as numbers, its marks, so
-- that any query asks it of the row it reads, and triggers keep them, so that no writer can forget.

ALTER TABLE label
    -- The number of a name: of genres and tags alike, the same before the label exists as after. accounts computes it too.
    ADD COLUMN mark bigint GENERATED ALWAYS AS (('x' || left(md5(identity), 14))::bit(56)::bigint) STORED;

ALTER TABLE item
    -- -1 - age: the highest age among those of the item and what it is in. -100: the topmost has no rating. A label's mark: the
    -- topmost has it; its negative: the item, or what it is in below the topmost, has it.
    ADD COLUMN marks bigint[] NOT NULL DEFAULT '{-100}';

-- Whether an item with these marks exists for somebody. Their guard: nothing where all exists; else how many marks hide an
-- item, these marks, and then those of which it must have one, if any.
CREATE FUNCTION allows(marks bigint[], guard bigint[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN cardinality(guard) = 0
        OR NOT marks && guard[2:guard[1]::integer + 1]
        AND (cardinality(guard) = guard[1] + 1 OR marks && guard[guard[1]::integer + 2:]);

-- The same of a file: all that it holds must exist for them.
CREATE FUNCTION allows_file(file uuid, guard bigint[]) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN cardinality(guard) = 0 OR COALESCE((
        SELECT bool_and(allows(item.marks, guard))
        FROM item_file JOIN item ON item.id = item_file.item_id
        WHERE item_file.file_id = file
    ), false);

-- The marks that an item ought to have. One look into an index each: what the planner believes of tables that have just been
-- filled does not matter.
CREATE FUNCTION marks_of_item(it item) RETURNS bigint[]
    LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    parent_age smallint;
    root_age smallint := it.content_rating_age;
    own bigint[] := '{}';
BEGIN
    IF it.root_id <> it.id THEN
        SELECT content_rating_age INTO parent_age FROM item WHERE id = it.parent_id;
        SELECT content_rating_age INTO root_age FROM item WHERE id = it.root_id;
        own := ARRAY(
            SELECT DISTINCT -label.mark AS mark
            FROM item_label JOIN label ON label.id = item_label.label_id
            WHERE item_label.item_id IN (it.id, it.parent_id) AND item_label.item_id <> it.root_id
              AND label.kind IN ('genre', 'tag')
            ORDER BY mark);
    END IF;
    RETURN array_remove(ARRAY[
            -1 - GREATEST(it.content_rating_age, parent_age, root_age)::bigint,
            CASE WHEN root_age IS NULL THEN -100 END
        ], NULL)
        || ARRAY(
            SELECT DISTINCT label.mark
            FROM item_label JOIN label ON label.id = item_label.label_id
            WHERE item_label.item_id = it.root_id AND label.kind IN ('genre', 'tag')
            ORDER BY label.mark)
        || own;
END
$$;

-- Marks these items and what is in them anew. What is in something, and changes with it, is brought to the search engine.
CREATE FUNCTION mark_items(wanted uuid[]) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    above uuid;
    one item;
BEGIN
    FOREACH above IN ARRAY wanted LOOP
        FOR one IN
            SELECT * FROM item WHERE id = above
            UNION ALL
            SELECT * FROM item WHERE parent_id = above AND id <> above
            UNION ALL
            SELECT * FROM item WHERE root_id = above AND form <> 'group' AND parent_id <> above
        LOOP
            UPDATE item SET marks = marks_of_item(one) WHERE id = one.id AND marks <> marks_of_item(one);
            IF FOUND AND one.id <> one.root_id THEN
                INSERT INTO search_outbox (item_id) VALUES (one.id);
            END IF;
        END LOOP;
    END LOOP;
END
$$;

CREATE FUNCTION mark_item() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM mark_items(ARRAY[NEW.id]);
    RETURN NULL;
END
$$;

-- A new item is written once, with its marks. It has no labels yet.
CREATE FUNCTION mark_new() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    IF NEW.root_id <> NEW.id THEN
        NEW.marks := marks_of_item(NEW);
    ELSIF NEW.content_rating_age IS NULL THEN
        NEW.marks := '{-100}';
    ELSE
        NEW.marks := ARRAY[-1 - NEW.content_rating_age::bigint];
    END IF;
    RETURN NEW;
END
$$;

-- What was inserted before what it is in.
CREATE FUNCTION mark_inserted() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM mark_items(ARRAY(SELECT id FROM touched WHERE form = 'group' AND content_rating_age IS NOT NULL));
    RETURN NULL;
END
$$;

CREATE FUNCTION mark_labelled() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM mark_items(ARRAY(SELECT DISTINCT item_id FROM touched));
    RETURN NULL;
END
$$;

CREATE TRIGGER item_new_mark BEFORE INSERT ON item
    FOR EACH ROW EXECUTE FUNCTION mark_new();
CREATE TRIGGER item_inserted_mark AFTER INSERT ON item REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION mark_inserted();
CREATE TRIGGER item_changed_mark AFTER UPDATE OF content_rating_age, parent_id, root_id ON item
    FOR EACH ROW WHEN (
        OLD.content_rating_age IS DISTINCT FROM NEW.content_rating_age
        OR OLD.parent_id IS DISTINCT FROM NEW.parent_id
        OR OLD.root_id IS DISTINCT FROM NEW.root_id)
    EXECUTE FUNCTION mark_item();
CREATE TRIGGER item_label_inserted_mark AFTER INSERT ON item_label REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION mark_labelled();
CREATE TRIGGER item_label_deleted_mark AFTER DELETE ON item_label REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION mark_labelled();

-- What is there already.
UPDATE item SET marks = marks_of_item(item);

-- The view of 0007 with the marks, which whoever asks for places must look at.
CREATE OR REPLACE VIEW placed_special AS
SELECT
    item.id, item.root_id, item.library_id, item.watch_order,
    COALESCE(about.airs_after_season, about.airs_before_season) AS season,
    2 * CASE
        WHEN about.airs_after_season IS NOT NULL THEN about.airs_after_season::bigint * 67108864 + 67108863
        ELSE about.airs_before_season::bigint * 67108864 + COALESCE(about.airs_before_episode, 0)
    END AS place,
    item.marks
FROM item
JOIN item_about AS about ON about.item_id = item.id
JOIN library ON library.id = item.library_id
WHERE item.watch_order >= 288230376151711744
  AND item.parent_number = 0
  AND item.form <> 'group'
  AND item.missing_since IS NULL
  AND library.places_specials
  AND COALESCE(about.airs_after_season, about.airs_before_season) > 0;
