-- 100,000 films as scans and providers leave them: titles of a few words, years with more films in late ones, dates of
-- arrival in bursts, one to three of twenty genres with a few very frequent ones, one file, one poster. The same rows
-- every time. The library has one folder. :library and :n_items are filled in by the caller.
BEGIN;
SET LOCAL search_path = catalog, public;
SET LOCAL synchronous_commit = off;
SELECT setseed(0.42);

CREATE TEMPORARY TABLE word ON COMMIT DROP AS SELECT
    string_to_array('amber,ancient,bitter,black,blind,blue,bold,bright,broken,burning,calm,cold,crimson,crooked,cruel,dark,'
        'dead,deep,distant,double,dry,early,eastern,electric,empty,endless,eternal,faint,fallen,false,far,fatal,final,first,'
        'forgotten,fragile,free,frozen,gentle,golden,good,grand,great,green,grey,hidden,high,hollow,honest,hungry,invisible,'
        'iron,last,late,little,living,lonely,long,lost,loud,lucky,mad,midnight,missing,modern,naked,new,noble,northern,old,'
        'open,other,pale,perfect,quiet,rare,red,restless,royal,sacred,savage,secret,seventh,sharp,short,silent,silver,simple,'
        'sleeping,slow,small,southern,stolen,strange,sweet,tall,tender,third,true,unknown,velvet,violent,wandering,western,'
        'white,wicked,wild,winter,wooden,yellow,young', ',') AS adjective,
    string_to_array('affair,angel,apartment,arrow,autumn,ballad,bandit,battle,beach,bell,bird,blood,boat,bone,border,boy,'
        'bridge,brother,butcher,captain,castle,cathedral,child,circus,city,clock,cloud,coast,colour,country,crow,crown,dance,'
        'daughter,dawn,day,desert,detective,devil,diary,doctor,dog,door,dragon,dream,dust,eagle,earth,echo,emperor,empire,'
        'evening,eye,fall,family,father,fire,fish,flame,flower,forest,fortune,fox,friend,game,garden,gate,ghost,giant,girl,'
        'glass,gold,guest,gun,hand,harbour,harvest,heart,hill,home,horse,hotel,hour,house,hunter,ice,island,journey,judge,'
        'jungle,key,killer,king,kiss,lady,lake,land,letter,lie,light,lion,machine,man,map,market,mask,memory,mirror,monster,'
        'moon,morning,mother,mountain,murder,music,night,ocean,orchard,paradise,passenger,path,piano,pilot,planet,prince,'
        'prisoner,promise,queen,rain,return,river,road,room,rose,sailor,school,sea,season,shadow,ship,sister,sky,snow,soldier,'
        'song,stone,storm,story,stranger,street,summer,sun,teacher,thief,thunder,tiger,time,tower,town,train,treasure,tree,'
        'valley,village,voice,voyage,wall,war,water,wedding,whisper,widow,wife,wind,window,witch,wolf,woman,world,year', ',')
        AS noun;

CREATE TEMPORARY TABLE film ON COMMIT DROP AS
WITH dice AS (
    SELECT n, random() AS form, random() AS a, random() AS b, random() AS c, random() AS age, random() AS burst,
        random() AS late
    FROM generate_series(1, :n_items) AS n
), worded AS (
    SELECT dice.*,
        initcap(adjective[1 + floor(a * cardinality(adjective))::int]) AS adjective,
        initcap(noun[1 + floor(b * cardinality(noun))::int]) AS noun,
        initcap(noun[1 + floor(c * cardinality(noun))::int]) AS other
    FROM dice CROSS JOIN word
)
SELECT n, uuidv7() AS id, uuidv7() AS file_id,
    CASE
        WHEN form < 0.25 THEN 'The ' || adjective || ' ' || noun
        WHEN form < 0.45 THEN adjective || ' ' || noun
        WHEN form < 0.60 THEN 'The ' || noun || ' of the ' || other
        WHEN form < 0.72 THEN noun || ' and ' || other
        WHEN form < 0.82 THEN 'The ' || adjective || ' ' || noun || '''s ' || other
        WHEN form < 0.92 THEN 'A ' || noun || ' in the ' || adjective || ' ' || other
        ELSE adjective || ' ' || noun || ' ' || (2 + floor(c * 4))::int
    END AS title,
    2026 - floor(90 * age * age)::int AS year,
    -- Four hundred evenings in ten years on which somebody filled a disk.
    timestamptz '2026-01-01' - floor(burst * 400) * interval '9 days' - late * interval '5 hours' AS added_at
FROM worded;

INSERT INTO item (id, library_id, kind, form, root_id, is_top, identity, title, sort_title, year, released_on, runtime_ms,
    rating, overview, popularity, added_at, updated_at, described_at, match_state)
SELECT id, ':library', 'movie', 'video', id, true, lower(title) || '|' || year || '|' || n, title,
    regexp_replace(lower(title), '^(the|an?) ', ''), year, make_date(year, 1 + n % 12, 1 + n % 28),
    3600000 + (n * 7919) % 7200000, round((3 + 6.5 * random())::numeric, 1),
    'What became of ' || title || ', told by those who were there and did not want it told.',
    random() * 100, added_at, added_at, added_at, 'matched'
FROM film;

INSERT INTO file (id, library_id, folder_id, path, size_bytes, modified_ns, inode, device, fingerprint, class, container,
    mime, duration_ms, bitrate_bps, placement, added_at, probed_at)
SELECT film.file_id, ':library', library_folder.id, format('%s (%s)/%s (%s) %s.mkv', title, year, title, year, n),
    1000000000 + n, 1, n, 1, n, 'video', 'matroska', 'video/x-matroska; codecs="avc1.640028, mp4a.40.2"',
    3600000 + (n * 7919) % 7200000, 8000000, n, added_at, added_at
FROM film JOIN library_folder ON library_folder.library_id = ':library';

INSERT INTO item_file (item_id, file_id, role) SELECT id, file_id, 'main' FROM film;

INSERT INTO image (item_id, role, source, file_id, made_of_ns, content_hash, mime, width, height, blurhash, color)
SELECT id, 'poster', 'frame', file_id, 1, sha256(id::text::bytea), 'image/jpeg', 1000, 1500,
    'LEHV6nWB2yk8pyo0adR*.7kCMdnj', '#3a5f7c'
FROM film;

INSERT INTO label (kind, name, identity)
SELECT 'genre', name, lower(name)
FROM unnest(ARRAY['Drama', 'Comedy', 'Thriller', 'Action', 'Romance', 'Horror', 'Crime', 'Documentary', 'Adventure',
    'Science Fiction', 'Family', 'Mystery', 'Fantasy', 'Animation', 'History', 'Music', 'War', 'Western', 'Sport', 'Noir'])
    AS name
ON CONFLICT DO NOTHING;

-- Drama is on every other film, Noir on one in some hundreds.
INSERT INTO item_label (item_id, label_id, position)
SELECT film.id, label.id, position
FROM film
CROSS JOIN LATERAL (
    SELECT position, (ARRAY['drama', 'comedy', 'thriller', 'action', 'romance', 'horror', 'crime', 'documentary',
        'adventure', 'science fiction', 'family', 'mystery', 'fantasy', 'animation', 'history', 'music', 'war', 'western',
        'sport', 'noir'])[1 + floor(19.1 * power(random(), 2.5 + 0 * film.n))::int] AS identity
    FROM generate_series(0, film.n % 3) AS position
) AS drawn
JOIN label ON label.kind = 'genre' AND label.identity = drawn.identity
ON CONFLICT DO NOTHING;

INSERT INTO movies.movie (item_id) SELECT id FROM film;
INSERT INTO search_outbox (item_id) SELECT id FROM film;
COMMIT;
VACUUM ANALYZE;
