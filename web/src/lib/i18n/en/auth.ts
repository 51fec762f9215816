/** The set-up wizard and the page of sign-in. */
import { count } from './count';

export const setup = {
  title: 'Set up Revenge',
  step: (n: number, of: number) => `Step ${n} of ${of}`,
  welcome: 'Welcome',
  welcomeText: 'A few minutes from here to your first film. Nothing leaves this machine.',
  accountTitle: 'Your account',
  accountText: 'You run this server, so this account may do everything.',
  code: 'Setup code',
  codeHint: 'The server printed it when it started. It proves that this server is yours.',
  libraryTitle: 'Your first library',
  libraryText: 'Revenge reads your files where they are. It never moves, renames or changes them.',
  scanTitle: 'Reading your library',
  scanWaits: 'About to begin',
  scanText: 'You can look around while this goes on.',
  doneTitle: 'Ready',
  doneText: (n: number) => `${count(n, 'title is', 'titles are')} waiting for you.`,
  emptyTitle: 'Nothing found yet',
  emptyText: 'The folder holds no files of this kind. You can add folders in the settings.',
  providers: 'No keys needed',
  providersText:
    'Titles, artwork and details come from your files, their names and the NFO files beside them. With a key for a provider such as TMDb or TheTVDB in the settings you also get posters, overviews, cast and ratings from the net. You can add one at any time.',
  openHome: 'Start watching',
  start: 'Let’s go',
  skip: 'Later',
  addLibrary: 'Add and scan',
  createAccount: 'Create account',
};

export const signIn = {
  title: 'Welcome back',
  text: (server: string) => `Sign in to ${server}`,
  submit: 'Sign in',
  wrong: 'Name or password is wrong.',
  passkey: 'Sign in with a passkey',
  wrongPasskey: 'This server does not know that passkey.',
  withProvider: (name: string) => `Sign in with ${name}`,
  continueAs: (name: string) => `Go on as ${name}`,
  arriving: 'Signing you in',
  failed: 'That did not work',
  linkText: 'This link signs you in once.',
};

export const quickConnect = {
  use: 'Use a device that is signed in',
  title: 'Quick connect',
  steps: 'On a device that is signed in, open Settings, Security, and enter this code.',
  code: 'Code',
  waits: 'Waiting for the other device',
  again: 'New code',
  connect: 'Quick connect',
  connectText: 'Signs in a television or another device that shows a code.',
  unknown: 'No device shows that code.',
  letInTitle: 'Sign this device in?',
  letInText: (what: string) => `${what}. It may then do all that you may.`,
  letInButton: 'Sign it in',
  letIn: 'The device is signed in',
};

export const secondStep = {
  title: 'One more step',
  totpText: 'Enter the code that your authenticator app shows.',
  passkeyText: 'Your password was right. Now unlock your passkey.',
  recoveryText: 'Enter one of your recovery codes. It is used up by this.',
  code: 'Code',
  recoveryCode: 'Recovery code',
  passkey: 'Use a passkey',
  useRecovery: 'Use a recovery code',
  useOther: 'Use something else',
  wrong: 'That is not right, or was used before.',
};

/** Before anything else, for whose role demands a second factor. */
export const demandedFactor = {
  title: 'One thing first',
  text: 'Your role demands a second factor beside the password. Set up one of these, and you can go on.',
};
