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
  boxes: 'Szenendatenbanken',
  boxesText:
    'Datenbanken, die die Sprache von stash-box sprechen, etwa StashDB. Jede will den Schlüssel eines Kontos dort. Sie bekommen Prüfsummen von Dateien, und Titel, wo keine bekannt ist; solange hier keine eingetragen ist, wird niemand gefragt.',
  noBox: 'Keine Datenbank wird gefragt.',
  duplicates: 'Doppeltes',
  duplicatesText:
    'Dateien, die gleich sind oder gleich aussehen. Nichts wird von selbst gelöscht: Hier sagst du, was sie sind.',
  noDuplicates: 'Nichts Doppeltes',
  noDuplicatesText:
    'Dateien werden einige Zeit nach einem Scan verglichen, während niemand etwas abspielt. Was doppelt da ist, erscheint hier.',
  sameBytes: 'Dieselbe Datei',
  looksAlike: (bits) =>
    bits === 0
      ? 'Sieht gleich aus'
      : `Sieht ähnlich aus (${count(bits, 'Bit', 'Bits')} von 64 verschieden)`,
  moreFiles: (n) => `und ${count(n, 'weitere Datei', 'weitere Dateien')}`,
  keepApart: 'Nicht dasselbe',
  keepBeside: 'Behalten',
  keptApart: 'Diese Datei wird nicht mehr bei diesen gezeigt.',
  makeVersions: 'Fassungen einer Szene daraus machen',
  madeVersions: 'Sie sind jetzt Fassungen einer Szene.',
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
  exportText:
    'Was du in diesem Bereich gespielt, gemerkt, bewertet und verborgen hast, als eine Datei. Der Export deines Kontos enthält nichts davon.',
  removePin: 'PIN entfernen',
};
