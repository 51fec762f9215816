/** What every page uses: navigation, states, forms, errors, kinds. */
import type { Messages } from '../en';

export const nav: Messages['nav'] = {
  main: 'Hauptnavigation',
  home: 'Start',
  favourites: 'Favoriten',
  collections: 'Reihen',
  libraries: 'Bibliotheken',
  search: 'Suche',
  settings: 'Einstellungen',
  account: 'Konto',
  signOut: 'Abmelden',
  skip: 'Zum Inhalt springen',
  back: 'Zurück',
  breadcrumbs: 'Wo du bist',
  previous: 'Zurückblättern',
  following: 'Weiterblättern',
};

export const state: Messages['state'] = {
  loading: 'Wird geladen',
  retry: 'Erneut versuchen',
  home: 'Zum Start',
  offline: 'Der Server antwortet nicht',
  offlineText: 'Prüfe, ob Revenge läuft und ob dieses Gerät im selben Netz ist.',
  forbidden: 'Nicht für dieses Konto',
  forbiddenText: 'Frag die Person, die den Server betreibt, wenn du das sehen solltest.',
  notFound: 'Hier ist nichts',
  notFoundText:
    'Es wurde verschoben oder gelöscht, oder es liegt in einer Bibliothek, die du nicht siehst.',
  server: 'Da ging etwas schief',
  serverText: 'Es liegt nicht an dir. Näheres steht im Protokoll des Servers.',
  busy: 'Zu viele Versuche',
  busyText: 'Warte einen Moment und versuche es dann erneut.',
  request: (id) => `Anfrage ${id}`,
};

export const form: Messages['form'] = {
  save: 'Speichern',
  saved: 'Gespeichert',
  cancel: 'Abbrechen',
  close: 'Schließen',
  delete: 'Löschen',
  next: 'Weiter',
  done: 'Fertig',
  add: 'Hinzufügen',
  edit: 'Bearbeiten',
  more: 'Mehr',
  loadMore: 'Mehr anzeigen',
  name: 'Name',
  password: 'Passwort',
  passwordHint: 'Mindestens 8 Zeichen. Ein paar Wörter sind ein gutes Passwort.',
  showPassword: 'Passwort zeigen',
  hidePassword: 'Passwort verbergen',
  required: 'Bitte ausfüllen',
  tooShort: 'Mindestens 8 Zeichen',
  language: 'Sprache',
};

export const errors: Messages['errors'] = {
  'adult.age_not_confirmed': 'Sag zuerst, dass du alt genug bist.',
  'playback.too_many_streams':
    'Es läuft schon zu viel gleichzeitig. Beende zuerst etwas, oder versuche es in zwei Minuten wieder.',
  'accounts.name_taken': 'Der Name ist vergeben. Wähle einen anderen.',
  'accounts.role_name_taken': 'Eine Rolle heißt schon so. Nimm einen anderen Namen.',
  'accounts.role_in_use': 'Jemand hat diese Rolle. Gib ihnen zuerst eine andere.',
  'accounts.challenge_over': 'Das hat zu lange gedauert oder wurde zu oft versucht. Fang neu an.',
  'accounts.code_over': 'Der Code ist abgelaufen oder benutzt. Hol dir einen neuen.',
  'accounts.totp_in_use': 'Es gibt schon eine Authenticator-App. Schalte sie zuerst aus.',
  'accounts.no_passkeys_here':
    'Passkeys brauchen einen Namen des Servers. Öffne ihn unter seinem Namen.',
  'accounts.passkey_known': 'Dieser Passkey wurde schon hinzugefügt.',
  'accounts.too_many_passkeys': 'Niemand hat mehr als zwanzig Passkeys. Entferne zuerst einen.',
  'setup.already_done': 'Dieser Server ist schon eingerichtet. Melde dich an.',
  'setup.wrong_code': 'Das ist nicht der Code, den der Server ausgegeben hat.',
  'images.unfetchable':
    'Das Bild war nicht zu bekommen. Versuche es später noch einmal oder wähle ein anderes.',
  'images.not_given': 'Nur hinzugefügte Bilder lassen sich löschen.',
  'metadata.no_provider':
    'Noch kann niemand gefragt werden. Gib zuerst in den Einstellungen unter Metadaten einen Schlüssel ein.',
  'metadata.key_refused':
    'Der Anbieter nimmt seinen Schlüssel nicht an. Gib in den Einstellungen einen anderen ein.',
  'metadata.provider_failed':
    'Der Anbieter ist nicht zu erreichen. Versuche es später noch einmal.',
  'item.edit_undone': 'Das wurde schon zurückgenommen.',
  'item.edit_not_last': 'Nur die letzte Änderung eines Felds lässt sich zurücknehmen.',
  unauthenticated: 'Melde dich neu an.',
  forbidden: 'Dieses Konto darf das nicht.',
  not_found: 'Das gibt es nicht mehr.',
  busy: 'Zu viele Versuche. Warte einen Moment und versuche es dann erneut.',
  offline: 'Der Server antwortet nicht.',
  internal: 'Auf dem Server ging etwas schief. Näheres steht in seinem Protokoll.',
};

export const languages: Messages['languages'] = { en: 'English', de: 'Deutsch' };

export const kinds: Messages['kinds'] = {
  movies: 'Filme',
  shows: 'Serien',
  movie: 'Film',
  series: 'Serie',
  season: 'Staffel',
  episode: 'Folge',
  scenes: 'Szenen',
  scene: 'Szene',
};

/** Headings above several of a kind. */
export const kindGroups: Messages['kindGroups'] = {
  movie: 'Filme',
  series: 'Serien',
  season: 'Staffeln',
  episode: 'Folgen',
};
