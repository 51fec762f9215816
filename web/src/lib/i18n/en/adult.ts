/** The adult area. */
import { count } from './count';

export const adult = {
  title: 'Adult area',
  ageText:
    'What is in here is for adults only. Go on if you are old enough for it where you live. You are asked once.',
  confirmAge: 'I am old enough',
  openText: 'The area is closed on this device.',
  open: 'Open',
  leave: 'Back',
  close: 'Close',
  scenes: 'Scenes',
  performers: 'Performers',
  studios: 'Studios',
  studio: 'Studio',
  tags: 'Tags',
  scenesOf: (n: number) => count(n, 'scene', 'scenes'),
  none: 'Nothing here yet',
  noneText: 'What a scan finds in the libraries of this area appears here.',
  boxes: 'Scene databases',
  boxesText:
    'Databases that speak the language of stash-box, such as StashDB. Each wants a key of an account there. They are sent hashes of files, and titles where no hash is known; without one entered here, nobody is asked.',
  noBox: 'No database is asked.',
  duplicates: 'Duplicates',
  duplicatesText:
    'Files that are the same or look the same. Nothing is deleted by itself: here you say what they are.',
  noDuplicates: 'No duplicates',
  noDuplicatesText:
    'Files are compared some time after a scan, while nobody plays anything. What is there twice appears here.',
  sameBytes: 'The same file',
  looksAlike: (bits: number) =>
    bits === 0 ? 'Looks the same' : `Looks alike (${count(bits, 'bit', 'bits')} of 64 differ)`,
  moreFiles: (n: number) => `and ${count(n, 'more file', 'more files')}`,
  keepApart: 'Not the same',
  keepBeside: 'Keep it',
  keptApart: 'This file is not listed with these any more.',
  makeVersions: 'Make versions of one scene',
  madeVersions: 'They are versions of one scene now.',
  searchHint: 'Title, performer or tag',
  noHits: 'Nothing in this area is called so.',
  pin: 'PIN',
  pinText: 'Type your PIN to open the area on this device.',
  wrongPin: 'This is not your PIN.',
  showPin: 'Show PIN',
  hidePin: 'Hide PIN',
  pinAbout: (minutes: number) =>
    `With a PIN, nobody else opens the area on your devices. It closes after ${count(minutes, 'minute', 'minutes')} without use.`,
  newPin: 'New PIN',
  pinHint: '4 to 12 digits',
  setPin: 'Set PIN',
  exportText:
    'What you played, loved, rated and hid in this area, as one file. The export of your account has none of it.',
  removePin: 'Remove PIN',
};
