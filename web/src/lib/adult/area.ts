/**
 * Which side this page was loaded on: everybody's, or the adult area. Whoever crosses the border loads the page anew, so
 * nothing that one side keeps in memory is ever there on the other.
 */
const HOME = '/adult';

export const adultHome = HOME;

export const isAdultPath = (path: string): boolean => path === HOME || path.startsWith(`${HOME}/`);

export const IN_ADULT = typeof location !== 'undefined' && isAdultPath(location.pathname);

const API = '/api/v1';

/** What is about the account and the server, and the same on both sides. */
const SHARED = [
  'audit',
  'invitations',
  'me',
  'people',
  'quick-connect',
  'roles',
  'server',
  'sessions',
  'setup',
  'system',
];

/** Where the content of this side is. */
export const contentAddress = (path: string, isInside = IN_ADULT): string =>
  `${API}${isInside ? HOME : ''}${path}`;

/** An address of the API as this side means it. */
export function areaAddress(url: string, isInside = IN_ADULT): string {
  if (!isInside || !url.startsWith(`${API}/`)) return url;
  const path = url.slice(API.length);
  const first = path.slice(1).split(/[/?]/, 1)[0] ?? '';
  return SHARED.includes(first) ? url : contentAddress(path, isInside);
}

/** `fetch`'s request for an address as this side means it. */
export class AreaRequest extends Request {
  constructor(input: RequestInfo | URL, init?: RequestInit) {
    super(typeof input === 'string' ? areaAddress(input) : input, init);
  }
}
