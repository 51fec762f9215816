/** What every page uses: navigation, states, forms, errors, kinds. */
import type { Messages } from '../en';

export const nav: Messages['nav'] = {
  main: 'Hauptnavigation',
  home: 'Start',
  favourites: 'Favoriten',
  collections: 'Reihen',
  playlists: 'Playlists',
  requests: 'Wünsche',
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
  'notices.too_many_targets': 'Mehr sind nicht möglich. Lösche zuerst eins.',
  'notices.not_signed': 'Nur Webhooks werden signiert.',
  'notices.still_waiting': 'Das ist schon unterwegs.',
  'requests.already_here': 'Das gibt es hier schon. Such es in deinen Bibliotheken.',
  'requests.too_many': 'Mehr Wünsche auf einmal gehen nicht. Zieh erst einen zurück.',
  'requests.answered': 'Das wurde inzwischen beantwortet.',
  'adult.age_not_confirmed': 'Sag zuerst, dass du alt genug bist.',
  'playback.no_way_left':
    'Der Server konnte diesen Film nicht umwandeln, und anders lässt er sich hier nicht abspielen.',
  'playback.too_many_streams':
    'Es läuft schon zu viel gleichzeitig. Beende zuerst etwas, oder versuche es in zwei Minuten wieder.',
  'accounts.name_taken': 'Der Name ist vergeben. Wähle einen anderen.',
  'accounts.role_name_taken': 'Eine Rolle heißt schon so. Nimm einen anderen Namen.',
  'accounts.role_in_use': 'Jemand hat diese Rolle. Gib ihnen zuerst eine andere.',
  'accounts.challenge_over': 'Das hat zu lange gedauert oder wurde zu oft versucht. Fang neu an.',
  'accounts.code_over': 'Der Code ist abgelaufen oder benutzt. Hol dir einen neuen.',
  'accounts.profile_needs_pin':
    'Diese Person hat keine PIN. Sie muss sich mit ihrem Passwort anmelden.',
  'accounts.too_many_profiles': 'Schon zwanzig Leute teilen sich dieses Gerät.',
  'accounts.outside_hours': 'Das ist außerhalb deiner Zeiten.',
  'accounts.second_factor_needed':
    'Deine Rolle verlangt einen zweiten Faktor. Richte zuerst einen ein.',
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
  'accounts.provider_begin_again':
    'Das hat zu lange gedauert, wurde schon benutzt oder begann in einem anderen Browser. Beginne noch einmal.',
  'accounts.provider_refused':
    'Du wurdest dort nicht angemeldet. Beginne noch einmal oder frage, wer es betreibt.',
  'accounts.provider_not_believed':
    'Was zurückkam, stimmt nicht. Beginne noch einmal. Hilft das nicht, frage, wer diesen Server betreibt.',
  'accounts.provider_name_taken':
    'Jemand hat hier ein Konto mit deinem Namen. Bist du das, melde dich wie bisher an und verbinde das andere Konto in den Einstellungen unter Sicherheit.',
  'accounts.identity_in_use': 'Dieses Konto meldet hier schon jemand anderen an.',
  'accounts.no_account':
    'Du hast hier kein Konto, das du benutzen darfst. Frage, wer diesen Server betreibt.',
  'accounts.no_proxy_name': 'Niemand sagte, wer du bist. Melde dich anders an.',
  'accounts.last_way_in':
    'Du könntest dich nicht mehr anmelden. Gib dir zuerst ein Passwort oder einen Passkey.',
  'accounts.password_off': 'Hier meldet sich niemand mit einem Passwort an.',
  'accounts.passkey_off': 'Hier meldet sich niemand nur mit einem Passkey an.',
  unavailable:
    'Ein Teil des Servers oder ein anderer Server ist gerade nicht da. Versuche es später noch einmal.',
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
