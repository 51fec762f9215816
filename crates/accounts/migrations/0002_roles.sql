-- What people may do, as roles of which everybody has one; and links by which people are invited.

CREATE TABLE role (
    id uuid CONSTRAINT role_pkey PRIMARY KEY DEFAULT uuidv7(),
    name text NOT NULL CONSTRAINT role_name_check CHECK (length(name) BETWEEN 1 AND 64),
    -- The name folded, so that "Editors" and "editors" are one role.
    name_key text NOT NULL CONSTRAINT role_name_key_unique UNIQUE,
    -- Which of the roles every server has: what those allow is the program's to say.
    built_in text CONSTRAINT role_built_in_unique UNIQUE
        CONSTRAINT role_built_in_check CHECK (built_in IN ('admin', 'manager', 'member', 'child', 'guest')),
    -- Names of permissions; those that this version does not know allow nothing.
    permissions text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT role_fixed_check CHECK (built_in IS NULL OR permissions = '{}')
);

INSERT INTO role (id, name, name_key, built_in) VALUES
    ('00000000-0000-7000-8000-000000000001', 'Administrator', 'administrator', 'admin'),
    ('00000000-0000-7000-8000-000000000002', 'Manager', 'manager', 'manager'),
    ('00000000-0000-7000-8000-000000000003', 'Member', 'member', 'member'),
    ('00000000-0000-7000-8000-000000000004', 'Child', 'child', 'child'),
    ('00000000-0000-7000-8000-000000000005', 'Guest', 'guest', 'guest');

ALTER TABLE person ADD COLUMN role_id uuid NOT NULL DEFAULT '00000000-0000-7000-8000-000000000003'
    CONSTRAINT person_role_fkey REFERENCES role (id);
UPDATE person SET role_id = '00000000-0000-7000-8000-000000000001' WHERE is_admin;
ALTER TABLE person DROP COLUMN is_admin;
CREATE INDEX person_role_idx ON person (role_id, id);
COMMENT ON INDEX person_role_idx IS 'list_roles, and what is believed of those who have a role';

CREATE TABLE invitation (
    id uuid CONSTRAINT invitation_pkey PRIMARY KEY DEFAULT uuidv7(),
    -- SHA-256 of what the link carries beside the id: a stolen database lets nobody in.
    token_hash bytea NOT NULL,
    -- Who invites; without them it is void.
    person_id uuid NOT NULL CONSTRAINT invitation_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    role_id uuid NOT NULL CONSTRAINT invitation_role_fkey REFERENCES role (id) ON DELETE CASCADE,
    -- Whom it is for, in the inviter's words.
    note text NOT NULL DEFAULT '',
    all_libraries boolean NOT NULL DEFAULT false,
    library_ids uuid[] NOT NULL DEFAULT '{}',
    max_uses integer NOT NULL CONSTRAINT invitation_max_uses_check CHECK (max_uses > 0),
    uses integer NOT NULL DEFAULT 0 CONSTRAINT invitation_uses_check CHECK (uses BETWEEN 0 AND max_uses),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX invitation_person_idx ON invitation (person_id, id);
COMMENT ON INDEX invitation_person_idx IS 'list_invitations of one person';
CREATE INDEX invitation_expires_idx ON invitation (expires_at);
COMMENT ON INDEX invitation_expires_idx IS 'delete_expired_invitations';
