/** Der Bereich für Erwachsene. */
import type { Messages } from '../en';
import { count } from './count';

export const adult: Messages['adult'] = {
  title: 'Bereich für Erwachsene',
  ageText:
    'Was hier ist, ist nur für Erwachsene. Geh weiter, wenn du dort, wo du lebst, alt genug dafür bist. Das wird einmal gefragt.',
  confirmAge: 'Ich bin alt genug',
  openText: 'Der Bereich ist auf diesem Gerät geschlossen.',
  open: 'Öffnen',
  leave: 'Zurück',
  close: 'Schließen',
  scenes: 'Szenen',
  performers: 'Darsteller',
  studios: 'Studios',
  studio: 'Studio',
  tags: 'Schlagwörter',
  scenesOf: (n) => count(n, 'Szene', 'Szenen'),
  none: 'Noch nichts da',
  noneText: 'Was ein Scan in den Bibliotheken dieses Bereichs findet, erscheint hier.',
  searchHint: 'Titel, Darsteller oder Schlagwort',
  noHits: 'In diesem Bereich heißt nichts so.',
  pin: 'PIN',
  pinText: 'Gib deine PIN ein, um den Bereich auf diesem Gerät zu öffnen.',
  wrongPin: 'Das ist nicht deine PIN.',
  showPin: 'PIN zeigen',
  hidePin: 'PIN verbergen',
  pinAbout: (minutes) =>
    `Mit einer PIN öffnet sonst niemand den Bereich auf deinen Geräten. Er schließt sich nach ${count(minutes, 'Minute', 'Minuten')} ohne Nutzung.`,
  newPin: 'Neue PIN',
  pinHint: '4 bis 12 Ziffern',
  setPin: 'PIN setzen',
  removePin: 'PIN entfernen',
};
