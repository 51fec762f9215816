-- N_ITEMS films, a quarter as many episodes, what belongs to half of them, and what three people made of them. Ids grow as
-- version 7 UUIDs do.
SET session_replication_role = replica;
SET synchronous_commit = off;
SET search_path = catalog, public;
SELECT setseed(0.42);
CREATE FUNCTION pg_temp.uid(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN (kind || '000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid;

INSERT INTO core.person (id, name, name_key, role_id, password_hash)
SELECT pg_temp.uid('01', n), 'Person ' || n, 'person ' || n, (SELECT id FROM core.role ORDER BY id LIMIT 1), ''
FROM generate_series(1, 3) AS n;

INSERT INTO library (id, kind, name)
VALUES (pg_temp.uid('02', 1), 'movies', 'Films'), (pg_temp.uid('02', 2), 'shows', 'Series');
INSERT INTO library_folder (id, library_id, path)
SELECT pg_temp.uid('03', n), pg_temp.uid('02', n), '/media/' || n FROM generate_series(1, 2) AS n;

INSERT INTO item (id, library_id, kind, form, root_id, is_top, identity, title, sort_title, year, released_on, runtime_ms,
    rating, popularity, added_at, match_state, describe_due_at)
SELECT pg_temp.uid('04', n), pg_temp.uid('02', 1), 'movie', 'video', pg_temp.uid('04', n), true, 'film ' || n,
    'Film ' || md5(n::text), md5(n::text), 1930 + (90 * sqrt(random()))::int, date '1990-01-01' + n % 10000,
    3600000 + n % 7200000, 3 + 6 * random(), random(), timestamptz '2026-01-01' - n * interval '1 minute', 'matched',
    CASE WHEN n % 50 = 0 THEN timestamptz '2026-02-01' END
FROM generate_series(1, N_ITEMS) AS n;

-- Every fiftieth a series, each with forty-nine episodes.
INSERT INTO item (id, library_id, kind, form, parent_id, root_id, is_top, identity, number, parent_number, title, sort_title,
    runtime_ms, added_at)
SELECT pg_temp.uid('05', n), pg_temp.uid('02', 2), CASE WHEN n % 50 = 0 THEN 'series' ELSE 'episode' END,
    CASE WHEN n % 50 = 0 THEN 'group' ELSE 'video' END,
    CASE WHEN n % 50 <> 0 THEN pg_temp.uid('05', n - n % 50) END, pg_temp.uid('05', n - n % 50), n % 50 = 0,
    'part ' || n, NULLIF(n % 50, 0), 1, 'Part ' || n, 'part ' || n, 1800000,
    timestamptz '2026-01-01' - n * interval '1 minute'
FROM generate_series(0, N_ITEMS / 4) AS n;

INSERT INTO file (id, library_id, folder_id, path, size_bytes, modified_ns, inode, device, class, container, duration_ms)
SELECT pg_temp.uid('06', n), pg_temp.uid('02', 1), pg_temp.uid('03', 1), format('%s/Film %s.mkv', n, n), 1000000000 + n, 1, n, 1,
    'video', 'matroska', 3600000
FROM generate_series(1, N_ITEMS / 2) AS n;
INSERT INTO item_file (item_id, file_id, role)
SELECT pg_temp.uid('04', n), pg_temp.uid('06', n), 'main' FROM generate_series(1, N_ITEMS / 2) AS n;
INSERT INTO stream (file_id, index, kind, codec)
SELECT pg_temp.uid('06', n), index, CASE index WHEN 0 THEN 'video' ELSE 'audio' END, 'h264'
FROM generate_series(1, N_ITEMS / 2) AS n CROSS JOIN generate_series(0, 1) AS index;
INSERT INTO image (item_id, role, source, file_id, made_of_ns, content_hash, mime, width, height)
SELECT pg_temp.uid('04', n), 'poster', 'frame', pg_temp.uid('06', n), 1, sha256(n::text::bytea), 'image/jpeg', 1000, 1500
FROM generate_series(1, N_ITEMS / 2) AS n;
INSERT INTO person (id, name, sort_name, identity)
SELECT pg_temp.uid('07', n), 'Cast ' || n, 'cast ' || n, 'cast ' || n FROM generate_series(1, N_ITEMS / 2) AS n;
INSERT INTO credit (item_id, position, person_id, role)
SELECT pg_temp.uid('04', n), position, pg_temp.uid('07', 1 + (N_ITEMS / 2 * random() * random())::int), 'actor'
FROM generate_series(1, N_ITEMS / 2) AS n CROSS JOIN generate_series(0, 2) AS position;
INSERT INTO label (id, kind, name, identity)
SELECT pg_temp.uid('08', n), 'genre', 'Genre ' || n, 'genre ' || n FROM generate_series(0, 199) AS n;
INSERT INTO item_label (item_id, label_id)
SELECT pg_temp.uid('04', n), pg_temp.uid('08', (n + 67 * place) % (1 + n % 200))
FROM generate_series(1, N_ITEMS / 2) AS n CROSS JOIN generate_series(0, 1) AS place
ON CONFLICT DO NOTHING;
INSERT INTO translation (item_id, language, title)
SELECT pg_temp.uid('04', n), 'de', 'Der Film ' || n FROM generate_series(1, N_ITEMS / 2) AS n;
INSERT INTO external_id (item_id, provider, value)
SELECT pg_temp.uid('04', n), 'tmdb', n::text FROM generate_series(1, N_ITEMS / 2) AS n;
INSERT INTO item_source (item_id, source, facts)
SELECT pg_temp.uid('04', n), 'nfo', '{}' FROM generate_series(1, N_ITEMS / 2) AS n;
INSERT INTO item_about (item_id) SELECT pg_temp.uid('04', n) FROM generate_series(1, N_ITEMS / 2) AS n;
INSERT INTO movies.movie (item_id) SELECT pg_temp.uid('04', n) FROM generate_series(1, N_ITEMS / 2) AS n;

INSERT INTO progress (person_id, item_id, item_key, position_ms, is_played, last_played_at)
SELECT pg_temp.uid('01', 1 + n % 3), pg_temp.uid('04', n), 'movie:film ' || n, CASE WHEN n % 100 = 0 THEN 1000 ELSE 0 END,
    n % 100 <> 0, timestamptz '2026-01-01' - n * interval '1 minute'
FROM generate_series(1, N_ITEMS / 2) AS n;
INSERT INTO play_event (person_id, item_id, item_key, title, started_at, ended_at)
SELECT pg_temp.uid('01', 1 + n % 3), pg_temp.uid('04', n), 'movie:film ' || n, 'Film ' || n,
    timestamptz '2026-01-01' - n * interval '1 minute', timestamptz '2026-01-01'
FROM generate_series(1, N_ITEMS / 2) AS n;
INSERT INTO favourite (person_id, item_id, item_key)
SELECT pg_temp.uid('01', 1 + n % 3), pg_temp.uid('04', n), 'movie:film ' || n FROM generate_series(1, N_ITEMS / 2) AS n;
INSERT INTO playlist (id, person_id, name, sort_name, is_shared, created_at, updated_at)
SELECT pg_temp.uid('0c', n), pg_temp.uid('01', 1 + n % 3), 'List ' || n, 'list ' || n, n % 2 = 0, '2026-01-01', '2026-01-01'
FROM generate_series(0, N_ITEMS / 200) AS n;
INSERT INTO playlist_entry (id, playlist_id, position, item_id, item_key, added_at)
SELECT pg_temp.uid('0d', n), pg_temp.uid('0c', n % (N_ITEMS / 200)), n * 1000, pg_temp.uid('04', n), 'movie:film ' || n, '2026-01-01'
FROM generate_series(1, N_ITEMS / 2) AS n;
ANALYZE;
