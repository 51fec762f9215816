/** Home, libraries and search. */
import type { Messages } from '../en';
import { count } from './count';

export const home: Messages['home'] = {
  title: 'Start',
  continue: 'Weiterschauen',
  next_up: 'Als Nächstes',
  latest: (library) => `Neu in ${library}`,
  empty: 'Deine Bibliotheken sind leer',
  emptyText: 'Sobald beim Einlesen etwas gefunden wird, erscheint es hier.',
  noLibraries: 'Noch keine Bibliothek',
  noLibrariesText: 'Sag Revenge, wo deine Filme und Serien liegen.',
  noLibrariesGuest: 'Wer diesen Server betreibt, hat noch keine Bibliothek mit dir geteilt.',
  addLibrary: 'Bibliothek hinzufügen',
  seeAll: 'Alle zeigen',
};

export const library: Messages['library'] = {
  count: (n) => count(n, 'Titel', 'Titel'),
  sort: 'Sortieren nach',
  sorts: {
    title: 'Titel',
    added_at: 'Hinzugefügt',
    released_on: 'Erscheinungsdatum',
    runtime_ms: 'Länge',
    rating: 'Wertung',
    last_played_at: 'Zuletzt gesehen',
  },
  asc: 'Aufsteigend',
  desc: 'Absteigend',
  filter: 'Filter',
  all: 'Alle',
  played: 'Gesehen',
  unplayed: 'Nicht gesehen',
  favourites: 'Favoriten',
  genre: 'Genre',
  years: 'Jahre',
  yearFrom: 'Von Jahr',
  yearTo: 'Bis Jahr',
  allLetters: 'A – Z',
  letter: 'Zu Buchstabe springen',
  clear: 'Filter löschen',
  empty: 'Diese Bibliothek ist leer',
  emptyText: 'Revenge hat in ihren Ordnern noch nichts gefunden.',
  noMatch: 'Nichts passt',
  noMatchText: 'Versuche es mit weniger Filtern.',
  scan: 'Einlesen',
  collectionsEmpty: 'Keine Reihen',
  collectionsEmptyText:
    'Filme, die zusammengehören, stehen hier, sobald ein Anbieter oder eine NFO-Datei es sagt.',
  favouritesEmpty: 'Noch keine Favoriten',
  favouritesEmptyText: 'Drück auf das Herz bei allem, was dir gefällt; hier findest du es wieder.',
};

export const search: Messages['search'] = {
  title: 'Suche',
  placeholder: 'Filme, Serien, Folgen',
  hint: 'Tippe, um alle Bibliotheken zu durchsuchen',
  results: (n, text) => `${count(n, 'Treffer', 'Treffer')} für „${text}“`,
  none: (text) => `Nichts gefunden für „${text}“`,
  noneText: 'Prüfe die Schreibweise oder versuche es mit weniger Buchstaben.',
  all: (n) => (n === 1 ? '1 Treffer anzeigen' : `Alle ${n.toLocaleString('de')} Treffer anzeigen`),
  clear: 'Leeren',
  open: 'Suche öffnen',
};
