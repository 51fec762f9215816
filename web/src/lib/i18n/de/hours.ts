import type { Messages } from '../en';

/** Zeiten der Woche, zu denen der Server für jemanden da ist. */

export const hours: Messages['hours'] = {
  title: 'Zeiten',
  text: 'Wann der Server für diese Person da ist. Ohne Angabe immer. Für Administratoren gelten keine Zeiten.',
  zone: (name) => `Nach der Uhr in ${name}.`,
  mine: 'Deine Zeiten',
  mineText: 'Wann der Server für dich da ist. Andere gibt, wer hier die Personen verwaltet.',
  add: 'Zeit hinzufügen',
  remove: (line) => `${line} entfernen`,
  days: 'Tage',
  from: 'Von',
  until: 'Bis',
  nextDay: 'Endet am nächsten Tag.',
  every: {
    daily: 'Jeden Tag',
    workdays: 'Montag bis Freitag',
    weekend: 'Samstag und Sonntag',
    monday: 'Montag',
    tuesday: 'Dienstag',
    wednesday: 'Mittwoch',
    thursday: 'Donnerstag',
    friday: 'Freitag',
    saturday: 'Samstag',
    sunday: 'Sonntag',
  },
  ending: (time) => `Deine Zeit hier endet um ${time}`,
  overTitle: 'Für jetzt ist Schluss',
  overText: (time) => `Komm um ${time} wieder.`,
  overDayText: (day, time) => `Komm am ${day} um ${time} wieder.`,
};
