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
  removePin: 'Remove PIN',
};
