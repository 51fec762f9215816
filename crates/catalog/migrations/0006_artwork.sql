-- Pictures that a person chose or gave, more roles, and when the pictures of providers are fetched.

ALTER TABLE image DROP CONSTRAINT image_role_check;
ALTER TABLE image ADD CONSTRAINT image_role_check CHECK (role IN (
    'poster', 'backdrop', 'thumb', 'logo', 'banner', 'disc', 'clearart', 'keyart', 'set_poster', 'set_backdrop', 'portrait'));
ALTER TABLE image
    -- Of a remote picture: from when on it is fetched by itself; infinity while no page shows it, or asking is in vain.
    ADD COLUMN fetch_after timestamptz NOT NULL DEFAULT '-infinity',
    -- How often fetching it failed.
    ADD COLUMN fetch_attempts smallint NOT NULL DEFAULT 0;
CREATE INDEX image_fetch_idx ON image (fetch_after, id) WHERE source = 'remote' AND content_hash IS NULL;
COMMENT ON INDEX image_fetch_idx IS 'remote pictures that are to be fetched now';
CREATE INDEX image_content_idx ON image (content_hash) WHERE content_hash IS NOT NULL;
COMMENT ON INDEX image_content_idx IS 'list_unused: the originals that nothing speaks of any more';
CREATE UNIQUE INDEX image_portrait_unique ON image (person_id, file_id)
    WHERE person_id IS NOT NULL AND source = 'local';
COMMENT ON INDEX image_portrait_unique IS 'a file beside the films is one picture of a person';

-- What a person wants an item to show: outlives the item and the file or provider that the picture came from, and finds the
-- item again by its key.
CREATE TABLE chosen_image (
    id uuid CONSTRAINT chosen_image_pkey PRIMARY KEY DEFAULT uuidv7(),
    item_id uuid NOT NULL,
    item_key text NOT NULL,
    role text NOT NULL CONSTRAINT chosen_image_role_check CHECK (role IN (
        'poster', 'backdrop', 'thumb', 'logo', 'banner', 'disc', 'clearart', 'keyart', 'set_poster', 'set_backdrop')),
    -- upload: a file of the person; link: from an address they named; found: one of those that were there.
    source text NOT NULL CONSTRAINT chosen_image_source_check CHECK (source IN ('upload', 'link', 'found')),
    -- Whether the role shows it. While one is shown, nothing else is: the role is locked.
    is_shown boolean NOT NULL,
    -- SHA-256 of the original kept in the artwork folder.
    content_hash bytea NOT NULL,
    mime text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    blurhash text NOT NULL,
    color text NOT NULL,
    url text,
    -- Who did it.
    person_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT chosen_image_content_unique UNIQUE (item_id, role, content_hash)
);
CREATE UNIQUE INDEX chosen_image_shown_unique ON chosen_image (item_id, role) WHERE is_shown;
COMMENT ON INDEX chosen_image_shown_unique IS 'the pictures of a page of items';
CREATE INDEX chosen_image_content_idx ON chosen_image (content_hash);
COMMENT ON INDEX chosen_image_content_idx IS 'list_unused: the originals that nothing speaks of any more';
CREATE INDEX chosen_image_key_idx ON chosen_image (item_key);
COMMENT ON INDEX chosen_image_key_idx IS 'adopt pictures when an item comes back';
