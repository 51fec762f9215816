/** English, by area. The shape of this object is the shape of every language. */
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

export const en = {
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

type Widen<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { [K in keyof T]: Widen<T[K]> };

/** What every language must say. A missing message does not compile. */
export type Messages = Widen<typeof en>;
