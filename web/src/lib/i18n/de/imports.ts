/** Haushalte von anderen Servern. */
import type { Messages } from '../en';
import { count } from './count';

export const imports: Messages['imports'] = {
  text: 'Personen und was sie gesehen haben, lieben und bewertet haben, aus Jellyfin oder Plex übernehmen. Dort wird nichts geändert, nichts hier Getanes zurückgenommen, und dasselbe darf noch einmal übernommen werden.',
  none: 'Noch nichts übernommen',
  noneText:
    'Erst die Bibliotheken einrichten und scannen lassen: Gefunden wird nach dem, was hier ist.',
  begin: 'Von einem anderen Server',
  beginText:
    'Er wird gelesen und mit dem hier verglichen. Geschrieben wird erst, wenn du es sagst.',
  source: 'Server',
  sources: { jellyfin: 'Jellyfin', plex: 'Plex' },
  way: 'Wie gelesen wird',
  ways: { upload: 'Hochladen', path: 'Ordner hier', server: 'Server fragen' },
  files: 'Dateien der Datenbank',
  filesHint: {
    jellyfin:
      'Bis 10.10 library.db und jellyfin.db, ab 10.11 jellyfin.db, aus dem Ordner data. Jellyfin vorher anhalten oder die -wal-Dateien dazunehmen.',
    plex: 'com.plexapp.plugins.library.db aus Plug-in Support/Databases. Plex vorher anhalten oder die -wal-Datei dazunehmen.',
  },
  path: 'Ordner oder Datei auf diesem Rechner',
  pathHint: {
    jellyfin: 'Der Ordner mit den Daten von Jellyfin, etwa /var/lib/jellyfin.',
    plex: 'Der Ordner „Plex Media Server“ oder die Datenbank darin.',
  },
  address: 'Adresse',
  addressHint: 'Des laufenden Jellyfin.',
  apiKey: 'API-Schlüssel',
  apiKeyHint:
    'Im Dashboard von Jellyfin unter API-Schlüssel angelegt. Er wird vergessen, sobald alles gelesen ist.',
  read: 'Lesen',
  states: {
    new: 'Wartet auf Dateien',
    reading: 'Wird gelesen',
    checking: 'Wird verglichen',
    ready: 'Bereit',
    bringing: 'Wird übernommen',
    done: 'Übernommen',
    failed: 'Gescheitert',
  },
  doneText:
    'Neue Konten haben noch kein Passwort: Gib ihnen unter Personen eines. Nach einem Scan noch einmal übernehmen holt, was nicht da war.',
  would: 'Was übernommen würde',
  brought: 'Was übernommen wurde',
  found: (found, all) => `${found} von ${all} Einträgen dort sind hier gefunden.`,
  by: (id, file, title, number) =>
    `Nach Kennung ${id}, nach Datei ${file}, nach Titel ${title}, nach Nummer ${number}.`,
  people: 'Je Person',
  person: 'Person',
  entries: 'Einträge',
  notHere: 'Nicht hier',
  columns: {
    progress_new: 'Neu',
    progress_changed: 'Ergänzt',
    progress_same: 'Bekannt',
    plays: 'Wiedergaben',
    favourites: 'Favoriten',
    ratings: 'Bewertungen',
    playlists: 'Playlists',
  },
  collectionsFound: (all, made, items) =>
    `${count(all, 'Sammlung', 'Sammlungen')} dort: ${made} hier neu, ${count(items, 'Titel', 'Titel')} aufgenommen.`,
  playlists: (n, names) =>
    `${count(n, 'Playlist wird', 'Playlists werden')} nicht übernommen: Sie stellen sich selbst zusammen oder gehören niemandem (${names}).`,
  pathIs: (from, to, n) => `${from} → ${to} (${count(n, 'Datei', 'Dateien')})`,
  missing: (missing, several) => `${missing} nicht hier, ${several} nicht eindeutig`,
  missingText: 'Geraten wird nicht. Scanne oder ordne zu, was fehlt, und vergleiche noch einmal.',
  download: 'Als Tabelle herunterladen',
  ambiguous: 'nicht eindeutig',
  ofPeople: (n) => `von ${count(n, 'Person', 'Personen')}`,
  who: 'Wer ist wer',
  whoText: 'Gleicher Name gilt als dieselbe Person. Passwörter werden nicht übernommen.',
  whoIs: (name) => `Wer ${name} hier ist`,
  nobody: 'Nicht übernehmen',
  newAccount: (name) => `Neues Konto: ${name}`,
  seeAll: 'Neue Konten sehen alle Bibliotheken',
  withCollections: 'Sammlungen übernehmen',
  folders: 'Ordner',
  foldersText:
    'Wo ein Ordner von dort hier liegt. Meist zeigt es sich von selbst; sag es, wo Dateien nicht gefunden werden.',
  folderThere: 'Ordner dort',
  folderHere: 'Ordner hier',
  addFolder: 'Ordner hinzufügen',
  removeFolder: 'Diesen Ordner entfernen',
  look: 'Noch einmal vergleichen',
  lookFirst: 'Vor dem Übernehmen noch einmal vergleichen.',
  run: 'Übernehmen',
  runAgain: 'Noch einmal übernehmen',
  forget: 'Vergessen',
  forgetTitle: 'Diese Übernahme vergessen?',
  forgetText: 'Was sie gebracht hat, bleibt.',
};
