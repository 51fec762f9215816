/**
 * The server's nouns under the names the app uses.
 *
 * Everything else imports from here, never from the generated `schema.ts`: a renamed schema touches this file only.
 */
import type { components, operations } from './schema';

type Schemas = components['schemas'];

export type ServerInfo = Schemas['ServerInfo'];
export type SignedIn = Schemas['SignedIn'];
export type Me = Schemas['Me'];
export type SessionView = Schemas['SessionView'];
export type NewAccount = Schemas['SetupBody'];
export type Credentials = Schemas['SignInBody'];
export type PasswordChange = Schemas['PasswordChange'];

export type Home = Schemas['Home'];
export type HomeRow = Schemas['HomeRow'];
export type Library = Schemas['Library'];
export type LibraryKind = Library['kind'];
export type NewLibrary = Schemas['NewLibrary'];
export type LibraryPatch = Schemas['LibraryPatch'];
export type ScanView = Schemas['ScanView'];
export type ProblemFile = Schemas['ProblemFile'];
export type FolderListing = Schemas['FolderListing'];

export type ItemCard = Schemas['ItemCard'];
export type ItemDetail = Schemas['ItemDetail'];
export type ItemKind = ItemCard['kind'];
export type ImageRef = Schemas['ImageRef'];
export type Progress = Schemas['Progress'];
export type ProgressReport = Schemas['ProgressReport'];
export type FileView = Schemas['FileView'];
export type StreamView = Schemas['StreamView'];
export type Credit = ItemDetail['credits'][number];
export type SearchResult = Schemas['SearchResult'];

export type Playback = Schemas['Playback'];
export type Subtitle = Playback['subtitles'][number];
export type Chapter = Playback['chapters'][number];

export type Person = Schemas['PersonView'];
export type NewPerson = Schemas['NewPerson'];
export type PersonPatch = Schemas['PersonPatch'];
export type Job = Schemas['JobView'];
export type System = Schemas['SystemView'];
export type Problem = Schemas['Problem'];

/** What `GET /items` can be asked for. */
export type ItemFilter = NonNullable<operations['list_items']['parameters']['query']>;
export type ItemSort = NonNullable<ItemFilter['sort']>;
export type JobFilter = NonNullable<
  NonNullable<operations['list_jobs']['parameters']['query']>['state']
>;

/** One page of a list; `next` is the cursor of the following page, absent on the last. */
export interface Page<T> {
  items: T[];
  next?: string | null;
}
