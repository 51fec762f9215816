/** The set-up wizard and the page of sign-in. */
import type { Messages } from '../en';
import { count } from './count';

export const setup: Messages['setup'] = {
  title: 'Revenge einrichten',
  step: (n, of) => `Schritt ${n} von ${of}`,
  welcome: 'Willkommen',
  welcomeText: 'Wenige Minuten bis zu deinem ersten Film. Nichts verlässt diesen Rechner.',
  accountTitle: 'Dein Konto',
  accountText: 'Du betreibst diesen Server, also darf dieses Konto alles.',
  code: 'Einrichtungscode',
  codeHint: 'Der Server hat ihn beim Start ausgegeben. Er zeigt, dass der Server dir gehört.',
  libraryTitle: 'Deine erste Bibliothek',
  libraryText:
    'Revenge liest deine Dateien dort, wo sie liegen. Sie werden nie verschoben, umbenannt oder verändert.',
  scanTitle: 'Deine Bibliothek wird eingelesen',
  scanWaits: 'Gleich geht es los',
  scanText: 'Du kannst dich inzwischen schon umsehen.',
  doneTitle: 'Bereit',
  doneText: (n) => `${count(n, 'Titel wartet', 'Titel warten')} auf dich.`,
  emptyTitle: 'Noch nichts gefunden',
  emptyText:
    'Der Ordner enthält keine passenden Dateien. Weitere Ordner fügst du in den Einstellungen hinzu.',
  providers: 'Keine Schlüssel nötig',
  providersText:
    'Titel, Bilder und Angaben kommen aus deinen Dateien, ihren Namen und den NFO-Dateien daneben. Mit einem Schlüssel für einen Anbieter wie TMDb oder TheTVDB in den Einstellungen kommen Poster, Beschreibungen, Besetzung und Wertungen aus dem Netz dazu. Das geht jederzeit.',
  openHome: 'Jetzt ansehen',
  start: 'Los geht’s',
  skip: 'Später',
  addLibrary: 'Hinzufügen und einlesen',
  createAccount: 'Konto anlegen',
};

export const signIn: Messages['signIn'] = {
  title: 'Willkommen zurück',
  text: (server) => `Bei ${server} anmelden`,
  submit: 'Anmelden',
  wrong: 'Name oder Passwort ist falsch.',
  passkey: 'Mit Passkey anmelden',
  wrongPasskey: 'Dieser Server kennt den Passkey nicht.',
  withProvider: (name) => `Mit ${name} anmelden`,
  continueAs: (name) => `Weiter als ${name}`,
  arriving: 'Du wirst angemeldet',
  failed: 'Das hat nicht geklappt',
  linkText: 'Dieser Link meldet dich einmal an.',
};

export const quickConnect: Messages['quickConnect'] = {
  use: 'Ein angemeldetes Gerät benutzen',
  title: 'Schnell verbinden',
  steps: 'Öffne auf einem angemeldeten Gerät Einstellungen, Sicherheit und gib diesen Code ein.',
  code: 'Code',
  waits: 'Wartet auf das andere Gerät',
  again: 'Neuer Code',
  connect: 'Schnell verbinden',
  connectText: 'Meldet einen Fernseher oder ein anderes Gerät an, das einen Code zeigt.',
  unknown: 'Kein Gerät zeigt diesen Code.',
  letInTitle: 'Dieses Gerät anmelden?',
  letInText: (what) => `${what}. Es darf dann alles, was du darfst.`,
  letInButton: 'Anmelden',
  letIn: 'Das Gerät ist angemeldet',
};

export const secondStep: Messages['secondStep'] = {
  title: 'Noch ein Schritt',
  totpText: 'Gib den Code ein, den deine Authenticator-App zeigt.',
  passkeyText: 'Das Passwort stimmt. Entsperre jetzt deinen Passkey.',
  recoveryText: 'Gib einen deiner Wiederherstellungscodes ein. Er ist damit verbraucht.',
  code: 'Code',
  recoveryCode: 'Wiederherstellungscode',
  passkey: 'Passkey benutzen',
  useRecovery: 'Wiederherstellungscode benutzen',
  useOther: 'Etwas anderes benutzen',
  wrong: 'Das stimmt nicht oder wurde schon benutzt.',
};

export const demandedFactor: Messages['demandedFactor'] = {
  title: 'Eins zuerst',
  text: 'Deine Rolle verlangt einen zweiten Faktor neben dem Passwort. Richte einen davon ein, dann geht es weiter.',
};
