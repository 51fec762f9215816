import type { Messages } from '../en';

/** Leute, die sich ein Gerät teilen. */

export const profiles: Messages['profiles'] = {
  switch: 'Profil wechseln',
  title: 'Wer schaut?',
  text: 'Zu allen, die sich hier anmelden und auf dem Gerät bleiben, kann gewechselt werden.',
  you: 'Du',
  back: 'Als du selbst weiter',
  add: 'Jemand anderes',
  remember: 'Auf diesem Gerät bleiben',
  rememberText:
    'Andere, die es benutzen, können zu dir wechseln, wie es deine PIN oder deine Einstellungen erlauben. Abmelden beendet es.',
  pinOf: (name) => `PIN von ${name}`,
  wrongPin: 'Das ist nicht die PIN.',
  go: 'Weiter',
  hasPin: 'fragt nach einer PIN',
  closed: 'muss sich anmelden',
  leavingText: 'Von hier kannst du nur zu denen wechseln, die eine PIN haben.',
  leftText: 'Du bleibst nicht auf diesem Gerät: Wer wechselt, meldet dich ab.',
  panel: 'PIN zum Wechseln',
  panelText: 'Auf einem Gerät, das ihr euch teilt, wechseln andere mit dieser PIN zu dir.',
  set: 'PIN festlegen',
  change: 'PIN ändern',
  remove: 'PIN entfernen',
  removeTitle: 'Deine PIN entfernen?',
  removeText: 'Andere können dann nur zu dir wechseln, wenn du es ohne PIN erlaubst.',
  pin: 'PIN',
  pinHint: '4 bis 8 Ziffern',
  pinSaved: 'PIN gespeichert',
  pinRemoved: 'PIN entfernt',
  opens: 'Auch ohne PIN',
  opensText: 'Solange du keine PIN hast, wechseln andere auf einem geteilten Gerät sofort zu dir.',
  leaving: 'Verlassen braucht eine PIN',
  leavingHint:
    'Auf einem geteilten Gerät wechselt man von dieser Person nur zu denen, die eine PIN haben.',
};
