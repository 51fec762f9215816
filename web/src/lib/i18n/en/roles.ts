/** What people may do, and the roles that are made of it. */
import { count } from './count';

export const permissions = {
  browse: {
    name: 'Browse',
    text: 'See and search what one’s libraries hold.',
  },
  play: {
    name: 'Play',
    text: 'Play, and have the position kept.',
  },
  transcode: {
    name: 'Convert',
    text: 'Have films converted for devices that do not play them as they are.',
  },
  download: {
    name: 'Download',
    text: 'Keep copies of files on one’s own device.',
  },
  watch_together: {
    name: 'Watch together',
    text: 'Watch at the same time as others.',
  },
  personalize: {
    name: 'Own lists',
    text: 'Keep favourites and playlists, mark what was watched, choose languages and notifications.',
  },
  request: {
    name: 'Ask for titles',
    text: 'Look for films and series that are not here, and ask for them.',
  },
  change_password: {
    name: 'Change password',
    text: 'Change one’s own password.',
  },
  use_api_keys: {
    name: 'API keys',
    text: 'Let programs act in one’s name.',
  },
  invite: {
    name: 'Invite',
    text: 'Invite people by a link.',
  },
  manage_people: {
    name: 'Manage people',
    text: 'Make, change and delete accounts that may do no more than oneself.',
  },
  see_playing: {
    name: 'See what others play',
    text: 'Who plays what, where, right now.',
  },
  control_playing: {
    name: 'Stop what others play',
    text: 'With a message to them.',
  },
  scan_libraries: {
    name: 'Scan libraries',
    text: 'Have libraries read again, and see what could not be read.',
  },
  manage_libraries: {
    name: 'Manage libraries',
    text: 'Make, change and delete libraries; see the server’s folders.',
  },
  edit_metadata: {
    name: 'Edit metadata',
    text: 'Say what films are and what is said of them; see where their files lie.',
  },
  edit_images: {
    name: 'Edit pictures',
    text: 'Choose, add and delete pictures.',
  },
  manage_providers: {
    name: 'Manage providers',
    text: 'Say which sources describe films, with their keys.',
  },
  manage_jobs: {
    name: 'Manage jobs',
    text: 'See background work, stop it, have it tried again.',
  },
  manage_requests: {
    name: 'Answer requests',
    text: 'See what people ask for, and answer.',
  },
  see_audit: {
    name: 'See activity',
    text: 'Who did what: sign-ins, changes of accounts and settings.',
  },
  see_system: {
    name: 'See the system',
    text: 'How the server is doing.',
  },
  adult: {
    name: 'Enter the adult area',
    text: 'Where this server has one, after saying that one is old enough.',
  },
  administer: {
    name: 'Everything',
    text: 'All of this, and composing roles.',
  },
};

export const roles = {
  text: 'What people may do. Everybody has one role.',
  role: 'Role',
  add: 'Add role',
  allows: 'What it allows',
  deleted: 'Role deleted',
  needsFactor: 'Second factor demanded',
  needsFactorHint: 'Who has none sets one up at the next step they take, before anything else.',
  people: (n: number) => `${count(n, 'person has', 'people have')} it.`,
  builtIn: {
    admin: 'Administrator',
    manager: 'Manager',
    member: 'Member',
    child: 'Child',
    guest: 'Guest',
  },
  builtInTexts: {
    admin: 'May do everything.',
    manager: 'Looks after people and what the libraries say.',
    member: 'Watches, with favourites and lists of one’s own.',
    child: 'Watches. Others look after the password.',
    guest: 'Watches, on an account that several people may share.',
  },
};

export const invitations = {
  text: 'Links by which people make accounts of their own.',
  add: 'Invite',
  note: 'Whom is it for?',
  noteHint: 'For your own list.',
  uses: 'How many people?',
  life: 'Valid for',
  lives: { '1': '1 day', '7': '1 week', '30': '30 days', '90': '90 days' },
  create: 'Make link',
  made: 'The link is ready',
  madeText: 'Send it to those you invite. It is shown only now.',
  link: 'Link',
  copy: 'Copy link',
  copied: 'Copied',
  nobody: 'No note',
  used: (n: number, of: number) => `${n} of ${of} came`,
  ends: (when: string) => `ends ${when}`,
  over: 'over',
  by: (person: string) => `by ${person}`,
  takeBack: 'Take back',
  takenBack: 'Invitation taken back',
  none: 'No invitations',
  noneText: 'Invite somebody, and they choose their own name and password.',
};

export const join = {
  title: 'Welcome',
  text: (person: string) => `${person} invites you. Choose how you want to sign in.`,
  submit: 'Create account',
  gone: 'This invitation is over',
  goneText: 'It was used, taken back, or its time is up. Ask for a new one.',
  signIn: 'Sign in',
};

export const apiKeys = {
  text: 'With a key a program may act in your name, as far as you allow it.',
  add: 'New key',
  name: 'What is it for?',
  allows: 'What it may do',
  allowsText: 'It may always see what you see.',
  life: 'Valid for',
  lives: { '30': '30 days', '90': '90 days', '365': '1 year', never: 'No end' },
  create: 'Make key',
  made: 'The key is ready',
  madeText: 'Copy it into the program. It is shown only now.',
  secret: 'Key',
  copy: 'Copy key',
  copied: 'Copied',
  neverUsed: 'Never used',
  used: (when: string) => `Used ${when}`,
  ends: (when: string) => `ends ${when}`,
  over: 'over',
  delete: 'Delete',
  deleteTitle: (name: string) => `Delete “${name}”?`,
  deleteText: 'Programs with this key are refused from now on.',
  deleted: 'Key deleted',
  none: 'No keys',
  noneText: 'Make one for each program that should reach Revenge in your name.',
};
