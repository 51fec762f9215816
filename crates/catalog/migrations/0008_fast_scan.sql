-- Every index of these tables is paid for by every film of a first scan.

-- No statement finds items by identity across libraries: what people made of one that came back is found from its side.
DROP INDEX item_identity_idx;

-- What stands alone is nobody's child.
DROP INDEX item_children_idx;
CREATE INDEX item_children_idx ON item (parent_id, watch_order, sort_title, id) WHERE parent_id IS NOT NULL;
COMMENT ON INDEX item_children_idx IS 'list_children';

-- One reference says what two said: a file is of a folder, and of that folder's library.
UPDATE file SET library_id = library_folder.library_id
FROM library_folder
WHERE library_folder.id = file.folder_id AND library_folder.library_id <> file.library_id;
ALTER TABLE library_folder ADD CONSTRAINT library_folder_whole_unique UNIQUE (id, library_id);
ALTER TABLE file
    DROP CONSTRAINT file_library_fkey,
    DROP CONSTRAINT file_folder_fkey,
    ADD CONSTRAINT file_folder_fkey
        FOREIGN KEY (folder_id, library_id) REFERENCES library_folder (id, library_id) ON DELETE CASCADE;
