/** What every page uses: navigation, states, forms, errors, kinds. */

export const nav = {
  main: 'Main navigation',
  home: 'Home',
  favourites: 'Favourites',
  collections: 'Collections',
  playlists: 'Playlists',
  requests: 'Requests',
  libraries: 'Libraries',
  search: 'Search',
  settings: 'Settings',
  account: 'Account',
  signOut: 'Sign out',
  skip: 'Skip to content',
  back: 'Back',
  breadcrumbs: 'Where you are',
  previous: 'Scroll back',
  following: 'Scroll on',
};

export const state = {
  loading: 'Loading',
  retry: 'Try again',
  home: 'Go to home',
  offline: 'The server does not answer',
  offlineText: 'Check that Revenge is running and that this device is on the same network.',
  forbidden: 'Not for this account',
  forbiddenText: 'Ask whoever runs this server if you should be able to see this.',
  notFound: 'Nothing here',
  notFoundText: 'It may have been moved or deleted, or it is in a library you cannot see.',
  server: 'Something went wrong',
  serverText: 'It is not your fault. The details are in the server’s log.',
  busy: 'Too many attempts',
  busyText: 'Wait a moment, then try again.',
  request: (id: string) => `Request ${id}`,
};

export const form = {
  save: 'Save',
  saved: 'Saved',
  cancel: 'Cancel',
  close: 'Close',
  delete: 'Delete',
  next: 'Continue',
  done: 'Done',
  add: 'Add',
  edit: 'Edit',
  more: 'More',
  loadMore: 'Show more',
  name: 'Name',
  password: 'Password',
  passwordHint: 'At least 8 characters. A few words make a good one.',
  showPassword: 'Show password',
  hidePassword: 'Hide password',
  required: 'Fill this in',
  tooShort: 'Use at least 8 characters',
  language: 'Language',
};

export const errors = {
  'notices.too_many_targets': 'These are as many as there may be. Delete one first.',
  'notices.not_signed': 'Only webhooks are signed.',
  'notices.still_waiting': 'It is on its way already.',
  'requests.already_here': 'It is here already. Look for it in your libraries.',
  'requests.too_many': 'You asked for as much as you may. Withdraw something first.',
  'requests.answered': 'It was answered meanwhile.',
  'adult.age_not_confirmed': 'Say first that you are old enough.',
  'playback.no_way_left':
    'The server could not convert this film, and there is no other way left to play it here.',
  'playback.too_many_streams':
    'Too much plays at once. Stop something first, or try again in two minutes.',
  'accounts.name_taken': 'This name is taken. Choose another one.',
  'accounts.role_name_taken': 'There is a role of that name. Choose another one.',
  'accounts.role_in_use': 'Somebody has this role. Give them another one first.',
  'accounts.challenge_over': 'That took too long, or was tried too often. Begin again.',
  'accounts.code_over': 'That code is over or was used. Ask for a new one.',
  'accounts.profile_needs_pin': 'They have no PIN. They must sign in with their password.',
  'accounts.too_many_profiles': 'Twenty people share this device already.',
  'accounts.outside_hours': 'This is outside of your hours.',
  'accounts.second_factor_needed': 'Your role demands a second factor. Set one up first.',
  'accounts.totp_in_use': 'An authenticator app is in use already. Turn it off first.',
  'accounts.no_passkeys_here': 'Passkeys need a name for the server. Open it by its name.',
  'accounts.passkey_known': 'That passkey was added before.',
  'accounts.too_many_passkeys': 'Nobody has more than twenty passkeys. Remove one first.',
  'setup.already_done': 'This server is set up already. Sign in instead.',
  'setup.wrong_code': 'That is not the code the server printed.',
  'images.unfetchable': 'The picture could not be fetched. Try again later, or choose another one.',
  'images.not_given': 'Only pictures that somebody added can be deleted.',
  'metadata.no_provider':
    'Nobody can be asked yet. Enter a key in the settings under Metadata first.',
  'metadata.key_refused':
    'The provider does not accept its key. Enter another one in the settings.',
  'metadata.provider_failed': 'The provider cannot be reached. Try again later.',
  'item.edit_undone': 'This was taken back already.',
  'item.edit_not_last': 'Only the last change of a field can be taken back.',
  'accounts.provider_begin_again':
    'This took too long, was used before, or began in another browser. Begin again.',
  'accounts.provider_refused': 'You were not signed in there. Begin again, or ask who runs it.',
  'accounts.provider_not_believed':
    'What came back does not hold. Begin again. If that does not help, ask who runs this server.',
  'accounts.provider_name_taken':
    'Somebody has an account of your name here. If that is you, sign in as before and connect the other account in the settings under Security.',
  'accounts.identity_in_use': 'That account signs somebody else in here.',
  'accounts.no_account': 'You have no account here that you may use. Ask who runs this server.',
  'accounts.no_proxy_name': 'Nobody said who you are. Sign in another way.',
  'accounts.last_way_in':
    'You could not sign in any more. Give yourself a password or a passkey first.',
  'accounts.password_off': 'Nobody signs in with a password here.',
  'accounts.passkey_off': 'Nobody signs in with a passkey alone here.',
  unavailable: 'A part of the server is not there now, or another server. Try again later.',
  unauthenticated: 'Sign in again.',
  forbidden: 'This account may not do that.',
  not_found: 'It no longer exists.',
  busy: 'Too many attempts. Wait a moment, then try again.',
  offline: 'The server does not answer.',
  internal: 'Something went wrong on the server. Its log has the details.',
} as Record<string, string>;

export const languages = { en: 'English', de: 'Deutsch' } as Record<string, string>;

export const kinds = {
  movies: 'Films',
  shows: 'Shows',
  movie: 'Film',
  series: 'Show',
  season: 'Season',
  episode: 'Episode',
  scenes: 'Scenes',
  scene: 'Scene',
};

/** Headings above several of a kind. */
export const kindGroups = {
  movie: 'Films',
  series: 'Shows',
  season: 'Seasons',
  episode: 'Episodes',
} as Record<string, string>;
