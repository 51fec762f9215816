/** Home, libraries and search. */
import { count } from './count';

export const home = {
  title: 'Home',
  continue: 'Continue watching',
  next_up: 'Next up',
  latest: (library: string) => `Latest in ${library}`,
  empty: 'Your libraries are empty',
  emptyText: 'As soon as a scan finds something, it shows up here.',
  noLibraries: 'No library yet',
  noLibrariesText: 'Tell Revenge where your films and shows are.',
  noLibrariesGuest: 'Whoever runs this server has not shared a library with you yet.',
  addLibrary: 'Add a library',
  seeAll: 'See all',
};

export const library = {
  count: (n: number) => count(n, 'title', 'titles'),
  sort: 'Sort by',
  sorts: {
    title: 'Title',
    added_at: 'Date added',
    released_on: 'Release date',
    runtime_ms: 'Length',
    rating: 'Rating',
    last_played_at: 'Last played',
  },
  asc: 'Ascending',
  desc: 'Descending',
  filter: 'Filter',
  all: 'All',
  played: 'Watched',
  unplayed: 'Not watched',
  favourites: 'Favourites',
  genre: 'Genre',
  years: 'Years',
  yearFrom: 'From year',
  yearTo: 'To year',
  letter: 'Jump to letter',
  allLetters: 'A – Z',
  clear: 'Clear filters',
  empty: 'This library is empty',
  emptyText: 'Revenge found nothing in its folders yet.',
  noMatch: 'Nothing matches',
  noMatchText: 'Try fewer filters.',
  scan: 'Scan',
  collectionsEmpty: 'No collections',
  collectionsEmptyText:
    'Films that belong together are gathered here as soon as a provider or an NFO file says so.',
  favouritesEmpty: 'No favourites yet',
  favouritesEmptyText: 'Press the heart on anything you like and find it here.',
};

export const search = {
  title: 'Search',
  placeholder: 'Films, shows, episodes',
  hint: 'Type to search all your libraries',
  results: (n: number, text: string) => `${count(n, 'result', 'results')} for “${text}”`,
  none: (text: string) => `Nothing found for “${text}”`,
  noneText: 'Check the spelling, or try fewer letters.',
  all: (n: number) => `Show ${count(n, 'result', 'all results')}`,
  clear: 'Clear',
  open: 'Open search',
};
