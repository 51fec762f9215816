-- Specials stand among the episodes that they were broadcast with.

ALTER TABLE library
    -- Whether specials whose place among the regular episodes is known are shown there, too, and come next there.
    ADD COLUMN places_specials boolean NOT NULL DEFAULT true;

-- The specials that have a place among the regular episodes of their root. Places are twice as fine as item.watch_order: a
-- regular episode is at 2 * watch_order + 1, and what comes before it one lower. Only here is said how a place is counted.
-- Specials end every root's watch_order, so item_root_idx finds them.
CREATE VIEW placed_special AS
SELECT
    item.id, item.root_id, item.library_id, item.watch_order,
    COALESCE(about.airs_after_season, about.airs_before_season) AS season,
    2 * CASE
        WHEN about.airs_after_season IS NOT NULL THEN about.airs_after_season::bigint * 67108864 + 67108863
        ELSE about.airs_before_season::bigint * 67108864 + COALESCE(about.airs_before_episode, 0)
    END AS place
FROM item
JOIN item_about AS about ON about.item_id = item.id
JOIN library ON library.id = item.library_id
WHERE item.watch_order >= 288230376151711744
  AND item.parent_number = 0
  AND item.form <> 'group'
  AND item.missing_since IS NULL
  AND library.places_specials
  AND COALESCE(about.airs_after_season, about.airs_before_season) > 0;
