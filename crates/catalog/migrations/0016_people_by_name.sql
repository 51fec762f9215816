-- Lists of people.
CREATE INDEX person_sort_name_idx ON person (sort_name, id);
COMMENT ON INDEX person_sort_name_idx IS 'people by name';
