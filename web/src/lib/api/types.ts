/**
 * The server's nouns under the names the app uses.
 *
 * Everything else imports from here, never from the generated `schema.ts`: a renamed schema touches this file only.
 */
import type { components, operations } from './schema';

type Schemas = components['schemas'];

export type ServerInfo = Schemas['ServerInfo'];
export type SignedIn = Schemas['SignedInView'];
export type Me = Schemas['Me'];
export type Profile = Schemas['ProfileView'];
export type SessionView = Schemas['SessionView'];
export type NewAccount = Schemas['SetUp'];
export type Credentials = Schemas['SignInBody'];
export type SecondQuestion = Schemas['SecondQuestionView'];
export type SecondAnswer = Schemas['SecondAnswerBody'];
export type SignInWays = Schemas['SignInWays'];
export type ProviderReturn = Schemas['ProviderReturn'];
export type Identity = Schemas['IdentityView'];
export type SecondFactor = Schemas['SecondFactorView'];
export type NewTotp = Schemas['NewTotpView'];
export type WaitingDevice = Schemas['WaitingDeviceView'];
export type Passkey = Schemas['PasskeyView'];
export type NewPasskey = Schemas['NewPasskey'];
export type PasskeyQuestion = Schemas['PasskeyQuestion'];
export type PasskeySignIn = Schemas['PasskeySignIn'];
export type PasswordChange = Schemas['PasswordChange'];

export type NoticeTarget = Schemas['TargetView'];
export type NoticeTargets = Schemas['Targets'];
export type TargetInput = Schemas['TargetInput'];
export type Delivery = Schemas['DeliveryView'];
export type MailServer = Schemas['MailServerView'];
export type MailServerInput = Schemas['MailServerInput'];
export type MailSecurity = Schemas['Security'];
/** Whose targets are meant. */
export type NoticeOwner = 'mine' | 'server';

export type Home = Schemas['Home'];
export type HomeRow = Schemas['HomeRow'];
export type Because = Schemas['Because'];
export type Library = Schemas['Library'];
export type NewLibrary = Schemas['NewLibrary'];
export type LibraryPatch = Schemas['LibraryPatch'];
export type ScanView = Schemas['ScanView'];
export type ScanRequest = Schemas['ScanRequest'];
export type Schedule = Schemas['Schedule'];
export type SplitFile = Schemas['SplitFile'];
export type Webhook = Schemas['Webhook'];
export type PathMapping = Schemas['PathMapping'];
export type ProblemFile = Schemas['LibraryProblem'];
export type FolderListing = Schemas['FolderListing'];

export type ItemCard = Schemas['ItemCard'];
export type PlaylistCard = Schemas['PlaylistCard'];
export type PlaylistEntry = Schemas['PlaylistEntry'];
export type NextEntry = Schemas['NextEntry'];
export type NewPlaylist = Schemas['NewPlaylist'];
export type PlaylistPatch = Schemas['PlaylistPatch'];
export type PlaylistAddition = Schemas['Addition'];
export type MyRequest = Schemas['MyRequest'];
export type TitleRequest = Schemas['TitleRequest'];
export type NewRequest = Schemas['NewRequest'];
export type RequestAnswer = Schemas['RequestAnswer'];
export type RequestState = Schemas['RequestState'];
export type RequestKind = Schemas['RequestKind'];
export type OfferedTitle = Schemas['OfferedTitle'];
export type SearchHit = Schemas['SearchHit'];
export type SearchFilter = Schemas['SearchFilter'];
export type NameHit = Schemas['NameHit'];
export type TextPiece = Schemas['TextPiece'];
export type Facet = Schemas['FacetView'];
export type SearchRules = Schemas['SearchRules'];
export type SearchSettings = Schemas['SearchSettings'];
export type ItemDetail = Schemas['ItemDetail'];
export type ImageRef = Schemas['ImageRef'];
export type ImageRole = Schemas['ImageRole'];
export type ImageChoice = Schemas['ImageChoice'];
export type RoleImages = Schemas['RoleImages'];
export type ItemImages = Schemas['ItemImages'];
export type Progress = Schemas['Progress'];
export type ProgressReport = Schemas['ProgressReport'];
export type FileView = Schemas['FileView'];
export type StreamView = Schemas['StreamView'];
export type Credit = Schemas['Credit'];
export type SearchResult = Schemas['Found'];

export type Playback = Schemas['PlaybackView'];
export type ClientProfile = Schemas['ClientProfile'];
export type GivenUp = Schemas['GivenUp'];
/** A stream of a file that the server could not convert. */
export type NotConverted = Schemas['NotConverted'];
export type PlaybackReason = Schemas['PlaybackReason'];
export type DrawnSubtitle = Schemas['DrawnSubtitleView'];
export type DrawnWindow = Schemas['DrawnWindowView'];
export type DrawnCue = Schemas['DrawnCueView'];
export type Styled = Schemas['Styled'];
export type Subtitle = Schemas['SubtitleView'];
export type Chapter = Schemas['Chapter'];
export type Trickplay = Schemas['TrickplayView'];
export type Segment = Schemas['Segment'];
export type SegmentKind = Schemas['SegmentKind'];
export type NewSegment = Schemas['NewSegment'];
export type Segments = Schemas['Segments'];
export type AnalysisSettings = Schemas['AnalysisSettings'];
export type Taste = Schemas['Taste'];
export type Choice = Schemas['Choice'];
export type Playing = Schemas['PlayingView'];
export type PlayerOrder = Schemas['PlayerCommand'];
export type Group = Schemas['GroupView'];
export type GroupMove = Schemas['GroupMove'];
export type MemberReport = Schemas['MemberReport'];

export type Permission = Schemas['Permission'];
export type Role = Schemas['RoleView'];
export type RoleRef = Schemas['RoleRef'];
export type NewRole = Schemas['NewRole'];
export type RolePatch = Schemas['RolePatchBody'];
export type Invitation = Schemas['InvitationView'];
export type NewInvitation = Schemas['NewInvitationBody'];
export type Arrival = Schemas['ArrivalBody'];
export type ApiKey = Schemas['ApiKeyView'];
export type NewApiKey = Schemas['NewApiKey'];
export type Act = Schemas['AuditView'];
export type Person = Schemas['PersonView'];
export type NewPerson = Schemas['NewPersonBody'];
export type PersonPatch = Schemas['PersonPatchBody'];
export type PersonLimits = Schemas['PersonLimits'];
export type LibraryLimits = Schemas['LibraryLimits'];
export type Span = Schemas['Span'];
export type Weekday = Schemas['Weekday'];
export type PersonParental = Schemas['PersonParental'];
export type Job = Schemas['Job'];
export type QueueName = Schemas['Queue'];
export type JobSchedule = Schemas['ScheduleView'];
export type Rule = Schemas['Rule'];
export type Backup = Schemas['BackupView'];
export type BackupAttempt = Schemas['BackupAttempt'];
/** What is always sent, though the document has a default for each field. */
type Sent<T> = T extends (infer U)[]
  ? Sent<U>[]
  : T extends object
    ? { [K in keyof T]-?: Sent<NonNullable<T[K]>> }
    : T;
export type Import = Omit<Schemas['ImportView'], 'report' | 'brought'> & {
  report?: ImportReport | null;
  brought: Record<string, Sent<Schemas['ImportView']['brought'][string]>>;
};
export type NewImport = Schemas['NewImportBody'];
export type ImportSource = Schemas['ImportSource'];
export type ImportPlan = Schemas['ImportPlan'];
export type ImportTarget = Schemas['ImportTarget'];
export type ImportReport = Sent<Schemas['ImportReport']>;
export type MissingItem = Schemas['ImportMissingItem'];
export type System = Schemas['SystemView'];
export type Problem = Schemas['Problem'];

/** What `GET /items` can be asked for. */
export type ItemFilter = NonNullable<operations['list_items']['parameters']['query']>;
export type ItemSort = NonNullable<ItemFilter['sort']>;
export type SearchSort = NonNullable<
  NonNullable<operations['search_items']['parameters']['query']>['sort']
>;
export type JobFilter = NonNullable<
  NonNullable<operations['list_jobs']['parameters']['query']>['state']
>;

/** One page of a list; `next` is the cursor of the following page, absent on the last. */
export interface Page<T> {
  items: T[];
  next?: string | null;
}

export type ReviewItem = Schemas['ReviewItem'];
export type MatchCandidate = Schemas['MatchCandidate'];
export type NewMatch = Schemas['NewMatch'];
export type ItemPatch = Schemas['ItemPatch'];
export type CreditEdit = Schemas['CreditEdit'];
export type Edit = Schemas['EditView'];
export type ItemSources = Schemas['ItemSources'];

/** What `GET /items/{id}/matches` can be asked for. */
export type MatchQuery = NonNullable<operations['list_matches']['parameters']['query']>;

export type MissingEpisode = Schemas['MissingEpisode'];
export type CollectionCard = Schemas['CollectionCard'];
export type CastItem = Schemas['CastItem'];
export type CastPart = Schemas['CastPart'];
export type MetadataSettings = Schemas['MetadataSettings'];
export type MetadataPatch = Schemas['MetadataPatch'];
export type Provider = Schemas['ProviderView'];
export type Servarr = Schemas['ServarrView'];
export type ServarrEntry = Schemas['ServarrEntry'];
export type LibraryMetadata = Schemas['LibraryMetadata'];
