/** Was Personen dürfen, und die Rollen daraus. */
import type { Messages } from '../en';
import { count } from './count';

export const permissions: Messages['permissions'] = {
  browse: {
    name: 'Stöbern',
    text: 'Sehen und durchsuchen, was in den eigenen Bibliotheken ist.',
  },
  play: {
    name: 'Abspielen',
    text: 'Abspielen, und die Stelle wird gemerkt.',
  },
  transcode: {
    name: 'Umwandeln',
    text: 'Filme für Geräte umwandeln lassen, die sie nicht so abspielen, wie sie sind.',
  },
  download: {
    name: 'Herunterladen',
    text: 'Kopien von Dateien auf dem eigenen Gerät behalten.',
  },
  watch_together: {
    name: 'Gemeinsam schauen',
    text: 'Gleichzeitig mit anderen schauen.',
  },
  personalize: {
    name: 'Eigene Listen',
    text: 'Favoriten, Playlists, Gesehenes, Sprachen und Mitteilungen selbst festlegen.',
  },
  request: {
    name: 'Wünschen',
    text: 'Filme und Serien suchen, die nicht da sind, und sie sich wünschen.',
  },
  change_password: {
    name: 'Passwort ändern',
    text: 'Das eigene Passwort ändern.',
  },
  use_api_keys: {
    name: 'API-Schlüssel',
    text: 'Programme im eigenen Namen handeln lassen.',
  },
  invite: {
    name: 'Einladen',
    text: 'Personen über einen Link einladen.',
  },
  manage_people: {
    name: 'Personen verwalten',
    text: 'Konten anlegen, ändern und löschen, die nicht mehr dürfen als man selbst.',
  },
  see_playing: {
    name: 'Sehen, was bei anderen läuft',
    text: 'Wer gerade was auf welchem Gerät abspielt.',
  },
  control_playing: {
    name: 'Wiedergabe anderer beenden',
    text: 'Mit einer Nachricht an sie.',
  },
  scan_libraries: {
    name: 'Bibliotheken einlesen',
    text: 'Bibliotheken neu einlesen lassen und sehen, was nicht lesbar war.',
  },
  manage_libraries: {
    name: 'Bibliotheken verwalten',
    text: 'Bibliotheken anlegen, ändern und löschen; die Ordner des Servers sehen.',
  },
  edit_metadata: {
    name: 'Metadaten bearbeiten',
    text: 'Festlegen, was Filme sind und was über sie gesagt wird; sehen, wo ihre Dateien liegen.',
  },
  edit_images: {
    name: 'Bilder bearbeiten',
    text: 'Bilder wählen, hinzufügen und löschen.',
  },
  manage_providers: {
    name: 'Anbieter verwalten',
    text: 'Festlegen, welche Quellen Filme beschreiben, samt ihren Schlüsseln.',
  },
  manage_jobs: {
    name: 'Aufgaben verwalten',
    text: 'Hintergrundarbeit sehen, abbrechen und wiederholen.',
  },
  manage_requests: {
    name: 'Wünsche beantworten',
    text: 'Sehen, was sich andere wünschen, und antworten.',
  },
  see_audit: {
    name: 'Vorgänge sehen',
    text: 'Wer was getan hat: Anmeldungen, Änderungen an Konten und Einstellungen.',
  },
  see_system: {
    name: 'System sehen',
    text: 'Wie es dem Server geht.',
  },
  adult: {
    name: 'Bereich für Erwachsene betreten',
    text: 'Wo dieser Server einen hat, und wer sagt, dass er alt genug ist.',
  },
  administer: {
    name: 'Alles',
    text: 'All das, und Rollen zusammenstellen.',
  },
};

export const roles: Messages['roles'] = {
  text: 'Was Personen dürfen. Jede hat eine Rolle.',
  role: 'Rolle',
  add: 'Rolle hinzufügen',
  allows: 'Was sie erlaubt',
  deleted: 'Rolle gelöscht',
  needsFactor: 'Zweiter Faktor verlangt',
  needsFactorHint: 'Wer keinen hat, richtet beim nächsten Schritt zuerst einen ein.',
  people: (n) => `${count(n, 'Person hat', 'Personen haben')} sie.`,
  builtIn: {
    admin: 'Administrator',
    manager: 'Verwalter',
    member: 'Mitglied',
    child: 'Kind',
    guest: 'Gast',
  },
  builtInTexts: {
    admin: 'Darf alles.',
    manager: 'Kümmert sich um Personen und um das, was die Bibliotheken sagen.',
    member: 'Schaut, mit eigenen Favoriten und Listen.',
    child: 'Schaut. Um das Passwort kümmern sich andere.',
    guest: 'Schaut, mit einem Konto, das mehrere teilen können.',
  },
};

export const invitations: Messages['invitations'] = {
  text: 'Links, über die sich Personen selbst ein Konto anlegen.',
  add: 'Einladen',
  note: 'Für wen ist sie?',
  noteHint: 'Für deine eigene Liste.',
  uses: 'Für wie viele?',
  life: 'Gültig für',
  lives: { '1': '1 Tag', '7': '1 Woche', '30': '30 Tage', '90': '90 Tage' },
  create: 'Link anlegen',
  made: 'Der Link ist fertig',
  madeText: 'Schick ihn denen, die du einlädst. Er wird nur jetzt gezeigt.',
  link: 'Link',
  copy: 'Link kopieren',
  copied: 'Kopiert',
  nobody: 'Ohne Notiz',
  used: (n, of) => `${n} von ${of} gekommen`,
  ends: (when) => `endet ${when}`,
  over: 'abgelaufen',
  by: (person) => `von ${person}`,
  takeBack: 'Zurücknehmen',
  takenBack: 'Einladung zurückgenommen',
  none: 'Keine Einladungen',
  noneText: 'Lade jemanden ein; Name und Passwort wählen sie selbst.',
};

export const join: Messages['join'] = {
  title: 'Willkommen',
  text: (person) => `${person} lädt dich ein. Wähle, wie du dich anmelden willst.`,
  submit: 'Konto anlegen',
  gone: 'Diese Einladung gilt nicht mehr',
  goneText: 'Sie wurde benutzt, zurückgenommen oder ist abgelaufen. Bitte um eine neue.',
  signIn: 'Anmelden',
};

export const apiKeys: Messages['apiKeys'] = {
  text: 'Mit einem Schlüssel handelt ein Programm in deinem Namen, soweit du es erlaubst.',
  add: 'Neuer Schlüssel',
  name: 'Wofür ist er?',
  allows: 'Was er darf',
  allowsText: 'Sehen darf er immer, was du siehst.',
  life: 'Gültig für',
  lives: { '30': '30 Tage', '90': '90 Tage', '365': '1 Jahr', never: 'Ohne Ende' },
  create: 'Schlüssel anlegen',
  made: 'Der Schlüssel ist fertig',
  madeText: 'Kopiere ihn in das Programm. Er wird nur jetzt gezeigt.',
  secret: 'Schlüssel',
  copy: 'Schlüssel kopieren',
  copied: 'Kopiert',
  neverUsed: 'Nie benutzt',
  used: (when) => `Benutzt ${when}`,
  ends: (when) => `endet ${when}`,
  over: 'abgelaufen',
  delete: 'Löschen',
  deleteTitle: (name) => `„${name}“ löschen?`,
  deleteText: 'Programme mit diesem Schlüssel werden ab jetzt abgewiesen.',
  deleted: 'Schlüssel gelöscht',
  none: 'Keine Schlüssel',
  noneText: 'Lege für jedes Programm einen an, das Revenge in deinem Namen erreichen soll.',
};
