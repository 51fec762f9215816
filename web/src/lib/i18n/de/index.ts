/** Deutsch, nach Bereichen. */
import type { Messages } from '../en';
import * as adult from './adult';
import * as app from './app';
import * as artwork from './artwork';
import * as auth from './auth';
import * as browse from './browse';
import * as hours from './hours';
import * as imports from './imports';
import * as item from './item';
import * as metadata from './metadata';
import * as notifications from './notifications';
import * as player from './player';
import * as playlists from './playlists';
import * as profiles from './profiles';
import * as requests from './requests';
import * as roles from './roles';
import * as settings from './settings';

export const de: Messages = {
  ...adult,
  ...app,
  ...artwork,
  ...auth,
  ...browse,
  ...hours,
  ...imports,
  ...item,
  ...metadata,
  ...notifications,
  ...player,
  ...playlists,
  ...profiles,
  ...requests,
  ...roles,
  ...settings,
};
